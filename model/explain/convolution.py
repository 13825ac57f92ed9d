"""A convolution in numpy that shows what `Conv2d` computes."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from model.preprocessing.arrays import Doubles

KERNELS: Final[Mapping[str, list[list[float]]]] = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "blur": [[1 / 16, 2 / 16, 1 / 16], [2 / 16, 4 / 16, 2 / 16], [1 / 16, 2 / 16, 1 / 16]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "edge": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "sobel-x": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "sobel-y": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
}


def convolve(images: Doubles, kernels: Doubles, stride: int = 1, padding: int = 0) -> Doubles:
    """Slide `kernels` (O, C, h, w) over `images` (B, C, H, W) and return the maps (B, O, rows, columns).

    Each output pixel is the sum of the pixels under the kernel, each times its weight. (Mathematics calls this a
    cross-correlation: a convolution mirrors the kernel first.) `stride` is the kernel's move from one output pixel to
    the next, and `padding` the width of a frame of zeros around the image: rows = (H + 2·padding - h) // stride + 1.
    Raises ValueError if the kernel does not fit.
    """
    if images.shape[1] != kernels.shape[1]:
        raise ValueError(f"the images have {images.shape[1]} channels and the kernels {kernels.shape[1]}")
    framed = np.pad(images, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    height, width = kernels.shape[2:]
    rows = (framed.shape[2] - height) // stride + 1
    columns = (framed.shape[3] - width) // stride + 1
    if rows < 1 or columns < 1:
        raise ValueError(f"a kernel of {height}×{width} does not fit into {framed.shape[2]}×{framed.shape[3]} pixels")
    maps = np.zeros((len(images), len(kernels), rows, columns))
    for y in range(height):
        for x in range(width):
            # The pixels that the weight at (y, x) is multiplied with: (B, C, rows, columns).
            under = framed[:, :, y : y + stride * rows : stride, x : x + stride * columns : stride]
            maps += np.einsum("bcij,oc->boij", under, kernels[:, :, y, x])
    return maps


def parse_kernel(text: str) -> Doubles:
    """Make a kernel (h, w) from a name in KERNELS, or from rows of numbers such as "0 1 0; 1 -4 1; 0 1 0".

    Raises ValueError, saying what is wrong with the text.
    """
    if text in KERNELS:
        return np.array(KERNELS[text], float)
    try:
        rows = [[float(number) for number in row.split()] for row in text.split(";")]
    except ValueError:
        raise ValueError(f"{text!r} is no kernel: name one of {', '.join(KERNELS)}, or give rows of numbers") from None
    if not rows[0] or len({len(row) for row in rows}) != 1 or not np.isfinite(rows).all():
        raise ValueError(f"{text!r} is no kernel: its rows must be of equal length, and its numbers finite")
    return np.array(rows)
