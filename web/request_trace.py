"""What is known of the request at hand: its id, what its steps took, and what came of it.

`web/middleware.py` makes one for each request; whoever answers it notes here what only they know. It holds nothing of
what was sent but its size: no image, no drawing, no query, no file name, no address of the sender.
"""

import re
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

HEADER: Final = "X-Request-ID"
SANE: Final = re.compile(r"[A-Za-z0-9._:=+/@-]{1,128}")
METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
UNKNOWN: Final = "unknown"  # a route or a method that there is not: clients invent as many as they like
NONE: Final = "none"  # the class of what is read as no digit


@dataclass(slots=True)
class Trace:
    """One request. Times are in milliseconds; `started` is on the clock of time.perf_counter, in seconds."""

    id: str
    method: str = UNKNOWN
    bytes_in: int | None = None  # as the client says; None where the body comes in chunks
    started: float = field(default_factory=time.perf_counter)
    route: str = UNKNOWN  # the rule, and not the path: /models/<name>
    status: int = 500
    bytes_out: int = 0
    steps: dict[str, float] = field(default_factory=dict)
    stepped: float = 0.0  # when the last step ended, since the start
    model: tuple[str, str] | None = None  # its name and version
    verdicts: Counter[str] = field(default_factory=Counter)  # of what was sent: digits or numbers
    digits: Counter[tuple[str, str]] = field(default_factory=Counter)  # by class and verdict, those of numbers too
    reason: str | None = None  # of a refusal: the title of the problem

    @classmethod
    def of(cls, environ: Mapping[str, Any]) -> "Trace":
        """Begin to follow a request, under the id that the client gave it if that is a sane one."""
        given, method = environ.get("HTTP_X_REQUEST_ID", ""), environ.get("REQUEST_METHOD", "")
        size, chunked = environ.get("CONTENT_LENGTH", ""), "HTTP_TRANSFER_ENCODING" in environ
        return cls(
            id=given if SANE.fullmatch(given) else uuid.uuid4().hex,
            method=method if method in METHODS else UNKNOWN,
            bytes_in=int(size) if size.isascii() and size.isdigit() and len(size) < 20 else None if chunked else 0,
        )

    def elapsed(self) -> float:
        """Tell how long the request has taken until now."""
        return (time.perf_counter() - self.started) * 1000

    def ready(self) -> float:
        """Note that the answer is made, and tell how long it took. What came after reading was encoding."""
        elapsed = self.elapsed()
        if self.model and self.reason is None:
            self.steps["encode"] = elapsed - self.stepped
        return elapsed


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """Return the request at hand, if there is one."""
    return _current.get()


def follow(trace: Trace | None) -> None:
    """Make `trace` the request at hand of this thread; None when it is over."""
    _current.set(trace)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Time a step of the request at hand."""
    started = time.perf_counter()
    try:
        yield
    finally:
        trace = current()
        if trace is not None:
            trace.steps[name] = trace.steps.get(name, 0.0) + (time.perf_counter() - started) * 1000
            trace.stepped = trace.elapsed()


def note(name: str, version: str, results: Iterable[Mapping[str, Any]]) -> None:
    """Note which model read, and what: results as the interface answers them, each a digit or a number."""
    trace = current()
    if trace is None:
        return
    trace.model = (name, version)
    for result in results:
        trace.verdicts[result["verdict"]] += 1
        for digit in result.get("digits", (result,)):
            trace.digits[digit["label"] or NONE, digit["verdict"]] += 1


def refused(title: str) -> None:
    """Note that the request is refused, and why."""
    trace = current()
    if trace is not None:
        trace.reason = title
