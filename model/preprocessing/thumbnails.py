"""Thumbnails of corrections, re-encoded without metadata."""

import io
from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image

from model.preprocessing import strokes
from model.preprocessing.image_files import decode

LONGER_SIDE: Final = 320  # in pixels, at most
MARGIN: Final = 20  # in pixels, around a drawing


def of_drawing(drawing: Sequence[strokes.Stroke]) -> bytes:
    """Draw strokes black on white, and encode them as PNG."""
    ink = strokes.draw(drawing, longer_side=LONGER_SIDE - 2 * MARGIN - 2)
    return _png(Image.fromarray(255 - np.pad(ink, MARGIN)))


def of_file(data: bytes) -> bytes:
    """Decode an image file, shrink it, and encode its pixels as PNG, without place, time or camera.

    An animation gives its first frame; transparent images are composited on paper. Raises an InkError.
    """
    image = decode(data).convert("RGB")
    image.thumbnail((LONGER_SIDE, LONGER_SIDE))
    bands = np.asarray(image)
    grey = (bands[..., :1] == bands).all()
    return _png(Image.fromarray(bands[..., 0] if grey else bands))


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
