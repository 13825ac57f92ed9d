"""What the server says: one line a request on standard output, and its own messages on standard error.

DIGITPAD_LOG_FORMAT is `json` (a JSON object a line, for machines), `text` (for people), or empty: then nothing is set
up here, so that a program that makes the application decides for itself.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from flask import Flask
from pythonjsonlogger.json import JsonFormatter
from werkzeug.serving import WSGIRequestHandler

from web import request_trace
from web.request_trace import Trace

FORMATS: Final = ("", "json", "text")
REQUESTS: Final = logging.getLogger("digitpad.requests")


class Lines(JsonFormatter):
    """Writes a record as a line of JSON, with the id of the request that it was written in."""

    def __init__(self) -> None:
        renamed = {"levelname": "level", "name": "logger", "exc_info": "exception"}
        super().__init__(
            ["levelname", "name", "message"], rename_fields=renamed, timestamp="time", json_ensure_ascii=False
        )

    def format(self, record: logging.LogRecord) -> str:
        """Write the line. That of a request is known in all its parts, and written at once: there are many of them."""
        figures = getattr(record, "request", None)
        if figures is None:
            return super().format(record)
        time = datetime.fromtimestamp(record.created, UTC).isoformat()
        line = {"time": time, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        return json.dumps({**line, **figures}, ensure_ascii=False)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Put the id of the request beside the message."""
        return {"time": log_data.pop("time"), **log_data, **_known()}


class Text(logging.Formatter):
    """Writes a record as a line that people read."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Put the request's figures, or at least its id, behind the message."""
        known = getattr(record, "request", None) or _known()
        return " ".join((super().format(record), *(f"{name}={value}" for name, value in known.items())))


def _known() -> dict[str, Any]:
    request = request_trace.current()
    return {} if request is None else {"id": request.id}


class _Stream(logging.StreamHandler[TextIO]):
    """Writes to what is standard output or standard error at that time: tests exchange them."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._which = name

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = getattr(sys, self._which)
        super().emit(record)


class QuietHandler(WSGIRequestHandler):
    """The development server's, without a line of its own for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the application does."""


def init_app(app: Flask) -> None:
    """Write the messages of `app` and its requests as its configuration says."""
    chosen = app.config["LOG_FORMAT"]
    if not chosen:
        return
    for logger, name in ((app.logger, "stderr"), (REQUESTS, "stdout")):
        handler = _Stream(name)
        handler.setFormatter(Lines() if chosen == "json" else Text())
        logger.handlers = [handler]
        logger.setLevel(logging.INFO)
    REQUESTS.propagate = False


def request(trace: Trace, elapsed: float) -> None:
    """Write the line of a request that is over. `elapsed` is in milliseconds."""
    if REQUESTS.isEnabledFor(logging.INFO):
        what = (trace.method, trace.route, trace.status)
        # Made here, and not by REQUESTS.info, which would look for the line of code that it was called from.
        record = logging.LogRecord(REQUESTS.name, logging.INFO, __file__, 0, "%s %s %d", what, None)
        record.request = figures(trace, elapsed)
        REQUESTS.handle(record)


def figures(trace: Trace, elapsed: float) -> dict[str, Any]:
    """Put together what is told of a request."""
    told: dict[str, Any] = {
        "id": trace.id,
        "method": trace.method,
        "route": trace.route,
        "status": trace.status,
        "bytes_in": trace.bytes_in,
        "bytes_out": trace.bytes_out,
        "ms": round(elapsed, 2),
    }
    if trace.steps:
        told["steps"] = {name: round(taken, 2) for name, taken in trace.steps.items()}
    if trace.model:
        told["model"], told["version"] = trace.model
        told["verdicts"] = dict(trace.verdicts)
    if trace.reason:
        told["reason"] = trace.reason
    return told
