"""What the addresses that read images have in common: which model, what body, how long, and what errors."""

import base64
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import request

from model.ink import InkError, NothingToRead, TooLarge, UnknownFormat
from model.recognizer import Reading, Recognizer
from web import limits, request_body, request_trace
from web.problems import Problem
from web.recognizers import pick

T = TypeVar("T")


def answer(
    read: Callable[[Recognizer, request_body.Body], Sequence[T]], describe: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    """Read what the request holds, and describe each thing that was read. Several images are answered with a list.

    Raises a Problem where the request asks for a model that there is not, or holds nothing readable.
    """
    recognizer = pick(request.args.get("model"))
    with request_trace.step("body"):
        body = request_body.parse(request)
    started = time.perf_counter()
    try:
        with limits.turn(), request_trace.step("read"):
            readings = read(recognizer, body)
    except InkError as error:
        raise problem(error) from error
    elapsed = round((time.perf_counter() - started) * 1000, 2)
    model = {"name": recognizer.name, "version": recognizer.version}
    results = [{**describe(reading), "model": model, "elapsed_ms": elapsed} for reading in readings]
    request_trace.note(recognizer.name, recognizer.version, results)
    return {"results": results} if body.many else results[0]


def seen(reading: Reading) -> dict[str, str]:
    """Return the image that the network saw, as a data URL, if the query asks for it with `input=true`."""
    if request.args.get("input", "").lower() not in ("true", "1"):
        return {}
    return {"input": data_url(reading.seen_png())}


def data_url(png: bytes) -> str:
    """Write a PNG file as a data URL."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def problem(error: InkError) -> Problem:
    """Say what is the matter with an image as the interface does."""
    match error:
        case NothingToRead():
            return Problem(400, "Nothing to read", str(error))
        case TooLarge():
            return Problem(413, "Too large", str(error))
        case UnknownFormat():
            return Problem(415, "Unsupported Media Type", str(error))
        case _:
            return Problem(422, "Unreadable image", str(error))
