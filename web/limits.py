"""Limits on the time of a request and on the number of requests that a worker has at work.

A worker's threads accept requests. Two of them compute at the same time: one decodes a file or runs a network, which
needs no interpreter, while the other has it. Up to MAX_IN_FLIGHT wait for a turn, and get one in the order in which
they came; who sends several images takes a turn for each. Requests beyond that are answered 503 at once.
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
from web.turns import Turns

EXTENSION = "digitpad gate"
EXEMPT = frozenset({"health", "metrics"})  # blueprints for probes, which are answered however busy the worker is
AT_ONCE = 2  # requests that compute at the same time
RETRY = 1  # in seconds, for Retry-After


@dataclass
class Arrival:
    """The arrival of a request in web/worker.py, which cuts off requests that take too long to arrive."""

    place: int  # among the requests that the worker has at work, from 1
    since: float = field(default_factory=time.monotonic)
    is_whole: bool = False


arrival: ContextVar[Arrival | None] = ContextVar("arrival", default=None)  # that of the current request


class Gate:
    """Admits `most` requests, of which `at_once` compute while the others wait."""

    def __init__(self, most: int, at_once: int = AT_ONCE) -> None:
        self._places = threading.BoundedSemaphore(most)
        self.turns = Turns(min(most, at_once))

    @contextmanager
    def turn(self, deadline: float) -> Iterator[None]:
        """Wait for a turn and hold it. Raises a 503 Problem at `deadline`, in time.monotonic's seconds."""
        if not self._places.acquire(blocking=False):
            raise _busy("The server has as many requests at work as it can take")
        try:
            if not self.turns.take(max(0.0, deadline - time.monotonic())):
                raise _busy("The server did not come to this request in time")
            try:
                yield
            finally:
                self.turns.give()
        finally:
            self._places.release()


class InMemory(Request):
    """A request whose files stay in memory, where MAX_CONTENT_LENGTH bounds them: the disk may be full or read-only.

    A body that ends early is an error, and not taken for a shorter body.
    """

    def __init__(self, environ: dict[str, Any], *more: Any, **named: Any) -> None:
        if "CONTENT_LENGTH" in environ:
            environ.pop("wsgi.input_terminated", None)  # with it, werkzeug accepts a body that ends early
        super().__init__(environ, *more, **named)

    def _get_file_stream(self, *_sizes: Any, **_names: Any) -> IO[bytes]:
        return io.BytesIO()


def init_app(app: Flask) -> None:
    """Set the limits of `app`."""
    app.extensions[EXTENSION] = Gate(app.config["MAX_IN_FLIGHT"])
    app.before_request(_admit)
    app.request_class = InMemory


@contextmanager
def turn() -> Iterator[None]:
    """Hold a turn for the current request, whose body was read. Raises a 503 Problem if there are too many requests."""
    _arrived()
    gate: Gate = current_app.extensions[EXTENSION]
    with gate.turn(deadline()):
        yield


def deadline() -> float:
    """Return the deadline of the current request, in time.monotonic's seconds."""
    if "deadline" not in g:
        _begin()
    return g.deadline


def next_image(read: int, count: int) -> None:
    """Let others compute before an image that is not the first. Call it in a turn.

    Raises a 503 Problem after the deadline, saying that only `read` of `count` images were read.
    """
    if read:
        gate: Gate = current_app.extensions[EXTENSION]
        gate.turns.let_others()
    if time.monotonic() > deadline():
        seconds = f"{current_app.config['MAX_SECONDS']:g} s"
        raise Problem(
            503, "Too slow", f"After {seconds} only {read} of {count} images were read: send fewer in a request."
        )


def is_exempt() -> bool:
    """Tell whether the current request is answered however busy the worker is."""
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
