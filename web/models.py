"""GET /models: the loaded models, the card of one, and examples of what it misread."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from model.evaluation.card import card
from model.inference.companions import KINDS, Companion
from model.inference.recognizer import Recognizer
from web.answers import data_url, revalidated
from web.problems import Problem
from web.recognizers import pick, recognizers

blueprint = Blueprint("models", __name__)


@blueprint.get("/models")
def models() -> dict[str, Any]:
    """List the loaded models and their companions, with metadata from their weights files."""
    known = recognizers()
    companions = [(name, companion) for name in KINDS if (companion := known.companions.get(name))]
    return {
        "default": known.default,
        "models": [_listed(name, recognizer) for name, recognizer in sorted(known.loaded.items())],
        "companions": [_listed(name, companion) for name, companion in companions],
    }


def _listed(name: str, model: Recognizer | Companion) -> dict[str, Any]:
    described = model.description
    return {
        "name": name,
        "version": model.version,
        "network": described.network,
        "classes": list(described.classes),
        "metrics": described.metrics,
        "created": described.created,
        "parameters": sum(layer["parameters"] for layer in model.architecture),
    }


@blueprint.get("/models/<name>")
def model(name: str) -> Response:
    """Answer with the card of one model, or companion: architecture, training, metrics, calibration."""
    companion = recognizers().companions.get(name) if name in KINDS else None
    found = companion or pick(name)
    return revalidated(jsonify({"name": name, "version": found.version, **card(found.architecture, found.description)}))


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
