"""The OpenAPI 3.1 document of the interface: GET /openapi.json for programs, GET /docs as a page for people.

It is written by hand, in the JSON files of openapi/: one per part of the interface, with paths and schemas, and
about.json for what they share. Tests compare it with the server. The page needs no JavaScript and no other host.
"""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, request
from markupsafe import Markup, escape

from web import translations
from web.answers import revalidated

FOLDER: Final = Path(__file__).parent / "openapi"
PARTS: Final = ("reading", "inspecting", "models", "corrections", "running")
PROBES: Final = ("/healthz", "/readyz", "/metrics")
EXAMPLES_AT: Final = "http://127.0.0.1:8000/"
REQUEST_ID: Final = {"X-Request-ID": {"$ref": "#/components/headers/requestId"}}

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Answer with the document."""
    return revalidated(Response(_text(), mimetype="application/json"))


@blueprint.get("/docs")
def docs() -> Response:
    """Show all operations and schemas."""
    sections, schemas = _page()
    return translations.page("docs.html", sections=sections, schemas=schemas, at=EXAMPLES_AT, here=request.host_url)


@blueprint.app_template_filter("code")
def code(text: str) -> Markup:
    """Put text in backticks into <code> elements."""
    pieces = [escape(piece) for piece in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(one) if i % 2 else one for i, one in enumerate(pieces))


def document() -> dict[str, Any]:
    """Assemble the document."""
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
    """Add the answers that every operation has but those for probes (web/limits.py)."""
    responses = operation["responses"]
    if path not in PROBES:
        responses.setdefault("429", {"$ref": "#/components/responses/TooOften"})
        responses.setdefault("503", {"$ref": "#/components/responses/Unavailable"})
    if "requestBody" in operation:
        responses.setdefault("408", {"$ref": "#/components/responses/TooSlow"})
    operation["responses"] = dict(sorted(responses.items()))


def _operations(path: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for name, operation in path.items() if name != "parameters"]


def _load(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


@cache
def _text() -> str:
    return json.dumps(document(), ensure_ascii=False)


@cache
def _page() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the operations by tag, with references resolved, and the schemas by name."""
    spec = document()
    sections = [{**tag, "operations": []} for tag in spec["tags"]]
    by_tag = {section["name"]: section["operations"] for section in sections}
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
                by_tag[operation["tags"][0]].append(
                    {
                        **operation,
                        "path": path,
                        "method": method.upper(),
                        "parameters": [_resolved(spec, one) for one in parameters],
                        "body": _resolved(spec, operation.get("requestBody", {})),
                        "answers": {
                            status: _resolved(spec, answer) for status, answer in operation["responses"].items()
                        },
                    }
                )
    return sections, spec["components"]["schemas"]


def _resolved(spec: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Resolve a reference."""
    if "$ref" not in part:
        return part
    for key in part["$ref"].removeprefix("#/").split("/"):
        spec = spec[key]
    return spec
