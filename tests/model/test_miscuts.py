"""Wrong cuts hold parts of two digits or more."""

import numpy as np
import pytest

from model.components import find_components
from model.miscuts import _touching, miscut
from tests.conftest import ink_of


@pytest.mark.parametrize("labels", ["24", "0", "555", "818"])
def test_neighbours_touch_and_keep_their_ink(labels):
    inks = [ink_of(label, longer_side=66, width=9) for label in labels]
    row, owners = _touching(inks, 6, np.random.default_rng(0))
    assert len(find_components(row > 127)) == 1
    for ink, owner in zip(inks, owners, strict=True):
        assert owner.sum() == (ink > 127).sum()
    assert (owners.any(axis=0) == (row > 127)).all()


def test_a_wrong_cut_is_neither_digit():
    inks = [ink_of(label, longer_side=66, width=9) for label in "24"]
    found = [miscut(inks, 6, np.random.default_rng(seed)) for seed in range(20)]
    assert sum(cut is not None for cut in found) > 10
    for cut in found:
        assert cut is None or cut.any()


def test_one_digit_alone_cannot_be_cut_wrongly():
    assert miscut([ink_of("8", longer_side=66)], 6, np.random.default_rng(0)) is None
