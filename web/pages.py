"""The page, and what it answers where there is no JavaScript."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from model import numbers
from model.numbers import Number
from model.recognizer import Recognizer
from web import words
from web.answers import answer
from web.bodies import Body
from web.problems import Problem

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def index() -> Response:
    """Show the drawing pad."""
    return _page("index.html")


@blueprint.post("/")
def upload() -> Response:
    """Answer the upload form with a page of its own."""
    try:
        return _page("answer.html", result=answer(_read, Number.document), problem=None)
    except Problem as problem:
        return _page("answer.html", problem.status, result=None, problem=problem.detail)


def _read(recognizer: Recognizer, body: Body) -> list[Number]:
    return numbers.read_files(recognizer, body.files)


def _page(template: str, status: int = 200, **values: Any) -> Response:
    """Render a template in the language that the request wants."""
    language = words.language(request)
    others = [other for other in words.LANGUAGES if other != language]
    page = render_template(
        template,
        words=words.words(language),
        language=language,
        others={other: words.words(other)["language"] for other in others},
        **values,
    )
    return words.remember(request, make_response(page, status))
