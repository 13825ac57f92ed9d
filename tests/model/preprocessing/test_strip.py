"""The strip of a line: its height, its margins, shortened gaps, and where its columns come from."""

import numpy as np
import pytest

from model.preprocessing import strip
from model.preprocessing.strip import to_strip
from tests.helpers.drawings import ink_of


def line(gap: int, size: int = 60) -> np.ndarray:
    """Put two bars `gap` pixels apart on a sheet."""
    ink = np.zeros((2 * size, gap + 300), np.uint8)
    ink[20 : 20 + size, 50:56] = 255
    ink[20 : 20 + size, 56 + gap : 62 + gap] = 255
    return ink


@pytest.mark.parametrize("size", [30, 60, 200])
def test_ink_fills_the_height_between_the_margins(size):
    image = to_strip(line(40, size)).image
    assert image.shape[0] == strip.HEIGHT
    assert image.shape[1] % strip.STEP == 0
    rows, columns = np.nonzero(image > 127)
    assert (rows.min(), rows.max() + 1) == (2, 2 + strip.INK)
    assert columns.min() >= strip.SIDE_MARGIN
    assert image.max() == 255


def test_wide_gaps_are_shortened_and_narrow_ones_stay():
    widths = [to_strip(line(gap)).image.shape[1] for gap in (10, 40, 48, 60, 400, 2000)]
    assert widths[0] < widths[1] <= widths[2] == widths[3] == widths[4] == widths[5]


@pytest.mark.parametrize("gap", [20, 500])
def test_columns_lead_back_to_the_ink(gap):
    ink = line(gap)
    made = to_strip(ink)
    bright = np.flatnonzero(made.image.max(axis=0) > 200)
    places = made.columns[bright]
    assert ((places >= 50) & (places <= 56) | (56 + gap <= places) & (places <= 62 + gap)).all()
    assert places.min() < 56
    assert places.max() > 56 + gap
    assert (np.diff(made.columns) >= 0).all()


def test_blank_and_endless_lines_have_no_strip():
    assert to_strip(np.zeros((40, 90), np.uint8)) is None
    assert to_strip(np.full((10, 2000), 255, np.uint8)) is None


def test_a_digit_keeps_its_shape():
    ink = ink_of("4")
    image = to_strip(ink).image
    rows, columns = np.nonzero(image > 100)
    inked = np.argwhere(ink > 100)
    height, width = np.ptp(inked, axis=0) + 1
    assert np.ptp(columns) + 1 == pytest.approx(width / height * strip.INK, abs=2)
    assert np.ptp(rows) + 1 == strip.INK
