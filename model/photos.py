"""Photographs, for the networks that read colour: image file → (3, H, W)."""

import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from model.ink import decode


def read_photo(data: bytes, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Decode an image file, upright, and crop its middle to the proportions of `size` (height, width).

    Returns (3, height, width) uint8. Raises an InkError, as reading ink does.
    """
    image = ImageOps.fit(decode(data).convert("RGB"), (size[1], size[0]))
    return np.asarray(image).transpose(2, 0, 1).copy()
