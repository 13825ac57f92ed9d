"""Arrays as bytes, since parsing numbers in JSON is too slow for a page that follows the pen."""

from dataclasses import dataclass

import numpy as np

from model.preprocessing.arrays import Floats


@dataclass(frozen=True)
class Quantised:
    """An array in row-major order, one byte for each value: value = `low` + byte·(`high` - `low`)/255."""

    shape: tuple[int, ...]
    low: float
    high: float
    data: bytes


def quantise(values: Floats) -> Quantised:
    """Quantise finite `values` of any shape between their minimum and their maximum."""
    low, high = float(values.min()), float(values.max())
    parts = (values - np.float32(low)) / np.float32(high - low or 1)
    return _of(np.rint(parts * 255), low, high)


def quantise_signed(values: Floats) -> Quantised:
    """Quantise `values` symmetrically, so that 0 is exactly the byte 128."""
    most = float(np.abs(values).max()) or 1.0
    return _of(np.rint(values / np.float32(most) * 127) + 128, -most * 128 / 127, most)


def _of(steps: Floats, low: float, high: float) -> Quantised:
    return Quantised(steps.shape, low, high, steps.astype(np.uint8).tobytes())
