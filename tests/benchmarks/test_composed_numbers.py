"""Composed numbers say what stands in them, and words that they are none."""

import io

import numpy as np
import pytest
from PIL import Image

from benchmarks.composed_numbers import KINDS, LETTERS, OVERLAPPING, compose, composed
from benchmarks.tally import NO_DIGIT
from tests.helpers.drawings import DRAWINGS

WRITER = {label: [[np.array(stroke, float) for stroke in strokes]] for label, strokes in DRAWINGS.items()}


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if not kind.photographed])
def test_each_kind_is_written_and_labelled(kind):
    letters = dict.fromkeys(LETTERS, WRITER["4"])
    numbers = composed(kind, [{**WRITER, **letters}], seed=0, count=20)
    assert numbers == composed(kind, [{**WRITER, **letters}], seed=0, count=20)
    assert {label == NO_DIGIT for label, _ in numbers} == {KINDS[kind].letters}
    for _, file in numbers:
        assert np.asarray(Image.open(io.BytesIO(file)).convert("L")).min() < 128


def test_no_word_is_written_without_letters():
    with pytest.raises(KeyError):
        composed("words, and numbers with letters", [WRITER], seed=0, count=20)


def test_signs_have_a_column_of_their_own():
    random = np.random.default_rng(1)
    for _ in range(20):
        image = Image.open(io.BytesIO(compose("5-5", WRITER, random, OVERLAPPING))).convert("L")
        blank = np.flatnonzero((np.asarray(image) > 200).all(axis=0))
        assert len(np.flatnonzero(np.diff(blank) > 1)) >= 3  # the paper's columns are in four pieces
