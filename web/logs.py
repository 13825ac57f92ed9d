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
from werkzeug.serving import WSGIRequestHandler

from web import request_trace
from web.request_trace import Trace

FORMATS: Final = ("", "json", "text")
REQUESTS: Final = logging.getLogger("digitpad.requests")


class JsonFormatter(logging.Formatter):
    """Format a record as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Put the figures of the request, or its id, behind the message and the traceback."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat()
        line = {"time": time, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({**line, **_of_request(record)}, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """Format a record as a line of text."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Put the figures of the request, or its id, behind the message."""
        return " ".join((super().format(record), *(f"{name}={value}" for name, value in _of_request(record).items())))


def _of_request(record: logging.LogRecord) -> dict[str, Any]:
    """Return the figures that a request's own line has, or the id of the request in which a message was logged."""
    if hasattr(record, "figures"):
        return record.figures
    trace = request_trace.current()
    return {} if trace is None else {"id": trace.id}


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
    for logger, name in ((app.logger, "stderr"), (logging.getLogger("model"), "stderr"), (REQUESTS, "stdout")):
        handler = _Stream(name)
        handler.setFormatter(JsonFormatter() if chosen == "json" else TextFormatter())
        logger.handlers = [handler]
        logger.setLevel(logging.INFO)
    REQUESTS.propagate = False


def request(trace: Trace, elapsed: float) -> None:
    """Write the line of a request that is over. `elapsed` is in milliseconds."""
    if REQUESTS.isEnabledFor(logging.INFO):
        what = (trace.method, trace.route, trace.status)
        # Made here, and not by REQUESTS.info, which would look for the line of code that it was called from.
        record = logging.LogRecord(REQUESTS.name, logging.INFO, __file__, 0, "%s %s %d", what, None)
        record.figures = figures(trace, elapsed)
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
