"""POST /read: one number per image."""

from typing import Any

from flask import Blueprint

from model.inference.numbers import Number
from web.answers import answer, network_input, read_numbers

blueprint = Blueprint("read", __name__)


@blueprint.post("/read")
def read() -> dict[str, Any]:
    """Read the number in each image, or in a drawing."""
    return answer(read_numbers, _result)


def _result(number: Number) -> dict[str, Any]:
    digits = [{**digit.document(), **network_input(digit.reading)} for digit in number.digits]
    return {**number.document(), "digits": digits}
