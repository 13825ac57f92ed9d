"""Handwriting for the scenes: digits by writers whom no training saw, and MNIST's validation digits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from benchmarks.composed_numbers import Strokes, Writer
from benchmarks.data import by_writer, split_pen_digits
from model.data import mnist
from model.data.sampling import log_uniform
from model.preprocessing import strokes
from model.preprocessing.arrays import Ink

T = TypeVar("T")
Random = np.random.Generator
Scene = tuple[str, bytes]  # a label and an image file

SCANNED = 0.5  # the part of the digits that are MNIST's, where they are small enough
LARGEST_SCAN = 120  # in pixels
PENS = (0.035, 0.15)  # width as a part of the digit's longer side


@dataclass(frozen=True)
class Hand:
    """Where digits are taken from: strokes by several writers, and scans (28, 28) of each label."""

    writers: Sequence[Writer]
    scans: Mapping[int, Sequence[Ink]]

    def digit(self, random: Random, side: float, pens: tuple[float, float] = PENS) -> tuple[str, Ink]:
        """Write any digit, its longer side `side` pixels. Returns its label and its coverage."""
        text = number(random, 1)
        return text, self.write(text, random, side, pens)[0]

    def write(self, text: str, random: Random, side: float, pens: tuple[float, float] = PENS) -> list[Ink]:
        """Write the digits of `text` with one pen and in one hand, each longer side about `side` pixels."""
        pen = log_uniform(random, *pens)
        sides = [max(8, round(side * float(np.exp(random.normal(0, 0.05) if len(text) > 1 else 0)))) for _ in text]
        if side <= LARGEST_SCAN and pens == PENS and random.random() < SCANNED:
            return [
                _enlarge(_any(self.scans[int(label)], random), size) for label, size in zip(text, sides, strict=True)
            ]
        writer = _any(self.writers, random)
        written = [(_any(writer[label], random), size) for label, size in zip(text, sides, strict=True)]
        return [_draw(digit, pen, size) for digit, size in written]

    def row(self, random: Random, count: int, side: float) -> tuple[str, Ink]:
        """Write `count` digits side by side, none touching another. Returns their text and the coverage of all."""
        text = number(random, count)
        inks = self.write(text, random, side)
        gaps = (random.uniform(0.12, 0.45, count) * side).astype(int)
        lefts = list(accumulate((ink.shape[1] + gap for ink, gap in zip(inks, gaps.tolist(), strict=True)), initial=0))
        drops = (random.uniform(0, 0.12, count) * side).astype(int)
        line = np.zeros((max(ink.shape[0] for ink in inks) + drops.max(), lefts[-1] - gaps[-1]), np.uint8)
        for ink, left, drop in zip(inks, lefts, drops.tolist(), strict=False):
            line[drop : drop + ink.shape[0], left : left + ink.shape[1]] = ink
        return text, line


def load(folder: Path) -> Hand:
    """Take the held-out writers of the pen digits and MNIST's validation digits below a data folder."""
    validation = mnist.split_validation(mnist.load(folder, train=True))[1]
    images, labels = validation.images.numpy(), validation.labels.numpy()
    scans = {label: images[labels == label] for label in range(10)}
    return Hand(by_writer(split_pen_digits(folder)[1]), scans)


def number(random: Random, count: int) -> str:
    """Make up `count` digits."""
    return "".join(map(str, random.integers(0, 10, count)))


def _any(choices: Sequence[T], random: Random) -> T:
    return choices[int(random.integers(len(choices)))]


def _draw(digit: Strokes, pen: float, side: int) -> Ink:
    """Draw strokes with smooth edges; the pen's width is `pen` of the longer side."""
    extent = float(np.ptp(np.concatenate(digit), axis=0).max()) or 1.0
    large = strokes.draw(digit, width=pen * extent / (1 - pen), longer_side=2 * side)
    return np.asarray(Image.fromarray(large).reduce(2))


def _enlarge(scan: Ink, side: int) -> Ink:
    """Cut a scan's digit out, bring its longer side to `side` pixels, and make its blurred edges crisp again."""
    rows, columns = np.flatnonzero(scan.any(axis=1)), np.flatnonzero(scan.any(axis=0))
    digit = Image.fromarray(scan[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    scale = side / max(digit.size)
    size = tuple(max(1, round(length * scale)) for length in digit.size)
    large = np.asarray(digit.resize(size, Image.Resampling.BICUBIC), float)
    sharpness = max(1.3, scale / 2)
    return ((large - 110) * sharpness + 128).clip(0, 255).astype(np.uint8)
