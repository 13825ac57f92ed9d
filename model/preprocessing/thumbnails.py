"""Thumbnails of corrections, re-encoded without metadata."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from model.preprocessing import strokes
from model.preprocessing.image_files import decode, encode_png

LONGER_SIDE: Final = 320  # in pixels, at most
MARGIN: Final = 20  # in pixels, around a drawing


def of_drawing(drawing: Sequence[strokes.Stroke]) -> bytes:
    """Draw strokes black on white, and encode them as PNG."""
    ink = strokes.draw(drawing, longer_side=LONGER_SIDE - 2 * MARGIN - 2)
    return encode_png(255 - np.pad(ink, MARGIN), optimize=True)


def of_file(data: bytes) -> bytes:
    """Decode an image file, shrink it, and encode its pixels as PNG, without place, time or camera.

    An animation gives its first frame; transparent images are composited on paper. Raises an InkError.
    """
    image = decode(data).convert("RGB")
    image.thumbnail((LONGER_SIDE, LONGER_SIDE))
    bands = np.asarray(image)
    grey = (bands[..., :1] == bands).all()
    return encode_png(bands[..., 0] if grey else bands, optimize=True)
