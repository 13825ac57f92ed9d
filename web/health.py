"""Liveness and readiness probes."""

from typing import Any

from flask import Blueprint

from web.recognizers import pick

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer that the process is up."""
    return {"status": "up"}


@blueprint.get("/readyz")
def readyz() -> dict[str, Any]:
    """Run a forward pass of the default model. Answers 503 if it fails."""
    recognizer = pick(None)
    recognizer.check()
    return {"status": "ready", "model": {"name": recognizer.name, "version": recognizer.version}}
