"""Test-time augmentation: uncertain images get a second look at copies that are turned, slanted, scaled and shifted.

If the network's first answer is uncertain, its probabilities are averaged over a dozen slightly moved copies, and so is
how strange it finds them. Most images need no second look and cost nothing more. docs/training.md says what it gains.
After Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks" (2012), who average over
copies of every image.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.inference.calibration import log_softmax, log_sum_exp
from model.preprocessing.arrays import Doubles, Floats

DOUBTFUL: Final = 0.8  # a second look below this uncalibrated probability
ROTATION: Final = math.radians(8)
SLANT: Final = 0.15
SCALE: Final = 1.1
SHIFT: Final = 1  # pixel
COPIES: Final = 12
AT_ONCE: Final = 100  # images


@dataclass(frozen=True)
class Looks:
    """The logits (N, C) of a first look, and of all 13 looks (M, 13, C) at the `doubtful` ones, by their index (M,)."""

    first: Floats
    doubtful: NDArray[np.intp]
    all: Floats

    def logits(self) -> Floats:
        """Return logits (N, C); those of the doubtful are logarithms of mean probabilities, so have no energy."""
        if not len(self.doubtful):
            return self.first
        logits = self.first.copy()
        logits[self.doubtful] = log_sum_exp(log_softmax(self.all), axis=1)[:, 0] - math.log(COPIES + 1)
        return logits

    def mean(self, score: Callable[[Floats], Floats]) -> Floats:
        """Return a score of logits (N,): where there are several looks, its mean over them."""
        scores = score(self.first)
        if len(self.doubtful):
            every = score(self.all.reshape(-1, self.all.shape[2]))
            scores[self.doubtful] = every.reshape(len(self.doubtful), COPIES + 1).mean(axis=1)
        return scores


def look_again(images: NDArray[np.uint8], logits: Floats, look: Callable[[Floats], Floats]) -> Looks:
    """Look at the doubtful ones of images (N, 28, 28) again, whose first look gave logits (N, C).

    `look` returns the logits of images (N, 28, 28) float32 from 0 to 1. Photographs (N, 3, H, W) get no second look.
    """
    doubtful = np.flatnonzero(is_doubtful(logits)) if images.ndim == 3 else np.array([], int)
    every = np.empty((len(doubtful), COPIES + 1, logits.shape[1]), np.float32)
    every[:, 0] = logits[doubtful]
    for start in range(0, len(doubtful), AT_ONCE):
        batch = doubtful[start : start + AT_ONCE]
        looks = look(move(images[batch]).reshape(-1, *images.shape[1:]))
        every[start : start + AT_ONCE, 1:] = looks.reshape(len(batch), COPIES, -1)
    return Looks(logits, doubtful, every)


def is_doubtful(logits: Floats) -> NDArray[np.bool_]:
    """Tell for each row of logits (N, C) whether it needs a second look."""
    return log_softmax(logits).max(axis=-1) < math.log(DOUBTFUL)


def move(images: NDArray[np.uint8]) -> Floats:
    """Make the moved copies of images (N, 28, 28) uint8: (N, 12, 28, 28) float32 from 0 to 1.

    Interpolation is bilinear, with paper beyond the edges.
    """
    height, width = images.shape[1:]
    places, weights = _corners(height, width)
    ink = np.zeros((len(images), height * width + 1), np.float32)  # the last is the paper beyond the edges
    np.divide(images.reshape(len(images), -1), 255, out=ink[:, :-1], dtype=np.float32)
    return np.einsum("nkcp,kcp->ncp", ink[:, places], weights).reshape(len(images), COPIES, height, width)


@functools.cache
def _corners(height: int, width: int) -> tuple[NDArray[np.intp], Floats]:
    """Tabulate the four pixels, and their weights, that each pixel of each copy is interpolated from: (4, 12, H·W)."""
    rows, columns = np.mgrid[:height, :width] + 0.5
    x, y = (columns - width / 2).ravel(), (rows - height / 2).ravel()
    # Where each pixel of each copy comes from, measured from the image's centre.
    sources = np.stack([matrix @ np.stack([x, y, np.ones_like(x)]) for matrix in _moves()])
    across, down = sources[:, 0] + width / 2 - 0.5, sources[:, 1] + height / 2 - 0.5
    left, top = np.floor(across).astype(int), np.floor(down).astype(int)
    places, weights = [], []
    for row, row_share in ((top, top + 1 - down), (top + 1, down - top)):
        for column, column_share in ((left, left + 1 - across), (left + 1, across - left)):
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            places.append(np.where(inside, row * width + column, height * width))
            weights.append(row_share * column_share)
    return np.stack(places), np.stack(weights).astype(np.float32)


def _moves() -> list[Doubles]:
    """List the affine matrices (2, 3) that map a copy's pixels to the image, each move in both directions."""
    moves: dict[str, tuple[float, float]] = {
        "angle": (ROTATION, -ROTATION),
        "stretch_x": (SCALE, 1 / SCALE),
        "stretch_y": (SCALE, 1 / SCALE),
        "slant": (SLANT, -SLANT),
        "right": (SHIFT, -SHIFT),
        "down": (SHIFT, -SHIFT),
    }
    return [_matrix(**{kind: amount}) for kind, both in moves.items() for amount in both]


def _matrix(
    angle: float = 0, stretch_x: float = 1, stretch_y: float = 1, slant: float = 0, right: float = 0, down: float = 0
) -> Doubles:
    """Compose one affine matrix in the order of training.augment.affine: slant, rotation, scale, shift."""
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array(
        [
            [cos * stretch_x, (slant * cos - sin) * stretch_x, right],
            [sin * stretch_y, (slant * sin + cos) * stretch_y, down],
        ]
    )
