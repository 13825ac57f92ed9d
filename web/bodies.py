"""Request bodies → what is to be read: image files or a drawing, whichever way they were sent."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

from flask import Request, current_app

from web.problems import Problem

MAX_STROKES = 1_000
MAX_POINTS = 20_000
MAX_COORDINATE = 1e6

FORMS = (
    'send multipart/form-data with "image" files, a raw body with Content-Type: image/png (or another image/*), or '
    'application/json with "image", "images" or "strokes".'
)

Drawing = list[list[tuple[float, float]]]


@dataclass(frozen=True)
class Body:
    """What one request wants read. `many` says that it is answered with a list."""

    files: list[bytes] = field(default_factory=list)
    drawing: Drawing | None = None
    width: float | None = None
    many: bool = False


def parse(request: Request) -> Body:
    """Take the images or the strokes out of a request. Raises a 400, 413 or 415 Problem."""
    kind = request.mimetype
    if kind == "multipart/form-data":
        files = [file.read() for file in request.files.getlist("image")]
        if not files:
            raise _nothing('the form has no file in a field called "image"')
        return _limited(Body(files, many=len(files) > 1))
    if kind.startswith("image/"):
        return Body([request.get_data(cache=False)])
    if kind == "application/json":
        return _limited(_from_json(request.get_data(cache=False)))
    if not request.content_length:
        raise _nothing("the request has no body")
    raise Problem(
        415, "Unsupported Media Type", f"Content-Type {kind or 'is missing'}{' is not read' if kind else ''}: {FORMS}"
    )


def _from_json(text: bytes) -> Body:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Problem(
            400, "Malformed JSON", 'The body is not JSON: send an object such as {"image": "<base64>"}.'
        ) from None
    match document:
        case {"image": image}:
            return Body([_from_base64(image)])
        case {"images": [*images]}:
            if not images:
                raise _nothing('"images" is empty')
            return Body([_from_base64(image) for image in images], many=True)
        case {"strokes": strokes, **others}:
            return Body(drawing=_drawing(strokes), width=_width(others.get("width")))
        case _:
            raise _nothing('the JSON has no "image", no list "images" and no "strokes"')


def _from_base64(text: Any) -> bytes:
    if not isinstance(text, str):
        raise Problem(400, "Malformed image", "An image in JSON is a string: a data URL, or base64.")
    if text.startswith("data:"):
        header, _, text = text.partition(",")
        if not header.endswith(";base64"):
            raise Problem(400, "Malformed image", "A data URL must be in base64: data:image/png;base64,…")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Problem(400, "Malformed image", "The image is not valid base64: encode the whole file.") from None


def _drawing(strokes: Any) -> Drawing:
    advice = 'Strokes are lists of points: {"strokes": [[[x, y], [x, y], …], …]}, in numbers, y downwards.'
    if not isinstance(strokes, list) or not all(isinstance(stroke, list) for stroke in strokes):
        raise Problem(400, "Malformed strokes", advice)
    if len(strokes) > MAX_STROKES or sum(map(len, strokes)) > MAX_POINTS:
        raise Problem(413, "Too large", f"A drawing has at most {MAX_STROKES:,} strokes and {MAX_POINTS:,} points.")
    drawing: Drawing = []
    for stroke in strokes:
        drawing.append([])
        for point in stroke:
            match point:
                case [x, y] if _is_coordinate(x) and _is_coordinate(y):
                    drawing[-1].append((x, y))
                case _:
                    raise Problem(400, "Malformed strokes", advice)
    return drawing


def _width(width: Any) -> float | None:
    if width is None:
        return None
    if not _is_coordinate(width) or width <= 0:
        raise Problem(400, "Malformed strokes", 'The pen\'s "width" is a number above 0, in the unit of the points.')
    return float(width)


def _is_coordinate(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= MAX_COORDINATE


def _limited(body: Body) -> Body:
    limit = current_app.config["MAX_IMAGES"]
    if len(body.files) > limit:
        raise Problem(413, "Too large", f"A request holds at most {limit} images: send the rest in another.")
    return body


def _nothing(why: str) -> Problem:
    return Problem(400, "Nothing to read", f"There is nothing to read, since {why}: {FORMS}")
