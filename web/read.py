"""POST /read: one number an image."""

from typing import Any

from flask import Blueprint

from model import numbers
from model.numbers import Number
from model.recognizer import Recognizer
from web.answers import answer, network_input
from web.request_body import Body

blueprint = Blueprint("read", __name__)


@blueprint.post("/read")
def read() -> dict[str, Any]:
    """Read the number in each image, or in a drawing."""
    return answer(_read, _result)


def _read(recognizer: Recognizer, body: Body) -> list[Number]:
    if body.drawing is not None:
        return [numbers.read_drawing(recognizer, body.drawing)]
    return numbers.read_files(recognizer, body.files)


def _result(number: Number) -> dict[str, Any]:
    digits = [{**digit.document(), **network_input(digit.reading)} for digit in number.digits]
    return {**number.document(), "digits": digits}
