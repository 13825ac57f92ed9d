"""The trace of a request, for logs and metrics: its id, the times of its steps, and its results.

`web/middleware.py` creates one per request, and the views add to it. Of the content it holds only the size: no image,
no drawing, no query, no file name, no client address.
"""

import re
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

HEADER: Final = "X-Request-ID"
SANE: Final = re.compile(r"[A-Za-z0-9._:=+/@-]{1,128}")
METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
UNKNOWN: Final = "unknown"  # any route or method that does not exist: clients must not create labels of metrics
NONE: Final = "none"  # the class of an image that is read as no digit


@dataclass(slots=True)
class Trace:
    """One request. Times are in milliseconds, but `started` is in time.perf_counter's seconds."""

    id: str
    method: str = UNKNOWN
    bytes_in: int | None = None  # by Content-Length; None for a chunked body
    started: float = field(default_factory=time.perf_counter)
    route: str = UNKNOWN  # the rule instead of the path: /models/<name>
    status: int = 500
    bytes_out: int = 0
    steps: dict[str, float] = field(default_factory=dict)
    stepped: float = 0.0  # from the start to the end of the last step
    model: tuple[str, str] | None = None  # name and version
    verdicts: Counter[str] = field(default_factory=Counter)  # one per digit or number that was sent
    digits: Counter[tuple[str, str]] = field(default_factory=Counter)  # by class and verdict, digits of numbers too
    reason: str | None = None  # the title of the problem, if refused

    @classmethod
    def of(cls, environ: Mapping[str, Any]) -> "Trace":
        """Start the trace of a request, with the client's request id if that is valid."""
        given, method = environ.get("HTTP_X_REQUEST_ID", ""), environ.get("REQUEST_METHOD", "")
        size, chunked = environ.get("CONTENT_LENGTH", ""), "HTTP_TRANSFER_ENCODING" in environ
        return cls(
            id=given if SANE.fullmatch(given) else uuid.uuid4().hex,
            method=method if method in METHODS else UNKNOWN,
            bytes_in=int(size) if size.isascii() and size.isdigit() and len(size) < 20 else None if chunked else 0,
        )

    def elapsed(self) -> float:
        """Return the time since the start."""
        return (time.perf_counter() - self.started) * 1000

    def ready(self) -> float:
        """Return the time until the answer was made. The time after the last step is that of encoding."""
        elapsed = self.elapsed()
        if self.model and self.reason is None:
            self.steps["encode"] = elapsed - self.stepped
        return elapsed


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """Return the trace of the current request, if there is one."""
    return _current.get()


def follow(trace: Trace | None) -> None:
    """Set the trace of the current request; None after its end."""
    _current.set(trace)


class step:  # noqa: N801 — a context manager, in a third of the time of a generator
    """Time a step of the current request."""

    def __init__(self, name: str) -> None:
        self._name, self._started = name, time.perf_counter()

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_error: object) -> None:
        trace = current()
        if trace is not None:
            now = time.perf_counter()
            trace.steps[self._name] = trace.steps.get(self._name, 0.0) + (now - self._started) * 1000
            trace.stepped = (now - trace.started) * 1000


def note(name: str, version: str, results: Iterable[Mapping[str, Any]]) -> None:
    """Add the model and its results, as they are answered: digits or numbers."""
    trace = current()
    if trace is None:
        return
    trace.model = (name, version)
    for result in results:
        trace.verdicts[result["verdict"]] += 1
        for digit in result.get("digits", (result,)):
            trace.digits[digit["label"] or NONE, digit["verdict"]] += 1


def refused(title: str) -> None:
    """Add the reason why the request is refused."""
    trace = current()
    if trace is not None:
        trace.reason = title
