"""Images as numbers in JSON, which is how tutorials about MNIST and TensorFlow Serving's clients send them."""

from typing import Any, Final

from model.preprocessing.image_files import png_of_values
from web.problems import Problem

SIDE: Final = 28  # in pixels
SHAPES: Final = ((SIDE * SIDE,), (SIDE, SIDE))  # without the dimensions of 1, for the batch and the channel
MAX_DEPTH: Final = 6
FORM: Final = f"An image in numbers is a list of {SIDE * SIDE}, or {SIDE} lists of {SIDE}"


def is_image(values: Any) -> bool:
    """Tell whether nested lists have the shape of one image, as far as the first list of each depth shows."""
    return _plain(_shape(values)) in SHAPES


def parse(values: Any) -> bytes:
    """Convert nested lists of numbers to a PNG file. Raises a 400 Problem."""
    shape = _shape(values)
    if _plain(shape) not in SHAPES:
        sent = f"a list of shape {'×'.join(map(str, shape))}" if shape else "no list"
        raise _malformed(f"{FORM}: this is {sent}.")
    flat = [values]
    for length in shape:
        if not all(isinstance(part, list) and len(part) == length for part in flat):
            raise _malformed(f"{FORM}: the lists of this one have different lengths.")
        flat = [value for part in flat for value in part]
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in flat):
        raise _malformed(f"{FORM}: this one holds something else than numbers.")
    if not all(0 <= value <= 255 for value in flat) or 1 < max(flat) < 2:  # NaN is not between them
        raise _malformed(
            "Pixels are numbers from 0 to 1 or from 0 to 255, and not NaN: send them as they were before any "
            "normalisation by mean and standard deviation."
        )
    return png_of_values(flat, SIDE)


def _shape(values: Any) -> tuple[int, ...]:
    shape: list[int] = []
    while isinstance(values, list) and len(shape) < MAX_DEPTH:
        shape.append(len(values))
        values = values[0] if values else None
    return tuple(shape)


def _plain(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)


def _malformed(why: str) -> Problem:
    return Problem(400, "Malformed image", why)
