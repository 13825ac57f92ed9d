"""Errors as application/problem+json (RFC 9457). The detail says what to do."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app, request
from gunicorn.http.errors import NoMoreData, ParseException
from werkzeug.exceptions import (
    ClientDisconnected,
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    TooManyRequests,
)

from web import request_trace

DRAINED = 256 << 20  # in bytes: the most that is read of a refused body


class Problem(Exception):
    """An error for the client, raised by a view."""

    def __init__(self, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.headers = status, title, detail, dict(headers or {})


def init_app(app: Flask) -> None:
    """Answer every error of `app` with a problem document."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(NoMoreData, _cut)  # gunicorn reads the body when the application does
    app.register_error_handler(ParseException, _malformed)
    app.register_error_handler(Exception, _unexpected)


def answer(problem: Problem) -> Response:
    """Answer with a problem document."""
    answer = _answer(problem.status, problem.title, problem.detail)
    answer.headers.update(problem.headers)
    return answer


def _http(error: HTTPException) -> Response:
    if isinstance(error, ClientDisconnected):
        return _cut(error)
    answer = _answer(error.code or 500, error.name, _advice(error))
    # Headers that HTTP requires, such as Allow on a 405.
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            answer.headers[name] = value
    return answer


def _cut(_error: Exception) -> Response:
    # Most clients are gone, but one that was too slow (web/worker.py) still reads the answer.
    return _answer(408, "Request Timeout", "The request did not arrive whole and in time: send it again.")


def _malformed(_error: Exception) -> Response:
    return _answer(400, "Malformed request", "The body's chunks are not as HTTP has them: send it with Content-Length.")


def _advice(error: HTTPException) -> str:
    match error:
        case RequestEntityTooLarge():
            _drain()
            limit = current_app.config["MAX_CONTENT_LENGTH"] / 1_000_000
            return f"The request is larger than {limit:g} MB: send fewer or smaller images."
        case NotFound():
            return "There is nothing here: a digit goes to POST /predict, a number to POST /read, and the page is at /."
        case MethodNotAllowed():
            return f"This address takes {', '.join(sorted(error.valid_methods or []))}."
        case TooManyRequests():
            return "This address asks more often than it may: wait as long as Retry-After says, and ask more slowly."
        case _:
            return error.description or error.name


def _drain() -> None:
    """Read the rest of a refused body: a client reads the answer only after it has sent all."""
    left = min(request.content_length or 0, DRAINED)
    while left > 0 and (chunk := request.environ["wsgi.input"].read(min(left, 1 << 16))):
        left -= len(chunk)


def _unexpected(error: Exception) -> Response:
    current_app.logger.error("unexpected error", exc_info=error)
    return _answer(500, InternalServerError().name, "The server made a mistake, which it has logged. Try again later.")


def _answer(status: int, title: str, detail: str) -> Response:
    request_trace.refused(title)
    document: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if (at_hand := request_trace.current()) is not None:
        document["request_id"] = at_hand.id
    return Response(json.dumps(document), status, mimetype="application/problem+json")
