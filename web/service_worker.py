"""GET /service-worker.js: static/service-worker.js, told what belongs to this version of the page.

With it, the page that was opened once starts without a network, and can be installed as an app.
"""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, current_app

from web.answers import revalidated
from web.recognizers import ON_DEVICE, recognizers

blueprint = Blueprint("service_worker", __name__)
SCRIPT: Final = "service-worker.js"
ELSEWHERE: Final = ("corrections.css", "docs.css", SCRIPT)  # in static/, and not of the page


@blueprint.get(f"/{SCRIPT}")
def service_worker() -> Response:
    """Answer with the script. It changes with every file of the page and with the weights."""
    known = recognizers()
    default = known.loaded.get(ON_DEVICE[0])
    companions = [known.companions.get(name) for name in ON_DEVICE[1:]]
    versions = {
        name: one.version for name, one in zip(ON_DEVICE, [default, *companions], strict=True) if one is not None
    }
    pages = ["./", *(f"static/{name}" for name in files(Path(str(current_app.static_folder))))]
    weights = [f"weights/{name}.safetensors" for name in versions]
    state = digest(Path(current_app.root_path), *sorted(versions.values()))
    return revalidated(
        Response(script(Path(str(current_app.static_folder)), state, pages, weights), mimetype="text/javascript")
    )


@cache
def files(static: Path) -> tuple[str, ...]:
    """List the page's files in static/."""
    found = sorted(path.relative_to(static).as_posix() for path in static.rglob("*") if path.is_file())
    return tuple(name for name in found if name not in ELSEWHERE)


@cache
def digest(home: Path, *versions: str) -> str:
    """Return a digest of everything that the page is made of: templates, texts, files, and the versions of weights."""
    state = hashlib.sha256("\n".join(versions).encode())
    for folder in ("static", "templates", "web/translations"):
        for path in sorted((home / folder).rglob("*")):
            if path.is_file():
                state.update(path.read_bytes())
    return state.hexdigest()[:16]


def script(static: Path, version: str, pages: Iterable[str], weights: Iterable[str]) -> str:
    """Write the service worker for these addresses, which are relative to its own."""
    told = {"VERSION": version, "FILES": list(pages), "WEIGHTS": list(weights)}
    constants = "\n".join(f"const {name} = {json.dumps(value)};" for name, value in told.items())
    return f"{constants}\n\n{(static / SCRIPT).read_text('utf-8')}"
