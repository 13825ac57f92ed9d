"""What speaks for and against a way to cut a number, with a recogniser that says what a test wants."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model.segmentation.segment import reading_costs, segment


def reading(*digits: float, none: float) -> list[float]:
    """Return the logarithms of the probabilities of some digits and of no digit."""
    return [*map(float, np.log(digits)), float(np.log(none)) if none else -np.inf]


def test_doubt_whether_it_is_a_digit_weighs_more_than_doubt_which():
    sure, which, whether = reading_costs(
        np.array([reading(0.98, 0.01, none=0.01), reading(0.5, 0.49, none=0.01), reading(0.5, 0.01, none=0.49)])
    )
    assert sure < which < whether / 5


def test_a_network_that_knows_digits_only_speaks_by_its_doubt_between_them():
    taught, untaught = reading_costs(np.array([reading(0.5, 0.5 - 1e-9, none=1e-9), reading(0.5, 0.5, none=0)]))
    assert np.isfinite(untaught)
    assert untaught > 3 * taught


@pytest.mark.parametrize(
    ("whole", "cut"),
    [(reading(0.25, 0.25, 0.25, 0.24, none=0.01), False), (reading(0.2, 0.1, 0.1, 0.1, none=0.5), True)],
)
def test_what_is_a_digit_is_not_cut_for_doubt_which_one(whole, cut):
    image = Image.new("L", (120, 100))
    ImageDraw.Draw(image).ellipse((10, 10, 100, 90), outline=255, width=6)
    half = reading(0.95, 0.02, 0.01, 0.01, none=0.01)
    found = segment(np.asarray(image), lambda inks: np.array([whole if ink.shape[1] > 70 else half for ink in inks]))
    assert found is not None
    assert (len(found.characters) > 1) == cut
