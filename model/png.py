"""Pixels → PNG files in memory."""

import io

import numpy as np
import PIL.Image
from numpy.typing import NDArray


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode pixels (H, W), or (H, W, 3) in colour, as a PNG file."""
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
