"""The application's store of corrections, and its errors as problems."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app

from corrections.entries import LABELS
from corrections.errors import Full, NotThere, StoreError, Unavailable
from web.problems import Problem

if TYPE_CHECKING:
    from corrections.store import Store

EXTENSION = "digitpad corrections"


def init_app(app: Flask, opened: "Callable[[], Store] | None") -> None:
    """Set what gives `app` its store, when it is first needed: None if corrections are switched off."""
    app.extensions[EXTENSION] = opened


def is_on() -> bool:
    """Tell whether corrections are stored."""
    return current_app.extensions[EXTENSION] is not None


def store() -> "Store":
    """Return the current application's store. Raises a 404 Problem if corrections are switched off."""
    opened: Callable[[], Store] | None = current_app.extensions[EXTENSION]
    if opened is None:
        raise Problem(
            404, "Switched off", "This server stores no corrections: it was started so (DIGITPAD_CORRECTIONS)."
        )
    return opened()


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
