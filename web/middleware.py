"""The outermost layer of the application: every request gets an id, is counted, and has its line in the log.

It is WSGI middleware, and not a hook of Flask's, so that nothing is answered without it, and so that a request is over
only when its last byte was handed to the server.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask, request

from web import logs, metrics, request_trace
from web.request_trace import Trace

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Flask) -> None:
    """Watch `app`. Call it before any other hook is set, so that even what those refuse is known by its route."""
    app.before_request(_route)
    app.wsgi_app = Watch(app.wsgi_app)  # type: ignore[method-assign]


def _route() -> None:
    trace = request_trace.current()
    if trace is not None and request.url_rule is not None:
        trace.route = request.url_rule.rule


class Watch:
    """Wraps a WSGI application."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer as the application does, with X-Request-ID in the reply."""
        trace = Trace.of(environ)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            trace.status = int(status[:3])
            return start_response(status, [*headers, (request_trace.HEADER, trace.id)], exc_info)

        request_trace.follow(trace)
        metrics.IN_FLIGHT.inc()
        try:
            pieces = self._app(environ, start)
        except BaseException:
            metrics.counted(trace, trace.ready())
            _end(trace)
            raise
        # Before the answer is sent: who has it, and then asks for the metrics, finds it counted.
        metrics.counted(trace, trace.ready())
        return _Sent(pieces, trace)


class _Sent:
    """The pieces of an answer, counted while they are sent."""

    def __init__(self, pieces: Iterable[bytes], trace: Trace) -> None:
        self._pieces, self._trace = pieces, trace

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._trace.bytes_out += len(piece)
            yield piece

    def close(self) -> None:
        """Say that the request is over, sent or not. The server calls this in any case."""
        try:
            if hasattr(self._pieces, "close"):
                self._pieces.close()
        finally:
            _end(self._trace)


def _end(trace: Trace) -> None:
    metrics.IN_FLIGHT.dec()
    logs.request(trace, trace.elapsed())
    request_trace.follow(None)
