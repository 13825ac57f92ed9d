"""What those who run the service ask of it: is it up, can it read."""

from typing import Any

from flask import Blueprint

from web.recognizers import pick

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """Say that the process is up."""
    return {"status": "up"}


@blueprint.get("/readyz")
def readyz() -> dict[str, Any]:
    """Say that the default model works, after a real forward pass. Answers 503 when it does not."""
    recognizer = pick(None)
    recognizer.check()
    return {"status": "ready", "model": {"name": recognizer.name, "version": recognizer.version}}
