"""The application's store of corrections, and its errors as problems."""

from typing import Any

from flask import Flask, current_app

from corrections.errors import Full, NotThere, StoreError, Unavailable
from corrections.store import LABELS, Store
from web.problems import Problem

EXTENSION = "digitpad corrections"


def init_app(app: Flask, store: Store | None) -> None:
    """Set the store of `app`: None if corrections are switched off."""
    app.extensions[EXTENSION] = store


def is_on() -> bool:
    """Tell whether corrections are stored."""
    return current_app.extensions[EXTENSION] is not None


def store() -> Store:
    """Return the current application's store. Raises a 404 Problem if corrections are switched off."""
    store = current_app.extensions[EXTENSION]
    if store is None:
        raise Problem(
            404, "Switched off", "This server stores no corrections: it was started so (DIGITPAD_CORRECTIONS)."
        )
    return store


def parse_label(label: Any) -> str:
    """Parse a label. Raises a 400 Problem."""
    if not isinstance(label, str) or label not in LABELS:
        raise Problem(400, "No label", 'Say what is right: "label" is "0" to "9", or "none" for what is no digit.')
    return label


def problem(error: StoreError) -> Problem:
    """Map an error of the store to a problem, and log the database's own message."""
    if isinstance(error, Unavailable) and error.__cause__ is not None:
        current_app.logger.error("corrections: %s", error.__cause__)
    match error:
        case NotThere():
            return Problem(404, "Not Found", str(error))
        case Full():
            return Problem(507, "No room", str(error))
        case _:
            return Problem(503, "Corrections cannot be stored", str(error))
