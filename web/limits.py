"""How much one request, and all requests of a worker together, may have: time, and a place among those at work.

A worker's threads take requests in. Few of them compute at the same time, since more would only make each other wait;
some more wait for their turn; and whatever comes beyond is told at once to come again.
"""

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import IO, Any

from flask import Flask, Request, current_app, g, request

from web.problems import Problem

EXTENSION = "digitpad gate"
EXEMPT = frozenset({"health", "metrics"})  # blueprints that probes ask, however busy it is
AT_ONCE = 4  # requests that compute at the same time in a worker
RETRY = 1  # in seconds, after which one that was turned away may come again


@dataclass
class Arrival:
    """A request that arrives in a worker of web/worker.py, which cuts it off when it takes too long to be whole."""

    place: int  # among the requests that the worker has at work, from 1
    since: float = field(default_factory=time.monotonic)
    is_whole: bool = False


arrival: ContextVar[Arrival | None] = ContextVar("arrival", default=None)  # that of the current request


class Gate:
    """Lets `most` requests in, of which `at_once` compute while the others wait."""

    def __init__(self, most: int, at_once: int = AT_ONCE) -> None:
        self._places = threading.BoundedSemaphore(most)
        self._turns = threading.BoundedSemaphore(min(most, at_once))

    @contextmanager
    def turn(self, deadline: float) -> Iterator[None]:
        """Wait for a turn until `deadline`, of time.monotonic, and hold it. Raises a 503 Problem otherwise."""
        if not self._places.acquire(blocking=False):
            raise _busy("The server has as many requests at work as it can take")
        try:
            if not self._turns.acquire(timeout=max(0.0, deadline - time.monotonic())):
                raise _busy("The server did not come to this request in time")
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._places.release()


class InMemory(Request):
    """A request whose files stay in memory, which the size of the body bounds: no disk can be full or read-only.

    A body that ends early is noticed, and not read as if it were whole.
    """

    def __init__(self, environ: dict[str, Any], *more: Any, **named: Any) -> None:
        if "CONTENT_LENGTH" in environ:
            environ.pop("wsgi.input_terminated", None)  # with it, a body is read to its end, wherever that comes
        super().__init__(environ, *more, **named)

    def _get_file_stream(self, *_sizes: Any, **_names: Any) -> IO[bytes]:
        return io.BytesIO()


def init_app(app: Flask) -> None:
    """Give `app` its limits."""
    app.extensions[EXTENSION] = Gate(app.config["MAX_IN_FLIGHT"])
    app.before_request(_admit)
    app.request_class = InMemory


@contextmanager
def turn() -> Iterator[None]:
    """Hold a turn for the current request, whose body was read. Raises a 503 Problem where there is none to have."""
    _arrived()
    gate: Gate = current_app.extensions[EXTENSION]
    with gate.turn(deadline()):
        yield


def deadline() -> float:
    """Return until when the current request may be worked on, in the time of time.monotonic."""
    if "deadline" not in g:
        _begin()
    return g.deadline


def check_time(read: int, count: int) -> None:
    """Raise a 503 Problem when the request's time is up and `read` of its `count` images were read."""
    if time.monotonic() > deadline():
        seconds = f"{current_app.config['MAX_SECONDS']:g} s"
        raise Problem(
            503, "Too slow", f"After {seconds} only {read} of {count} images were read: send fewer in a request."
        )


def is_exempt() -> bool:
    """Say whether the current request is one that is answered in any case."""
    return request.blueprint in EXEMPT or request.endpoint == "static"


def _admit() -> None:
    _begin()
    if not request.content_length and "Transfer-Encoding" not in request.headers:
        _arrived()
    current = arrival.get()
    if current and current.place > current_app.config["MAX_IN_FLIGHT"] and not is_exempt():
        raise _busy("The server has as many requests at work as it can take")


def _arrived() -> None:
    if current := arrival.get():
        current.is_whole = True


def _begin() -> None:
    g.deadline = time.monotonic() + current_app.config["MAX_SECONDS"]


def _busy(why: str) -> Problem:
    return Problem(503, "Busy", f"{why}: try again in a moment.", {"Retry-After": str(RETRY)})
