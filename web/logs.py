"""Logging: one line per request on standard output, other messages on standard error.

DIGITPAD_LOG_FORMAT is `json` (one object per line), `text`, or empty: then the caller of create_app() sets up logging.
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
        """Format time, level, logger, message and traceback, then the request's figures or id."""
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
        """Format time, level and message, then the request's figures or id."""
        return " ".join((super().format(record), *(f"{name}={value}" for name, value in _of_request(record).items())))


def _of_request(record: logging.LogRecord) -> dict[str, Any]:
    """Return the figures of a request's own line, or the id of the request that logged a message."""
    if hasattr(record, "figures"):
        return record.figures
    trace = request_trace.current()
    return {} if trace is None else {"id": trace.id}


class _Stream(logging.StreamHandler[TextIO]):
    """Writes to the current sys.stdout or sys.stderr: pytest replaces them."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._which = name

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = getattr(sys, self._which)
        super().emit(record)


class QuietHandler(WSGIRequestHandler):
    """The development server's request handler, without an access log: `request` logs instead."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


def init_app(app: Flask) -> None:
    """Set up logging for `app` in the configured format."""
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
    """Log a finished request. `elapsed` is in milliseconds."""
    if REQUESTS.isEnabledFor(logging.INFO):
        what = (trace.method, trace.route, trace.status)
        # REQUESTS.info would spend time on finding the line of code that calls it.
        record = logging.LogRecord(REQUESTS.name, logging.INFO, __file__, 0, "%s %s %d", what, None)
        record.figures = figures(trace, elapsed)
        REQUESTS.handle(record)


def figures(trace: Trace, elapsed: float) -> dict[str, Any]:
    """Return what is logged of a request."""
    line: dict[str, Any] = {
        "id": trace.id,
        "method": trace.method,
        "route": trace.route,
        "status": trace.status,
        "bytes_in": trace.bytes_in,
        "bytes_out": trace.bytes_out,
        "ms": round(elapsed, 2),
    }
    if trace.steps:
        line["steps"] = {name: round(taken, 2) for name, taken in trace.steps.items()}
    if trace.model:
        line["model"], line["version"] = trace.model
        line["verdicts"] = dict(trace.verdicts)
    if trace.reason:
        line["reason"] = trace.reason
    return line
