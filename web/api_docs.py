"""GET /docs: the interface for people, made from the OpenAPI document. It needs no JavaScript and no other host."""

from functools import cache
from typing import Any, Final

from flask import Blueprint, Response, request
from markupsafe import Markup, escape

from web import openapi, translations

EXAMPLES_AT: Final = "http://127.0.0.1:8000/"

blueprint = Blueprint("api_docs", __name__)


@blueprint.get("/docs")
def show() -> Response:
    """Show the interface: every address, and every shape of what goes in and comes out."""
    sections, schemas = _told()
    return translations.page("docs.html", sections=sections, schemas=schemas, at=EXAMPLES_AT, here=request.host_url)


@blueprint.app_template_filter("code")
def code(text: str) -> Markup:
    """Mark what stands in backticks as code."""
    pieces = [escape(piece) for piece in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(one) if i % 2 else one for i, one in enumerate(pieces))


@cache
def _told() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Sort the operations by their tags, with all that they share put in its place; and the schemas by their names."""
    document = openapi.document()
    sections = [{**tag, "operations": []} for tag in document["tags"]]
    by_tag = {section["name"]: section["operations"] for section in sections}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
                by_tag[operation["tags"][0]].append(
                    {
                        **operation,
                        "path": path,
                        "method": method.upper(),
                        "parameters": [_found(document, one) for one in parameters],
                        "body": _found(document, operation.get("requestBody", {})),
                        "answers": {
                            status: _found(document, answer) for status, answer in operation["responses"].items()
                        },
                    }
                )
    return sections, document["components"]["schemas"]


def _found(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference to what it names."""
    if "$ref" not in part:
        return part
    for key in part["$ref"].removeprefix("#/").split("/"):
        document = document[key]
    return document
