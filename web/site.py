"""The page as a folder that any static host serves: what this server would answer, written down.

    python -m model export --site DIR

The page then reads in the browser (static/ondevice/). Its addresses are relative, so that the folder may lie anywhere.
"""

import hashlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from flask import Flask

from model.errors import DigitpadError
from web import service_worker, translations
from web.headers import POLICY
from web.recognizers import ON_DEVICE, in_service

MARK: Final = ".digitpad-site"  # the file by which a later export knows a folder that it may replace
PANELS: Final = ("inside", "kernel", "card")  # the others ask the server
NOT_IN_META: Final = ("frame-ancestors",)  # browsers ignore it there, and say so


class SiteError(DigitpadError):
    """The site cannot be written. The message says why and what to do."""


@dataclass(frozen=True)
class Site:
    """What the templates ask of a site."""

    panels: tuple[str, ...]
    policy: str


def write(create_app: Callable[[Mapping[str, Any]], Flask], weights: Path, target: Path) -> int:
    """Write the site into the folder `target`, with the networks in the folder `weights`. Returns its size in bytes.

    The folder is made, or replaced as a whole if an earlier export made it. Raises SiteError.
    """
    missing = [f"{name}.safetensors" for name in ON_DEVICE if not (weights / f"{name}.safetensors").is_file()]
    if missing:
        raise SiteError(f"{weights} lacks {' and '.join(missing)}: train what is missing, and export the site then.")
    if target.exists() and not target.is_dir():
        raise SiteError(f"{target} is a file: name a folder.")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).exists():
        raise SiteError(f"{target} holds something else than a site that was exported: name a new or an empty folder.")
    try:
        with _replacing(target) as folder:
            _fill(folder, create_app, weights)
            return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    except OSError as error:
        raise SiteError(f"{target} cannot be written ({error.strerror or error}).") from error


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Yield a folder that takes the place of `target` when the block ends, unless it raises."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as place:
        new, old = Path(place) / "new", Path(place) / "old"
        new.mkdir()
        yield new
        if target.exists():
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise


def _fill(folder: Path, create_app: Callable[[Mapping[str, Any]], Flask], weights: Path) -> None:
    (folder / "weights").mkdir()
    for name in ON_DEVICE:
        shutil.copyfile(weights / f"{name}.safetensors", folder / "weights" / f"{name}.safetensors")
    with tempfile.TemporaryDirectory() as alone:  # these networks without those beside them, which stay at the server
        for path in weights.iterdir():
            if path.stem in ON_DEVICE and path.is_file():
                shutil.copyfile(path, Path(alone) / path.name)
        app = create_app(
            {"WEIGHTS": alone, "MODEL": ON_DEVICE[0], "RELOAD": False, "CORRECTIONS": False, "RATE_LIMIT": ""}
        )
        if why := in_service(app).failures.get(ON_DEVICE[0]):
            raise SiteError(f"The site needs {ON_DEVICE[0]}, which cannot be used: {why}")
        static = Path(str(app.static_folder))
        kept = service_worker.files(static)
        for name in kept:
            (folder / "static" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(static / name, folder / "static" / name)
        answers = _answers(app, folder / "data")
        pages = _pages(app, folder)
        listed = [*pages, *(f"static/{name}" for name in kept), *answers]
        version = service_worker.digest(Path(app.root_path), *_versions(weights))
    files = [f"weights/{name}.safetensors" for name in ON_DEVICE]
    (folder / service_worker.SCRIPT).write_text(service_worker.script(static, version, listed, files), "utf-8")
    (folder / MARK).write_text(f"{version}\n", "utf-8")


def _answers(app: Flask, folder: Path) -> list[str]:
    """Write the answers that the panels ask for. Returns their addresses in the site."""
    name, client = ON_DEVICE[0], app.test_client()
    card = client.get(f"/models/{name}").get_json()
    kernels = [f"models/{name}/kernels/{layer}" for layer in in_service(app).loaded[name].kernels()]
    cards = [f"models/{each}" for each in ON_DEVICE]
    addresses = ["models", *cards, *kernels, *_examples(name, card)]
    found = {re.sub(r"[?&=+]", "-", address): client.get(f"/{address}").get_json() for address in addresses}
    for address, answer in found.items():
        path = folder / f"{address}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(answer, separators=(",", ":")), "utf-8")
    return [f"data/{address}.json" for address in found]


def _examples(name: str, card: Mapping[str, Any]) -> Iterator[str]:
    """List the addresses of the examples in each cell of a card's confusion matrices that is not empty."""
    classes = card["classes"]
    for held_out in (held_out for held_out, count in card["examples"].items() if count):
        for true, row in zip(classes, card["confusion"][held_out], strict=True):
            for read in (read for read, count in zip(classes, row, strict=True) if count):
                yield f"models/{name}/examples?{urlencode({'set': held_out, 'true': true, 'read': read})}"


def _versions(weights: Path) -> list[str]:
    return [hashlib.sha256((weights / f"{name}.safetensors").read_bytes()).hexdigest() for name in ON_DEVICE]


def _pages(app: Flask, folder: Path) -> list[str]:
    """Write the page in each language, the default one at the top. Returns their addresses in the site."""
    policy = "; ".join(rule for rule in POLICY.split("; ") if not rule.startswith(NOT_IN_META))
    places = {
        language: "" if language == translations.LANGUAGES[0] else f"{language}/" for language in translations.LANGUAGES
    }
    for language, place in places.items():
        up = "../" * place.count("/")

        def url_for(endpoint: str, up: str = up, **values: Any) -> str:
            match endpoint:
                case "static":
                    return f"{up}static/{values['filename']}"
                case "weights.weights":
                    return f"{up}weights/{values['name']}.safetensors"
                case "pages.index":
                    return f"{up}{places[values['lang']] if 'lang' in values else ''}" or "./"
            raise LookupError(f"a site has no {endpoint}")

        with app.test_request_context("/"):
            text = translations.render("index.html", language, url_for=url_for, site=Site(PANELS, policy))
        (folder / place).mkdir(exist_ok=True)
        (folder / place / "index.html").write_text(text, "utf-8")
    return [place or "./" for place in places.values()]


def main() -> int:
    """Write a site; see model/commands/export.py."""
    from app import HOME, create_app

    try:
        size = write(create_app, HOME / "weights", Path(sys.argv[1]))
    except DigitpadError as error:
        print(f"model: {error}", file=sys.stderr)
        return 1
    print(f"{sys.argv[1]}: {size / 1e6:.1f} MB. To look at it: python -m http.server --directory {sys.argv[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
