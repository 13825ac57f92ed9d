"""Strokes → images as any drawing becomes one: pen digits, what is no digit, and digits cut out of touching rows."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import torch

from model.data import non_digits, templates, touching_digits
from model.data.image_set import OTHER, ImageSet
from model.data.pen_digits import PenDigit
from model.preprocessing import strokes
from model.preprocessing.normalize import normalize

# Pen width as a part of the drawing's longer side. On a 280-pixel canvas, digits of a third to nearly all of the side
# drawn with pens of 8 to 26 pixels lie between 0.03 and 0.27.
THINNEST: Final = 0.03
THICKEST: Final = 0.27
THICKEST_TEMPLATE: Final = 0.18  # a wider pen fills the zeros that have something inside, and they could be anything


def draw_pen_digits(
    digits: Sequence[PenDigit], seed: int, progress: Callable[[], object] = lambda: None, thickest: float = THICKEST
) -> ImageSet:
    """Draw each digit once, with a pen and at a size of its own, and normalise it as any drawing is."""
    random = np.random.default_rng(seed)
    images = np.empty((len(digits), 28, 28), np.uint8)
    for index, digit in enumerate(digits):
        points = np.concatenate(digit.strokes)
        extent = float(np.ptp(points, axis=0).max())
        part = np.exp(random.uniform(np.log(THINNEST), np.log(thickest)))
        ink = strokes.draw(digit.strokes, width=part * extent / (1 - part), longer_side=int(random.integers(28, 113)))
        images[index] = normalize(ink)
        progress()
    return ImageSet(torch.from_numpy(images), torch.tensor([digit.label for digit in digits], dtype=torch.int64))


def make_nondigits(
    count: int,
    digits: Sequence[PenDigit],
    seed: int,
    kinds: Sequence[str] = tuple(non_digits.KINDS),
    progress: Callable[[], object] = lambda: None,
) -> ImageSet:
    """Make images of what is no digit, some of them out of `digits`, and normalise them as any drawing is."""
    random, sources = np.random.default_rng(seed), non_digits.by_label(digits)
    images = np.empty((count, 28, 28), np.uint8)
    for image in images:
        image[:] = normalize(non_digits.make(kinds, sources, random))
        progress()
    return ImageSet(torch.from_numpy(images), torch.full((count,), OTHER))


def cut_digits(
    count: int, digits: Sequence[PenDigit], seed: int, progress: Callable[[], object] = lambda: None
) -> ImageSet:
    """Make images that are cut out of rows of `digits` that touch: some are digits, some are none."""
    random, digits = np.random.default_rng(seed), templates.or_templates(digits)
    images, labels = np.empty((count, 28, 28), np.uint8), np.full(count, OTHER)
    done = 0
    while done < count:
        for ink, label in touching_digits.write_and_cut(digits, random)[: count - done]:
            images[done] = normalize(ink)
            labels[done] = OTHER if label is None else label
            done += 1
            progress()
    return ImageSet(torch.from_numpy(images), torch.from_numpy(labels))
