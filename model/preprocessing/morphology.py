"""Morphology in numpy: sliding minimum and maximum, dilation, closing, and a 3×3 mean."""

from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.preprocessing.arrays import Floats

Scalar = TypeVar("Scalar", bound=np.generic)
Direction = tuple[int, int]

DOWN: Final = (1, 0)
ACROSS: Final = (0, 1)
DIAGONALS: Final = ((1, 1), (1, -1))


def slide(operation: np.ufunc, values: NDArray[Any], size: int, direction: Direction) -> NDArray[Any]:
    """Take `operation`, np.minimum or np.maximum, over `size` (odd) values of an image along a direction.

    Each window is centred on its pixel; the image is padded with the values at its edges. Windows double in length
    until they have `size` values, so the time grows with the logarithm of `size`.
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


def grow(values: NDArray[Scalar], by: int) -> NDArray[Scalar]:
    """Dilate a mask or an image, (H, W), by `by` pixels in each direction: with a square."""
    return slide(np.maximum, slide(np.maximum, values, 2 * by + 1, DOWN), 2 * by + 1, ACROSS)


def close(values: NDArray[Any], size: int) -> NDArray[Any]:
    """Close an image: fill what is darker than its surroundings and narrower than `size` (Serra 1982).

    The window is an octagon, composed of four lines. Closing also fills the corners of broad dark shapes, and a square
    would fill much larger ones.
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
    return (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / np.float32(9)
