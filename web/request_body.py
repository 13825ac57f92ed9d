"""Request body → image files or strokes: from multipart/form-data, image/* or JSON."""

import json
from dataclasses import dataclass, field
from typing import Any

from flask import Request, current_app

from model.preprocessing.image_files import MAX_JPEG_PIXELS, TooLarge, check_pixels
from web import base64_images, pixels
from web.base64_images import check_no_address
from web.problems import Problem
from web.strokes import PenStroke, parse_strokes

FORMS = (
    'send multipart/form-data with "image" files, a raw body with Content-Type: image/png (or another image/*), or '
    'application/json with "image", "images" or "strokes".'
)

VALUES = 8  # JSON values allowed per allowed point, stroke and image

Drawing = list[list[tuple[float, ...]]]  # points (x, y), or (x, y, width of the pen)


@dataclass(frozen=True)
class Body:
    """The images or the strokes of a request. With `many`, the answer is a list."""

    files: list[bytes] = field(default_factory=list)
    strokes: list[PenStroke] | None = None
    many: bool = False

    @property
    def drawing(self) -> Drawing | None:
        """The strokes in the recogniser's format."""
        return None if self.strokes is None else [stroke.inked() for stroke in self.strokes]


def parse(request: Request) -> Body:
    """Parse the body of a request. Raises a 400, 413 or 415 Problem."""
    _check_encoding(request)
    kind = request.mimetype
    if kind == "multipart/form-data":
        if "boundary" not in request.mimetype_params:
            raise Problem(
                400, "Malformed form",
                "Content-Type: multipart/form-data has no boundary: leave this header to the HTTP client.",
            )  # fmt: skip
        files = [file.read() for file in request.files.getlist("image")]
        if not files:
            check_no_address(request.form.get("image", ""))
            raise _nothing('the form has no file in a field called "image"')
        return _checked(Body(files, many=len(files) > 1))
    if kind.startswith("image/"):
        return _checked(Body([request.get_data(cache=False)]))
    if kind == "application/json":
        return from_document(_json(request.get_data(cache=False)))
    if not request.content_length:
        raise _nothing("the request has no body")
    raise Problem(
        415, "Unsupported Media Type", f"Content-Type {kind or 'is missing'}{' is not read' if kind else ''}: {FORMS}"
    )


def json_object(request: Request) -> dict[str, Any]:
    """Parse a body that must be a JSON object. Raises a 400 or 415 Problem."""
    if request.mimetype != "application/json":
        raise Problem(
            415, "Unsupported Media Type", "Only JSON is taken here: send it with Content-Type: application/json."
        )
    _check_encoding(request)
    document = _json(request.get_data(cache=False))
    if not isinstance(document, dict):
        raise Problem(400, "Malformed JSON", 'The body is no JSON object: send one such as {"label": "7"}.')
    return document


def from_document(document: Any) -> Body:
    """Parse the images or strokes in a JSON document. Raises a 400 or 413 Problem."""
    match document:
        case {"image": _, "strokes": _}:
            raise Problem(400, "Two things to read", 'Send either "image" or "strokes", and not both.')
        case {"image": image}:
            return _checked(Body([_image(image)]))
        case {"images": [*images]}:
            if not images:
                raise _nothing('"images" is empty')
            _check_count(len(images))
            return _checked(Body([_image(image) for image in images], many=True))
        case {"strokes": strokes, **others}:
            return Body(strokes=parse_strokes(strokes, others.get("width")))
        case {"instances": [*instances]}:  # TensorFlow Serving's
            if not instances:
                raise _nothing('"instances" is empty')
            if pixels.is_image(instances):
                return _checked(Body([pixels.parse(instances)], many=True))
            _check_count(len(instances))
            return _checked(Body([pixels.parse(instance) for instance in instances], many=True))
        case _:
            raise _nothing('the JSON has no "image", no list "images" or "instances" and no "strokes"')


def _check_encoding(request: Request) -> None:
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity":
        raise Problem(
            415, "Unsupported Media Type",
            f"Content-Encoding {encoding} is not read: send the body as it is, without that header.",
            {"Accept-Encoding": "identity"},
        )  # fmt: skip


def _json(text: bytes) -> Any:
    # When it is parsed, a text such as "[],[],[]…" takes twenty times its size in memory. So values are counted first:
    # each has a comma or a bracket before it.
    limit = VALUES * sum(current_app.config[name] for name in ("MAX_POINTS", "MAX_STROKES", "MAX_IMAGES"))
    if sum(text.count(mark) for mark in b",[{") > limit:
        raise Problem(413, "Too large", f"The JSON holds more than {limit:,} values: send fewer points or images.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Problem(
            400, "Malformed JSON", 'The body is not JSON: send an object such as {"image": "<base64>"}.'
        ) from None


def _image(image: Any) -> bytes:
    if isinstance(image, list):
        return pixels.parse(image)
    if not isinstance(image, str):
        raise Problem(
            400, "Malformed image", "An image in JSON is a string, a data URL or base64, or a list of 784 pixels."
        )
    return base64_images.decode(image)


def _checked(body: Body) -> Body:
    """Check the number of images and of their pixels, and that none is an address. Raises a 400 or 413 Problem."""
    _check_count(len(body.files))
    for data in body.files:
        check_no_address(data)
    most = current_app.config["MAX_PIXELS"]
    if most < MAX_JPEG_PIXELS:  # decoding checks the default limit
        try:
            for data in body.files:
                check_pixels(data, most)
        except TooLarge as error:
            raise Problem(413, "Too large", str(error)) from None
    return body


def _check_count(count: int) -> None:
    limit = current_app.config["MAX_IMAGES"]
    if count > limit:
        raise Problem(413, "Too large", f"A request holds at most {limit} images: send the rest in another.")


def _nothing(why: str) -> Problem:
    return Problem(400, "Nothing to read", f"There is nothing to read, since {why}: {FORMS}")
