"""WSGI middleware: every request gets an id, is counted in the metrics and logged; every answer is made secure.

Flask's own hooks would miss some answers, and would run before the last byte of an answer is sent.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask, request

from web import headers, logs, metrics, request_trace
from web.request_trace import Trace

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Flask) -> None:
    """Wrap `app`. Call it before other hooks are set: the route of a request that they refuse is then known, too."""
    app.before_request(_route)
    app.wsgi_app = Tracing(app.wsgi_app)  # type: ignore[method-assign]


def _route() -> None:
    trace = request_trace.current()
    if trace is not None and request.url_rule is not None:
        trace.route = request.url_rule.rule


class Tracing:
    """A WSGI application that traces the requests to another."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass a request on, and add X-Request-ID and the security headers to the answer."""
        trace = Trace.of(environ)

        def start(status: str, given: list[tuple[str, str]], exc_info: Any = None) -> Any:
            trace.status = int(status[:3])
            return start_response(status, [*given, *headers.SECURITY, (request_trace.HEADER, trace.id)], exc_info)

        request_trace.follow(trace)
        metrics.IN_FLIGHT.inc()
        try:
            pieces = self._app(environ, start)
        except BaseException:
            metrics.counted(trace, trace.ready())
            _end(trace)
            raise
        # Before the answer is sent, so that a client that then asks for /metrics finds it counted.
        metrics.counted(trace, trace.ready())
        return _Sent(pieces, trace)


class _Sent:
    """The body of an answer, counted while it is sent."""

    def __init__(self, pieces: Iterable[bytes], trace: Trace) -> None:
        self._pieces, self._trace = pieces, trace

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._trace.bytes_out += len(piece)
            yield piece

    def close(self) -> None:
        """Finish the request. The server calls this whether the answer was sent or not."""
        try:
            if hasattr(self._pieces, "close"):
                self._pieces.close()
        finally:
            _end(self._trace)


def _end(trace: Trace) -> None:
    metrics.IN_FLIGHT.dec()
    logs.request(trace, trace.elapsed())
    request_trace.follow(None)
