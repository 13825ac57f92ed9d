"""POST /predict: one digit per image."""

from typing import Any

from flask import Blueprint

from model.inference.recognizer import Reading, Recognizer
from web import answers
from web.request_body import Body

blueprint = Blueprint("predict", __name__)


@blueprint.post("/predict")
def predict() -> dict[str, Any]:
    """Read the digit in each image, or in a drawing."""
    return answers.answer(_read, answers.reading)


def _read(recognizer: Recognizer, body: Body) -> list[Reading]:
    if body.drawing is not None:
        return [recognizer.read_drawing(body.drawing)]
    return recognizer.read_placed(answers.each(body.files, lambda data: recognizer.scan(data).place()))
