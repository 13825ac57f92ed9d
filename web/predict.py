"""POST /predict: one digit an image."""

from typing import Any

from flask import Blueprint

from model.recognizer import Reading, Recognizer
from web.answers import answer, seen
from web.request_body import Body

blueprint = Blueprint("predict", __name__)


@blueprint.post("/predict")
def predict() -> dict[str, Any]:
    """Read the digit of each image, or of a drawing."""
    return answer(_read, describe)


def _read(recognizer: Recognizer, body: Body) -> list[Reading]:
    if body.drawing is not None:
        return [recognizer.read_drawing(body.drawing)]
    return recognizer.read_files(body.files)


def describe(reading: Reading) -> dict[str, Any]:
    """Describe a reading in what JSON can hold."""
    label = reading.label
    digit = int(label) if label is not None and label.isdigit() else None
    return {"digit": digit, **reading.document(), **seen(reading)}
