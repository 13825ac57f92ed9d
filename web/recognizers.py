"""The application's recognisers.

New weights may replace old ones at any time (web/reload.py). A request uses the same recognisers from its start to its
end, so that its answer is of one version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask, current_app, g

from model.inference.companions import Companions
from model.inference.recognizer import Recognizer
from web.problems import Problem

EXTENSION = "digitpad"
ON_DEVICE = ("digitpad", "line", "ink")  # the networks that static/ondevice/ has, which reads where no server does


@dataclass(frozen=True)
class Recognizers:
    """Recognisers by name, the default's name, and the reasons why other weights are not served.

    `failures` could not be loaded; `refused` are networks that do not read drawings. All use the same `companions`.
    """

    loaded: Mapping[str, Recognizer]
    default: str
    failures: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    companions: Companions = field(default_factory=Companions)


def init_app(app: Flask, recognizers: Recognizers) -> None:
    """Set or replace the recognisers of `app`."""
    app.extensions[EXTENSION] = recognizers


def recognizers() -> Recognizers:
    """Return the recognisers of the current request."""
    if "recognizers" not in g:
        g.recognizers = in_service(current_app)
    return g.recognizers


def in_service(app: Flask) -> Recognizers:
    """Return the recognisers that the next request to `app` uses."""
    return app.extensions[EXTENSION]


def pick(name: str | None) -> Recognizer:
    """Return the recogniser called `name`, or the default one. Raises a 400 or 503 Problem."""
    known = recognizers()
    if (name or known.default) in known.refused:
        raise Problem(400, "Not for drawings", known.refused[name or known.default])
    if name is not None and name not in known.loaded and name not in known.failures:
        raise Problem(
            400, "Unknown model", f"No model is named {name!r}: use one of {', '.join(sorted(known.loaded))}."
        )
    name = name or known.default
    if name not in known.loaded:
        why = known.failures.get(name, "its weights were not found")
        raise Problem(503, "No usable weights", f"The model {name!r} cannot read: {why}")
    return known.loaded[name]
