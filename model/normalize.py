"""Ink of any size → the 28×28 image that MNIST would have made of it.

This is the only code that does this. Pen strokes in training, drawings, uploads and the command line all pass through
`normalize`, so what a network saw in training is what it gets in service.

The recipe is NIST's and LeCun's, as told on the MNIST page and in Yadav and Bottou, "Cold Case: The Lost MNIST Digits"
(2019): crop to the ink, scale it into a 20×20 box keeping its aspect, antialiased, and translate it by whole pixels so
that its centre of mass falls on the centre of a 28×28 field. Measured on the training images: the longer side of the
box is 20 in 99.98 % of them, and the centre of mass lies within half a pixel of (14, 14) in all of them, counting the
first pixel's centre as 0.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE: Final = 28  # in pixels, the whole field
BOX: Final = 20  # in pixels, the longer side of the ink
CENTRE: Final = 14  # the pixel that the centre of mass falls on
BLANK_BELOW: Final = 24  # of 255: meant to lie above paper grain and JPEG noise, and below a faint pencil
EDGE_AT: Final = 1 / 8  # of the darkest ink: what is fainter does not widen the crop

Ink = NDArray[np.uint8]


def is_blank(ink: Ink) -> bool:
    """Say whether `ink`, (H, W) with 0 for paper and 255 for full ink, holds nothing that a pen could have left."""
    return ink.size == 0 or int(ink.max()) < BLANK_BELOW


def normalize(ink: Ink) -> Ink:
    """Bring the ink of one digit to the place, size and contrast that MNIST gives it.

    `ink` is (H, W) uint8 of any size, 0 for paper and 255 for full ink. Returns (28, 28) uint8. Ink where there is
    none gives an empty image.
    """
    if is_blank(ink):
        return np.zeros((SIDE, SIDE), np.uint8)
    digit = _full_contrast(_fit(ink))
    height, width = digit.shape
    row, column = _centre_of_mass(digit)
    # A digit with nearly all its ink at one end would leave the field: it keeps its ink rather than its centre.
    top = min(max(CENTRE - _half_up(row), 0), SIDE - height)
    left = min(max(CENTRE - _half_up(column), 0), SIDE - width)
    field = np.zeros((SIDE, SIDE), np.uint8)
    field[top : top + height, left : left + width] = digit
    return field


def _fit(ink: Ink) -> Ink:
    """Crop to the ink, and scale it so that its longer side is 20 pixels."""
    inked = ink > max(1, int(ink.max()) * EDGE_AT)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    height, width = bottom - top, right - left
    if max(height, width) == BOX:
        # An image of MNIST's: the faint edge of its lines is a pixel wide, did not count for its size, and is kept.
        return ink[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1]
    scale = BOX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    # Pillow's bilinear filter widens as it shrinks, so that every pixel of the drawing counts; a browser's does not.
    return np.asarray(Image.fromarray(ink[top:bottom, left:right]).resize(size, Image.Resampling.BILINEAR))


def _full_contrast(ink: Ink) -> Ink:
    """Make the darkest ink 255, as it is in MNIST, so that thin and pale lines look like any others."""
    darkest = int(ink.max())
    if darkest >= 250:  # MNIST's own darkest is 254 or 255: leave its images as they are
        return ink
    stretched: Ink = np.rint(ink * (255 / max(darkest, 1))).astype(np.uint8)
    return stretched


def _centre_of_mass(ink: Ink) -> tuple[float, float]:
    mass = ink.sum(dtype=np.float64)
    row = ink.sum(axis=1, dtype=np.float64) @ np.arange(ink.shape[0]) / mass
    column = ink.sum(axis=0, dtype=np.float64) @ np.arange(ink.shape[1]) / mass
    return float(row), float(column)


def _half_up(value: float) -> int:
    return int(np.floor(value + 0.5))
