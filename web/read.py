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
    described = [
        [{**digit.document(), **network_input(digit.reading)} for digit in line.digits] for line in number.lines
    ]
    lines = [{**line.document(), "digits": digits} for line, digits in zip(number.lines, described, strict=True)]
    return {**number.document(), "lines": lines, "digits": [digit for digits in described for digit in digits]}
