"""Errors of the store, with messages that say what to do."""

import sqlite3
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # the server starts without the database's library
    from sqlalchemy.exc import SQLAlchemyError

ASK: Final = "Digits are read all the same. Whoever runs this server can"


class StoreError(Exception):
    """Corrections cannot be stored or read. The message says what to do, and contains no path and no password."""


class Unavailable(StoreError):
    """The database cannot be opened, read or written."""


class Full(StoreError):
    """There is no room for another correction."""


class NotThere(StoreError):
    """There is no correction with this number."""


def translate(error: "SQLAlchemyError | sqlite3.Error | OSError") -> StoreError:
    """Map an error of the database or the disk to a StoreError."""
    if isinstance(error, OSError):
        return Unavailable(
            f"The folder of the corrections cannot be made. {ASK} make the instance folder writable, or name a "
            "database with DIGITPAD_DATABASE_URL."
        )
    cause = getattr(error, "orig", error)  # the driver's own error, where SQLAlchemy wraps one
    if isinstance(cause, sqlite3.Error):
        return _translate_sqlite(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    state = str(getattr(cause, "sqlstate", None) or "")  # PostgreSQL's, by its appendix of error codes
    if state.startswith("53"):
        return Full(f"The database of the corrections has no room left. {ASK} give it more, or delete corrections.")
    if state == "25006":
        return Unavailable(f"The database of the corrections is read-only. {ASK} make it writable.")
    return Unavailable(
        f"The database of the corrections does not answer. {ASK} start it, or correct DIGITPAD_DATABASE_URL: the log "
        "has its own words."
    )


def _translate_sqlite(code: int) -> StoreError:
    match code:
        case sqlite3.SQLITE_FULL:
            return Full(f"The disk of the corrections is full. {ASK} make room on it, or delete corrections.")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Unavailable("The database of the corrections is busy: try again in a moment.")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return Unavailable(
                f"The database of the corrections cannot be written. {ASK} make its file and its folder writable, or "
                "name another database with DIGITPAD_DATABASE_URL."
            )
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return Unavailable(
                f"The file of the corrections is damaged, or is no database. {ASK} move it away: a new one is made."
            )
        case _:
            return Unavailable(
                f"The database of the corrections reports an error. {ASK} find its own words in the log, or name "
                "another database with DIGITPAD_DATABASE_URL."
            )
