"""The page, and what it answers where there is no JavaScript."""

from flask import Blueprint, Response

from model.inference import numbers
from model.inference.numbers import Number
from model.inference.recognizer import Recognizer
from web import trace, words
from web.answers import answer
from web.bodies import Body
from web.problems import Problem

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def index() -> Response:
    """Show the drawing pad."""
    return words.page("index.html")


@blueprint.post("/")
def upload() -> Response:
    """Answer the upload form with a page of its own."""
    try:
        return words.page("answer.html", result=answer(_read, Number.document), problem=None)
    except Problem as problem:
        trace.refused(problem.title)
        return words.page("answer.html", problem.status, result=None, problem=problem.detail)


def _read(recognizer: Recognizer, body: Body) -> list[Number]:
    return numbers.read_files(recognizer, body.files)
