"""The page, and its upload form for browsers without JavaScript."""

from flask import Blueprint, Response

from model.inference.numbers import Number
from web import request_trace, translations
from web.answers import answer, read_numbers
from web.problems import Problem

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def index() -> Response:
    """Show the drawing pad."""
    return translations.page("index.html")


@blueprint.post("/")
def upload() -> Response:
    """Answer the upload form with a page."""
    try:
        return translations.page("answer.html", result=answer(read_numbers, Number.document), problem=None)
    except Problem as problem:
        request_trace.refused(problem.title)
        return translations.page("answer.html", problem.status, result=None, problem=problem.detail)
