"""Ink of any size → the 28×28 image that MNIST would have made of it.

This is the only code that does this. Pen strokes in training, drawings, uploads and the command line all pass through
`normalize`, so what a network saw in training is what it gets in service.

The recipe is NIST's and LeCun's, as told on the MNIST page and in Yadav and Bottou, "Cold Case: The Lost MNIST Digits"
(2019): crop to the ink, scale it into a 20×20 box keeping its aspect, antialiased, and translate it by whole pixels so
that its centre of mass falls on the centre of a 28×28 field. Measured on the training images: the longer side of the
box is 20 in 99.98 % of them, and the centre of mass lies within half a pixel of (14, 14) in all of them, counting the
first pixel's centre as 0.
"""

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Placed:
    """An image as MNIST would have made it, (28, 28) uint8, and the square of the ink that became it.

    `frame` is the square's left and top and its side, in pixels of the ink; None where there is no ink.
    """

    image: Ink
    frame: tuple[float, float, float] | None


def is_blank(ink: Ink) -> bool:
    """Say whether `ink`, (H, W) with 0 for paper and 255 for full ink, holds nothing that a pen could have left."""
    return ink.size == 0 or int(ink.max()) < BLANK_BELOW


def normalize(ink: Ink) -> Ink:
    """Bring the ink of one digit to the place, size and contrast that MNIST gives it.

    `ink` is (H, W) uint8 of any size, 0 for paper and 255 for full ink. Returns (28, 28) uint8. Ink where there is
    none gives an empty image.
    """
    return place(ink).image


def place(ink: Ink) -> Placed:
    """Do as normalize, and tell where the 28×28 field lies on `ink`."""
    if is_blank(ink):
        return Placed(np.zeros((SIDE, SIDE), np.uint8), None)
    cropped, (left, top, width, height) = _fit(ink)
    digit = _full_contrast(cropped)
    return _centred(digit, left + width / 2, top + height / 2, max(width, height) / max(digit.shape))


def _centred(digit: Ink, x: float, y: float, scale: float) -> Placed:
    """Lay `digit` on the field. Its middle was at `x`, `y` of the ink, of which a pixel of it is `scale` pixels."""
    height, width = digit.shape
    row, column = _centre_of_mass(digit)
    # A digit with nearly all its ink at one end would leave the field: it keeps its ink rather than its centre.
    top = min(max(CENTRE - _half_up(row), 0), SIDE - height)
    left = min(max(CENTRE - _half_up(column), 0), SIDE - width)
    field = np.zeros((SIDE, SIDE), np.uint8)
    field[top : top + height, left : left + width] = digit
    return Placed(field, (x - scale * (left + width / 2), y - scale * (top + height / 2), scale * SIDE))


def _fit(ink: Ink) -> tuple[Ink, tuple[int, int, int, int]]:
    """Crop to the ink, and scale it so that its longer side is 20 pixels.

    Returns it, and left, top, width and height of what was cropped.
    """
    inked = ink > max(1, int(ink.max() * EDGE_AT))  # of whole numbers, which are compared ten times as fast
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    height, width = bottom - top, right - left
    if max(height, width) == BOX:
        # An image of MNIST's: the faint edge of its lines is a pixel wide, did not count for its size, and is kept.
        top, left = max(top - 1, 0), max(left - 1, 0)
        kept = ink[top : bottom + 1, left : right + 1]
        return kept, (left, top, kept.shape[1], kept.shape[0])
    scale = BOX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    # Pillow's bilinear filter widens as it shrinks, so that every pixel of the drawing counts; a browser's does not.
    fitted = Image.fromarray(ink[top:bottom, left:right]).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(fitted), (left, top, width, height)


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


@dataclass(frozen=True)
class Scan:
    """Ink (H, W), each of whose pixels is `scale` wide and high in the unit of what was sent.

    That is pixels of the upright image, or the unit of the strokes; the ink's corner is at `left`, `top`.
    """

    ink: Ink
    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0

    def sent(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Turn a box of the ink, as left, top, width and height in its pixels, into one of what was sent."""
        left, top, width, height = (self.scale * side for side in box)
        return self.left + left, self.top + top, width, height
