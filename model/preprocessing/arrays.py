"""Type aliases of arrays, for all packages, and where the ink of an image lies."""

import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.uint8]  # (H, W): 0 for paper, 255 for full ink
Mask = NDArray[np.bool_]
Integers = NDArray[np.int64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Points = NDArray[np.float64]  # (n, 2): x to the right, y downwards


def bounds(ink: Ink, *least: int) -> list[tuple[int, int, int, int]]:
    """Find the top, bottom, left and right, the last of both exclusive, of ink (H, W) that is `least` or darker.

    There must be such ink. Several levels are told apart at little more than the cost of one: the maxima of rows and
    columns are found once, and faster than pixels are compared.
    """
    profiles = ink.max(axis=1), ink.max(axis=0)
    found = [[np.flatnonzero(profile >= level)[[0, -1]].tolist() for profile in profiles] for level in least]
    return [(top, bottom + 1, left, right + 1) for (top, bottom), (left, right) in found]
