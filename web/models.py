"""GET /models: the loaded models, the card of one, and examples of what it misread."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from model.evaluation.card import card
from model.inference.recognizer import Recognizer
from web.answers import data_url, revalidated
from web.problems import Problem
from web.recognizers import pick, recognizers

blueprint = Blueprint("models", __name__)


@blueprint.get("/models")
def models() -> dict[str, Any]:
    """List the loaded models, with metadata from their weights files."""
    known = recognizers()
    return {
        "default": known.default,
        "models": [
            {
                "name": name,
                "version": recognizer.version,
                "network": recognizer.description.network,
                "classes": list(recognizer.description.classes),
                "metrics": recognizer.description.metrics,
                "created": recognizer.description.created,
                "parameters": sum(layer["parameters"] for layer in recognizer.architecture),
            }
            for name, recognizer in sorted(known.loaded.items())
        ],
    }


@blueprint.get("/models/<name>")
def model(name: str) -> Response:
    """Answer with the card of one model: architecture, training, metrics, calibration."""
    recognizer = pick(name)
    shown = card(recognizer.architecture, recognizer.description)
    return revalidated(jsonify({"name": name, "version": recognizer.version, **shown}))


@blueprint.get("/models/<name>/examples")
def examples(name: str) -> Response:
    """Answer with images of one cell of the confusion matrix of a held-out set."""
    recognizer = pick(name)
    kind = _one_of("set", list(recognizer.description.metrics))
    true, read = (_one_of(what, list(recognizer.description.classes)) for what in ("true", "read"))
    return revalidated(jsonify(_examples(recognizer, kind, true, read)))


def _examples(recognizer: Recognizer, kind: str, true: str, read: str) -> dict[str, Any]:
    return {
        "model": {"name": recognizer.name, "version": recognizer.version},
        "set": kind,
        "true": true,
        "read": read,
        "examples": [
            {"confidence": confidence, "image": data_url(png)}
            for confidence, png in recognizer.examples(kind, true, read)
        ],
    }


def _one_of(name: str, known: list[str]) -> str:
    value = request.args.get(name)
    if value not in known:
        given = "is missing" if value is None else f"is {value[:60]!r}"
        raise Problem(400, "Unknown cell", f"?{name}= {given}: give one of {', '.join(known)}.")
    return value
