"""The recognisers that the application loaded: where the blueprints find them.

New weights may take the place of old ones at any time (web/reload.py). All recognisers are exchanged at once, and a
request keeps those that it found first: its answer is of one version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask, current_app, g

from model.inference.recognizer import Recognizer
from web.problems import Problem

EXTENSION = "digitpad"


@dataclass(frozen=True)
class Recognizers:
    """Recognisers by name, the name of the one that reads by default, and why others are not among them.

    `failures` are weights that could not be loaded, `refused` are those that read no digits.
    """

    loaded: Mapping[str, Recognizer]
    default: str
    failures: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


def init_app(app: Flask, recognizers: Recognizers) -> None:
    """Give `app` its recognisers, or others from now on."""
    app.extensions[EXTENSION] = recognizers


def recognizers() -> Recognizers:
    """Return the current application's recognisers: to one request, always the same ones."""
    if "recognizers" not in g:
        g.recognizers = in_service(current_app)
    return g.recognizers


def in_service(app: Flask) -> Recognizers:
    """Return the recognisers that `app` gives to the next request."""
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
