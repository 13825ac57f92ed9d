"""Ink of any size → the 28×28 image that MNIST would have made of it.

This is the only normaliser: pen strokes in training, drawings, uploads and the command line all use it, so a network
gets in service what it saw in training.

The recipe is that of NIST and LeCun, described on the MNIST page and in Yadav and Bottou, "Cold Case: The Lost MNIST
Digits" (2019): crop to the ink, scale it into a 20×20 box with antialiasing, keeping the aspect ratio, and translate it
by whole pixels so that its centre of mass is the centre of a 28×28 field. Measured on the training images: the longer
side of the box is 20 pixels in 99.98 % of them, and the centre of mass is within half a pixel of (14, 14) in all of
them, where the centre of the first pixel is 0.
"""

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from PIL import Image

from model.preprocessing.arrays import Ink, bounds

SIDE: Final = 28  # in pixels, of the field
BOX: Final = 20  # in pixels, the longer side of the ink
CENTRE: Final = 14  # the pixel that the centre of mass falls on
BLANK_BELOW: Final = 24  # of 255: above paper grain and JPEG noise, below a faint pencil
EDGE_AT: Final = 1 / 8  # of the darkest ink: fainter ink does not widen the crop


# What there is on paper beside the ink: "print" for lines, boxes, frames and text.
Paper = tuple[Literal["print"], ...]


@dataclass(frozen=True)
class Placed:
    """A normalised image, (28, 28) uint8, and the square of the ink that it shows.

    `frame` is the left, top and side of the square, in pixels of the ink; None where there is no ink. `found` is
    the scan, if its ink was found on paper.
    """

    image: Ink
    frame: tuple[float, float, float] | None
    found: "Scan | None" = None


def is_blank(ink: Ink) -> bool:
    """Tell whether `ink`, (H, W) uint8, is too faint everywhere to be a pen's."""
    return ink.size == 0 or int(ink.max()) < BLANK_BELOW


def normalize(ink: Ink) -> Ink:
    """Bring the ink of one digit to the position, size and contrast that MNIST gives it.

    `ink` is (H, W) uint8 of any size, 0 for paper and 255 for full ink. Returns (28, 28) uint8, zeros for blank ink.
    """
    return place(ink).image


def place(ink: Ink) -> Placed:
    """Normalise as `normalize` does. Returns also where the 28×28 field lies on `ink`."""
    if is_blank(ink):
        return Placed(np.zeros((SIDE, SIDE), np.uint8), None)
    cropped, (left, top, width, height) = _fit(ink)
    digit = _full_contrast(cropped)
    return _centred(digit, left + width / 2, top + height / 2, max(width, height) / max(digit.shape))


def _centred(digit: Ink, x: float, y: float, scale: float) -> Placed:
    """Place `digit` on the field. In the ink, its middle is at `x`, `y`, and each of its pixels is `scale` wide."""
    height, width = digit.shape
    row, column = _centre_of_mass(digit)
    # A digit with nearly all its ink at one end would leave the field. It is clamped, and then not centred.
    top = min(max(CENTRE - _half_up(row), 0), SIDE - height)
    left = min(max(CENTRE - _half_up(column), 0), SIDE - width)
    field = np.zeros((SIDE, SIDE), np.uint8)
    field[top : top + height, left : left + width] = digit
    return Placed(field, (x - scale * (left + width / 2), y - scale * (top + height / 2), scale * SIDE))


def _fit(ink: Ink) -> tuple[Ink, tuple[int, int, int, int]]:
    """Crop to the ink, and scale it to a longer side of 20 pixels.

    Returns it with left, top, width and height of the crop.
    """
    [(top, bottom, left, right)] = bounds(ink, max(1, int(ink.max() * EDGE_AT)) + 1)
    height, width = bottom - top, right - left
    if max(height, width) == BOX:
        # One of MNIST's images. The faint edge of its lines, a pixel wide, did not count in its size: it stays.
        top, left = max(top - 1, 0), max(left - 1, 0)
        kept = ink[top : bottom + 1, left : right + 1]
        return kept, (left, top, kept.shape[1], kept.shape[0])
    scale = BOX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    # Pillow's bilinear filter averages all pixels when it shrinks an image; a browser's samples a few.
    fitted = Image.fromarray(ink[top:bottom, left:right]).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(fitted), (left, top, width, height)


def _full_contrast(ink: Ink) -> Ink:
    """Scale the darkest ink to 255, as in MNIST, so that thin and pale lines look like others."""
    darkest = int(ink.max())
    if darkest >= 250:  # MNIST's own images have 254 or 255: they stay as they are
        return ink
    return np.rint(ink * (255 / max(darkest, 1))).astype(np.uint8)


def _centre_of_mass(ink: Ink) -> tuple[float, float]:
    rows, columns = ink.sum(axis=1, dtype=np.float64), ink.sum(axis=0, dtype=np.float64)
    mass = float(rows.sum())
    return float(rows @ np.arange(len(rows))) / mass, float(columns @ np.arange(len(columns))) / mass


def _half_up(value: float) -> int:
    return int(np.floor(value + 0.5))


@dataclass(frozen=True)
class Scan:
    """Ink (H, W) and its place in the source: the upright image, in pixels, or the strokes, in their unit.

    A pixel of the ink is `scale` wide and high there, and its corner is at `left`, `top`. `paper` is None for a
    drawing, and else tells what the ink network saw on the paper beside the ink. `printed` is where it saw print, as
    if that were the ink of a scan. `misses` is where there may be points on the paper that it did not find: boxes
    (left, top, width, height) in pixels of the ink.
    """

    ink: Ink
    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0
    paper: Paper | None = None
    printed: "Scan | None" = None
    misses: tuple[tuple[int, int, int, int], ...] = ()

    @cached_property
    def ambiguity(self) -> float:
        """How unclear the ink is: the mean of p(1 - p) of its pixels, where p is the probability that it is ink."""
        chances = self.ink / np.float32(255)
        return float((chances * (1 - chances)).sum() / max(float(chances.sum()), 1.0))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The place of all of it in the source: left, top, width and height."""
        return self.sent((0, 0, self.ink.shape[1], self.ink.shape[0]))

    def magnified(self, scale: float) -> "Scan":
        """Measure its place in pixels of a source that is `scale` times as large."""
        printed = self.printed and self.printed.magnified(scale)
        place = self.scale * scale, self.left * scale, self.top * scale
        return Scan(self.ink, *place, self.paper, printed, self.misses)

    def place(self) -> Placed:
        """Normalise the ink of one digit."""
        return dataclasses.replace(place(self.ink), found=None if self.paper is None else self)

    def sent(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Map a box (left, top, width, height) from pixels of the ink to the source."""
        left, top, width, height = (self.scale * side for side in box)
        return self.left + left, self.top + top, width, height
