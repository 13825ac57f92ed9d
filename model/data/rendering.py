"""Strokes → normalised images: pen digits and non-digits."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import torch

from model.data import non_digits
from model.data.image_set import OTHER, ImageSet
from model.data.pen_digits import PenDigit
from model.data.sampling import MAX_PEN, draw
from model.preprocessing.normalize import normalize

MAX_TEMPLATE_PEN: Final = 0.18  # a wider pen would fill the zeros with a dot or a slash inside


def draw_pen_digits(
    digits: Sequence[PenDigit], seed: int, progress: Callable[[], object] = lambda: None, max_pen: float = MAX_PEN
) -> ImageSet:
    """Draw and normalise each digit once, with a random pen at a random size."""
    random = np.random.default_rng(seed)
    images = np.empty((len(digits), 28, 28), np.uint8)
    for index, digit in enumerate(digits):
        images[index] = normalize(draw(digit.strokes, random, max_pen))
        progress()
    return ImageSet(torch.from_numpy(images), torch.tensor([digit.label for digit in digits], dtype=torch.int64))


def make_nondigits(
    count: int,
    digits: Sequence[PenDigit],
    seed: int,
    kinds: Sequence[str] = tuple(non_digits.KINDS),
    progress: Callable[[], object] = lambda: None,
) -> ImageSet:
    """Make normalised images of non-digits, some of them from `digits`."""
    random, sources = np.random.default_rng(seed), non_digits.by_label(digits)
    images = np.empty((count, 28, 28), np.uint8)
    for image in images:
        image[:] = normalize(non_digits.make(kinds, sources, random))
        progress()
    return ImageSet(torch.from_numpy(images), torch.full((count,), OTHER))
