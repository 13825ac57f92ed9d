"""GET /openapi.json: the interface as an OpenAPI 3.1 document, for programs; /docs is made from it, for people.

It is written by hand, in the JSON files of the folder openapi/ beside this file: a file for each part of the interface
with its paths and schemas, and about.json with what all have in common. Tests hold it against the server.
"""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, request

FOLDER: Final = Path(__file__).parent / "openapi"
PARTS: Final = ("reading", "inspecting", "models", "corrections", "running")
PROBES: Final = ("/healthz", "/readyz", "/metrics")
REQUEST_ID: Final = {"X-Request-ID": {"$ref": "#/components/headers/requestId"}}

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Give the document."""
    answer = Response(_text(), mimetype="application/json")
    answer.add_etag()
    answer.cache_control.no_cache = True
    answer.make_conditional(request)
    return answer


def document() -> dict[str, Any]:
    """Put the parts together."""
    joined = _load("about")
    components = joined["components"]
    joined["paths"] = paths = {}
    for name in PARTS:
        part = _load(name)
        paths.update(part["paths"])
        for kind in ("schemas", "requestBodies"):
            components.setdefault(kind, {}).update(part.get(kind, {}))
    for name, path in paths.items():
        for operation in _operations(path):
            _add_common(name, operation)
    answers = list(components["responses"].values())
    for path in paths.values():
        answers += [answer for operation in _operations(path) for answer in operation["responses"].values()]
    for answer in answers:
        if "$ref" not in answer:
            answer["headers"] = {**answer.get("headers", {}), **copy.deepcopy(REQUEST_ID)}
    return joined


def _add_common(path: str, operation: dict[str, Any]) -> None:
    """Add what any address may answer, but for those that probes ask (web/limits.py)."""
    found = operation["responses"]
    if path not in PROBES:
        found.setdefault("429", {"$ref": "#/components/responses/TooOften"})
        found.setdefault("503", {"$ref": "#/components/responses/Unavailable"})
    if "requestBody" in operation:
        found.setdefault("408", {"$ref": "#/components/responses/TooSlow"})
    operation["responses"] = dict(sorted(found.items()))


def _operations(path: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for name, operation in path.items() if name != "parameters"]


def _load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found


@cache
def _text() -> str:
    return json.dumps(document(), ensure_ascii=False)
