"""Photographs, for the networks that read colour: image file → (3, H, W)."""

import numpy as np
import torch
from PIL import ImageOps
from torch import Tensor

from model.ink import decode


def read_photo(data: bytes, size: tuple[int, int]) -> Tensor:
    """Decode an image file, upright, and crop its middle to the proportions of `size` (height, width).

    Returns (3, height, width) uint8. Raises an InkError, as reading ink does.
    """
    image = ImageOps.fit(decode(data).convert("RGB"), (size[1], size[0]))
    return torch.from_numpy(np.asarray(image).transpose(2, 0, 1).copy())
