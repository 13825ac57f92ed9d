"""Rows of touching digits: right cuts are the digit, wrong ones have parts of two."""

import numpy as np
import pytest

from model.data import image_set, rendering, touching_digits
from model.data.touching_digits import cut_apart
from model.preprocessing.components import find_components
from tests.helpers.drawings import ink_of


@pytest.mark.parametrize("labels", ["24", "0", "555", "818"])
def test_neighbours_touch_and_keep_their_ink(labels):
    inks = [ink_of(label, longer_side=66, width=9) for label in labels]
    row, owners = touching_digits._write_touching(inks, 6, np.random.default_rng(0))
    assert len(find_components(row > 127)) == 1
    for ink, owner in zip(inks, owners, strict=True):
        assert owner.sum() == (ink > 127).sum()
    assert (owners.any(axis=0) == (row > 127)).all()


def test_right_cuts_have_the_ink_of_one_digit_and_wrong_ones_that_of_several():
    inks = [ink_of(label, longer_side=66, width=9) for label in "24"]
    amounts = [(ink > 127).sum() for ink in inks]
    cuts = [cut for seed in range(20) for cut in cut_apart(inks, 6, np.random.default_rng(seed))]
    right, wrong = [cut for cut in cuts if cut[1] is not None], [ink for ink, digit in cuts if digit is None]
    assert {digit for _, digit in right} == {0, 1}
    assert len(wrong) > 10
    for ink, digit in right:
        assert 0.8 < (ink > 127).sum() / amounts[digit] < 1.2
    for ink in wrong:
        assert (ink > 127).sum() > touching_digits.MIN_PART * sum(amounts) * 0.9


def test_one_digit_alone_cannot_be_cut_wrongly():
    cuts = cut_apart([ink_of("8", longer_side=66, width=9)], 6, np.random.default_rng(0))
    assert cuts
    assert {digit for _, digit in cuts} == {0}


def test_of_a_set_about_half_are_no_digits():
    made = rendering.cut_digits(60, [], 1)  # from templates, where there are no pen digits
    assert 15 < (made.labels == image_set.OTHER).sum() < 45
    assert len(set(made.labels.tolist())) > 6
