"""POST /predict: one digit an image."""

import base64
import time
from typing import Any

from flask import Blueprint, request

from model.ink import InkError, NothingToRead, TooLarge, UnknownFormat
from model.recognizer import Reading, Recognizer
from web import bodies
from web.problems import Problem
from web.recognizers import pick

blueprint = Blueprint("predict", __name__)


@blueprint.post("/predict")
def predict() -> dict[str, Any]:
    """Read the digit of each image, or of a drawing."""
    recognizer = pick(request.args.get("model"))
    body = bodies.parse(request)
    started = time.perf_counter()
    readings = _read(recognizer, body)
    elapsed = round((time.perf_counter() - started) * 1000, 2)
    results = [_result(reading, recognizer, elapsed) for reading in readings]
    return {"results": results} if body.many else results[0]


def _read(recognizer: Recognizer, body: bodies.Body) -> list[Reading]:
    try:
        if body.drawing is not None:
            return [recognizer.read_drawing(body.drawing, body.width)]
        return recognizer.read_files(body.files)
    except InkError as error:
        raise _problem(error) from error


def _problem(error: InkError) -> Problem:
    match error:
        case NothingToRead():
            return Problem(400, "Nothing to read", str(error))
        case TooLarge():
            return Problem(413, "Too large", str(error))
        case UnknownFormat():
            return Problem(415, "Unsupported Media Type", str(error))
        case _:
            return Problem(422, "Unreadable image", str(error))


def _result(reading: Reading, recognizer: Recognizer, elapsed_ms: float) -> dict[str, Any]:
    label = reading.label
    result: dict[str, Any] = {
        "label": label,
        "digit": int(label) if label is not None and label.isdigit() else None,
        "confidence": reading.confidence,
        "probabilities": dict(reading.probabilities),
        "verdict": reading.verdict,
        **({"alternatives": reading.alternatives} if reading.alternatives else {}),
        "model": {"name": recognizer.name, "version": recognizer.version},
        "elapsed_ms": elapsed_ms,
    }
    if request.args.get("input", "").lower() in ("true", "1"):
        result["input"] = "data:image/png;base64," + base64.b64encode(reading.seen_png()).decode()
    return result
