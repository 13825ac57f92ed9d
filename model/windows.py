"""Windows that slide over an image: the least, the most and the mean of what each holds, without a library."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def slide(operation: np.ufunc, values: NDArray[Any], size: int, axis: int) -> NDArray[Any]:
    """Take `operation`, np.minimum or np.maximum, over windows of `size` values (odd) along `axis` of an image.

    Each window is centred on its value; beyond the edges, the values at the edges go on. The windows are doubled until
    they are wide enough, so that the time grows with the logarithm of `size` (van Herk 1992 has a constant one, but
    not in whole arrays).
    """
    margins = [(0, 0), (0, 0)]
    margins[axis] = (size // 2, size // 2)
    values = np.pad(values, margins, mode="edge")
    reached = 1
    while reached < size:
        step = min(reached, size - reached)
        length = values.shape[axis] - step
        values = (
            operation(values[:length], values[step:]) if axis == 0 else operation(values[:, :length], values[:, step:])
        )
        reached += step
    return values


def grow(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """Add to a mask, (H, W), what is within a square of `by` pixels around it."""
    return slide(np.maximum, slide(np.maximum, mask, 2 * by + 1, 0), 2 * by + 1, 1)


def close(values: NDArray[Any], size: int) -> NDArray[Any]:
    """Fill what is darker than its surroundings and narrower than `size`: a maximum, then a minimum (Serra 1982)."""
    size |= 1
    for operation in (np.maximum, np.minimum):
        values = slide(operation, slide(operation, values, size, 0), size, 1)
    return values


def smooth(values: Floats) -> Floats:
    """Average each pixel of an image with its eight neighbours."""
    values = np.pad(values, 1, mode="edge")
    rows = values[:-2] + values[1:-1] + values[2:]
    averaged: Floats = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / np.float32(9)
    return averaged
