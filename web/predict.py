"""POST /predict: one digit an image."""

import base64
from typing import Any

from flask import Blueprint, request

from model.recognizer import Reading, Recognizer
from web.answers import answer
from web.bodies import Body

blueprint = Blueprint("predict", __name__)


@blueprint.post("/predict")
def predict() -> dict[str, Any]:
    """Read the digit of each image, or of a drawing."""
    return answer(_read, _result)


def _read(recognizer: Recognizer, body: Body) -> list[Reading]:
    if body.drawing is not None:
        return [recognizer.read_drawing(body.drawing, body.width)]
    return recognizer.read_files(body.files)


def _result(reading: Reading) -> dict[str, Any]:
    label = reading.label
    result: dict[str, Any] = {
        "label": label,
        "digit": int(label) if label is not None and label.isdigit() else None,
        "confidence": reading.confidence,
        "probabilities": dict(reading.probabilities),
        "verdict": reading.verdict,
        **({"alternatives": reading.alternatives} if reading.alternatives else {}),
    }
    if request.args.get("input", "").lower() in ("true", "1"):
        result["input"] = "data:image/png;base64," + base64.b64encode(reading.seen_png()).decode()
    return result
