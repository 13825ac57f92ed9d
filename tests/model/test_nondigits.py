"""What is no digit is made without end: never empty, never twice the same, by the seed."""

import numpy as np
import pytest

from model import datasets, glyphs, nondigits
from model.preprocessing.normalize import is_blank, normalize

DIGITS = glyphs.written(300, list(glyphs.DIGITS), np.random.default_rng(5))


@pytest.mark.parametrize("kind", nondigits.KINDS)
def test_every_kind_leaves_ink(kind):
    random, digits = np.random.default_rng(0), nondigits.by_label(DIGITS)
    images = [normalize(nondigits.KINDS[kind](digits, random)) for _ in range(40)]
    assert not any(is_blank(image) for image in images)
    assert len({image.tobytes() for image in images}) > 10


@pytest.mark.parametrize("kind", nondigits.KINDS)
def test_a_single_kind_of_digit_is_enough_to_make_them(kind):
    ones = nondigits.by_label([digit for digit in DIGITS if digit.label == 1])
    assert nondigits.KINDS[kind](ones, np.random.default_rng(0)).any()


def test_halves_are_narrower_than_digits():
    zeros = nondigits.by_label([digit for digit in DIGITS if digit.label == 0])
    random = np.random.default_rng(0)
    shapes = [nondigits.half(zeros, random).shape for _ in range(30)]
    assert np.median([width / height for height, width in shapes]) < 0.4


def test_sets_are_labelled_and_repeatable():
    first, again, other = (datasets.make_nondigits(30, DIGITS, seed) for seed in (1, 1, 2))
    assert set(first.labels.tolist()) == {datasets.OTHER}
    assert first.digest() == again.digest() != other.digest()
    assert len(datasets.make_nondigits(0, [], 0)) == 0


def test_without_pen_digits_they_are_made_from_templates():
    assert datasets.make_nondigits(5, [], 0, ["several"]).images.amax(dim=(1, 2)).min() > 200


def test_progress_is_told():
    told = []
    datasets.make_nondigits(7, DIGITS, 0, progress=lambda: told.append(1))
    assert len(told) == 7
