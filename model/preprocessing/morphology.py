"""Windows that slide over an image: the least, the most and the mean of what each holds, without a library."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Direction = tuple[int, int]

DOWN: Final = (1, 0)
ACROSS: Final = (0, 1)
DIAGONALS: Final = ((1, 1), (1, -1))


def slide(operation: np.ufunc, values: NDArray[Any], size: int, direction: Direction) -> NDArray[Any]:
    """Take `operation`, np.minimum or np.maximum, over `size` (odd) values of an image along one of the directions.

    Each window is centred on its pixel; beyond the edges, the values at the edges go on. The windows are doubled until
    they are long enough, so that the time grows with the logarithm of `size`, all in whole arrays.
    """
    down, across = direction
    margin = size // 2
    values = np.pad(values, ((margin * down, margin * down), (margin * abs(across), margin * abs(across))), mode="edge")
    if across < 0:
        values = values[:, ::-1]
    reached = 1
    while reached < size:
        step = min(reached, size - reached)
        height, width = values.shape[0] - step * down, values.shape[1] - step * abs(across)
        values = operation(values[:height, :width], values[step * down :, step * abs(across) :])
        reached += step
    return values[:, ::-1] if across < 0 else values


def grow(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """Add to a mask, (H, W), what is within a square of `by` pixels around it."""
    return slide(np.maximum, slide(np.maximum, mask, 2 * by + 1, DOWN), 2 * by + 1, ACROSS)


def close(values: NDArray[Any], size: int) -> NDArray[Any]:
    """Fill what is darker than its surroundings and narrower than `size`: a maximum, then a minimum (Serra 1982).

    The window is an octagon, put together out of four lines: of a broad dark shape it fills corners, and a square's
    would be much larger.
    """
    straight = max(1, round(size * (np.sqrt(2) - 1))) | 1
    slanted = max(1, round((size - straight) / 2)) | 1
    for operation in (np.maximum, np.minimum):
        for direction in (DOWN, ACROSS):
            values = slide(operation, values, straight, direction)
        for direction in DIAGONALS:
            values = slide(operation, values, slanted, direction)
    return values


def smooth(values: Floats) -> Floats:
    """Average each pixel of an image with its eight neighbours."""
    values = np.pad(values, 1, mode="edge")
    rows = values[:-2] + values[1:-1] + values[2:]
    averaged: Floats = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / np.float32(9)
    return averaged
