"""The costs of segmentations, with a fake recogniser."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model.segmentation.segment import reading_costs, segment


def reading(*digits: float, none: float) -> list[float]:
    """Return the log-probabilities of some digits, and of no digit."""
    return [*map(float, np.log(digits)), float(np.log(none)) if none else -np.inf]


def test_doubt_whether_it_is_a_digit_costs_more_than_doubt_which_digit():
    sure, which, whether = reading_costs(
        np.array([reading(0.98, 0.01, none=0.01), reading(0.5, 0.49, none=0.01), reading(0.5, 0.01, none=0.49)])
    )
    assert sure < which < whether / 5


def test_for_a_network_of_digits_only_doubt_between_digits_costs_more():
    taught, untaught = reading_costs(np.array([reading(0.5, 0.5 - 1e-9, none=1e-9), reading(0.5, 0.5, none=0)]))
    assert np.isfinite(untaught)
    assert untaught > 3 * taught


@pytest.mark.parametrize(
    ("whole", "cut"),
    [(reading(0.25, 0.25, 0.25, 0.24, none=0.01), False), (reading(0.2, 0.1, 0.1, 0.1, none=0.5), True)],
)
def test_a_0_is_cut_for_doubt_whether_it_is_a_digit_only(whole, cut):
    image = Image.new("L", (120, 100))
    ImageDraw.Draw(image).ellipse((10, 10, 100, 90), outline=255, width=6)
    half = reading(0.95, 0.02, 0.01, 0.01, none=0.01)
    segmentation = segment(
        np.asarray(image), lambda inks: np.array([whole if ink.shape[1] > 70 else half for ink in inks])
    )
    assert segmentation is not None
    assert (len(segmentation.characters) > 1) == cut
