"""The page, and what it answers where there is no JavaScript."""

from flask import Blueprint, Response

from model import numbers
from model.numbers import Number
from model.recognizer import Recognizer
from web import request_trace, translations
from web.answers import answer
from web.problems import Problem
from web.request_body import Body

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def index() -> Response:
    """Show the drawing pad."""
    return translations.page("index.html")


@blueprint.post("/")
def upload() -> Response:
    """Answer the upload form with a page of its own."""
    try:
        return translations.page("answer.html", result=answer(_read, Number.document), problem=None)
    except Problem as problem:
        request_trace.refused(problem.title)
        return translations.page("answer.html", problem.status, result=None, problem=problem.detail)


def _read(recognizer: Recognizer, body: Body) -> list[Number]:
    return numbers.read_files(recognizer, body.files)
