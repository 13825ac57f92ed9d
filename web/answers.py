"""Helpers that several blueprints share: run a model on the request, describe readings and arrays, map errors."""

import base64
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import Response, request

from model.explain.inspection import Inspection
from model.explain.quantise import Quantised
from model.inference import numbers
from model.inference.ink import NoInkNetwork
from model.inference.numbers import NoLineNetwork, Number
from model.inference.recognizer import Reading, Recognizer
from model.preprocessing.image_files import InkError, NothingToRead, TooLarge, UnknownFormat, encode_png
from model.preprocessing.normalize import Scan
from web import limits, query, request_trace
from web.problems import Problem
from web.recognizers import pick
from web.request_body import Body, parse

T = TypeVar("T")
Answered = TypeVar("Answered", Reading, Number, Inspection)


def answer(
    read: Callable[[Recognizer, Body], Sequence[Answered]], describe: Callable[[Answered], dict[str, Any]]
) -> dict[str, Any]:
    """Run the model on the request's body and describe each result: in a list if there are several images.

    Raises a Problem for an unknown model or an unreadable body.
    """
    recognizer = pick(request.args.get("model"))
    with request_trace.step("body"):
        body = parse(request)
    started = time.perf_counter()
    with turn():
        readings = read(recognizer, body)
    elapsed = round((time.perf_counter() - started) * 1000, 2)
    model = {"name": recognizer.name, "version": recognizer.version}
    results = [
        {**describe(reading), "model": model, **ink_found(recognizer, reading.found), "elapsed_ms": elapsed}
        for reading in readings
    ]
    request_trace.note(recognizer.name, recognizer.version, results)
    return {"results": results} if body.many else results[0]


@contextmanager
def turn() -> Iterator[None]:
    """Hold a turn to compute, timed as the step `read`. Raises a Problem for an image that cannot be read."""
    try:
        with limits.turn(), request_trace.step("read"):
            yield
    except InkError as error:
        raise problem(error) from error
    except (NoInkNetwork, NoLineNetwork) as error:
        raise Problem(503, "No usable weights", str(error)) from error


def each(files: Sequence[bytes], read: Callable[[bytes], T]) -> list[T]:
    """Read image files one by one, within the time of the request. Of several, an InkError says which one failed."""
    results = []
    for number, data in enumerate(files):
        limits.next_image(number, len(files))
        try:
            results.append(read(data))
        except InkError as error:
            if len(files) == 1:
                raise
            raise type(error)(f"Image {number + 1} of {len(files)}: {error}") from error
    return results


def read_numbers(recognizer: Recognizer, body: Body) -> list[Number]:
    """Read the number in each image, or in a drawing."""
    if body.drawing is not None:
        return [numbers.read_drawing(recognizer, body.drawing)]
    return each(body.files, lambda data: numbers.read_files(recognizer, [data])[0])


def reading(reading: Reading) -> dict[str, Any]:
    """Describe a reading of one digit."""
    label = reading.label
    digit = int(label) if label is not None and label.isdigit() else None
    return {"digit": digit, **reading.document(), **network_input(reading)}


def network_input(reading: Reading) -> dict[str, str]:
    """Return the network's 28×28 input as a data URL where the query asks for it with `input=true`."""
    return {"input": data_url(reading.seen_png())} if query.flag("input") else {}


def ink_found(recognizer: Recognizer, found: Scan | None) -> dict[str, Any]:
    """Say which ink network found the ink on paper; with `input=true` in the query, also what and where, and print."""
    if found is None or recognizer.finder is None:
        return {}
    ink: dict[str, Any] = {"version": recognizer.finder.version}
    if query.flag("input"):
        ink |= _picture(found)
        if found.printed:
            ink["print"] = _picture(found.printed)
    return {"ink": ink}


def _picture(found: Scan) -> dict[str, Any]:
    return {"box": found.box, "picture": data_url(encode_png(found.ink))}


def data_url(png: bytes) -> str:
    """Write a PNG file as a data URL."""
    return f"data:image/png;base64,{encoded(png)}"


def encoded(data: bytes) -> str:
    """Write bytes in base64."""
    return base64.b64encode(data).decode()


def quantised(values: Quantised) -> dict[str, Any]:
    """Describe an array: its shape, the values of its lowest and its highest byte, and its bytes in base64."""
    return {
        "shape": values.shape,
        "low": rounded(values.low),
        "high": rounded(values.high),
        "values": encoded(values.data),
    }


def rounded(value: float) -> float:
    """Round to six significant digits: more would only make the answer longer."""
    return float(f"{value:.6g}")


def revalidated(response: Response) -> Response:
    """Let a client keep `response` and ask again with its ETag: the answer is 304 while nothing has changed."""
    response.add_etag()
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


def problem(error: InkError) -> Problem:
    """Map an unreadable image to a problem."""
    match error:
        case NothingToRead():
            return Problem(400, "Nothing to read", str(error))
        case TooLarge():
            return Problem(413, "Too large", str(error))
        case UnknownFormat():
            return Problem(415, "Unsupported Media Type", str(error))
        case _:
            return Problem(422, "Unreadable image", str(error))
