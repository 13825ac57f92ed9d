"""Random numbers, pens and rotations for synthetic training images."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from model.preprocessing import strokes
from model.preprocessing.arrays import Doubles, Ink, Points

# Pen width as a part of the drawing's longer side: pens of 8 to 26 pixels on a canvas of 280, with digits of a third of
# the canvas up to nearly all of it.
MIN_PEN: Final = 0.03
MAX_PEN: Final = 0.27


def log_uniform(random: np.random.Generator, low: float, high: float) -> float:
    """Draw a number between `low` and `high` whose logarithm is uniform."""
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def draw(drawing: Sequence[Points], random: np.random.Generator, max_pen: float = MAX_PEN) -> Ink:
    """Draw strokes with a pen of random width, up to `max_pen` of the longer side, at a random size."""
    extent = float(np.ptp(np.concatenate(drawing), axis=0).max()) or 1.0
    pen = log_uniform(random, min(MIN_PEN, max_pen / 2), max_pen)
    return strokes.draw(drawing, width=pen * extent / (1 - pen), longer_side=int(random.integers(28, 113)))


def rotation(angle: float) -> Doubles:
    """Return the matrix that rotates points (n, 2), as in `points @ matrix`: clockwise, since y points downwards."""
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
