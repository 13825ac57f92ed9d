"""Strokes become ink of the given width and size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.preprocessing import strokes
from tests.helpers.drawings import DRAWINGS

numbers = st.floats(-1e6, 1e6, allow_nan=False)


def test_the_longer_side_has_the_given_pixels():
    for drawing in DRAWINGS.values():
        assert max(strokes.draw(drawing, width=8, longer_side=100).shape) in (100, 101)


@pytest.mark.parametrize("width", [4, 10, 30])
def test_the_pen_has_the_given_width(width):
    ink = strokes.draw([[(0, 0), (0, 100)]], width=width, longer_side=100 + width)
    middle = ink[len(ink) // 2].astype(float).sum() / 255
    assert middle == pytest.approx(width, abs=1.2)


def test_without_a_width_the_pen_is_a_tenth_of_the_drawing():
    ink = strokes.draw([[(0, 0), (0, 500)]], longer_side=200)
    assert ink[100].astype(float).sum() / 255 == pytest.approx(20, abs=1.5)


@pytest.mark.parametrize("draw", [strokes.draw, lambda drawing: strokes.draw_row(drawing).ink])
def test_points_may_have_widths_of_their_own(draw):
    ink = draw([[(0, 0, 4), (0, 100, 24)], [(60, 0), (60, 100)]])
    ink = ink[:, : ink.shape[1] // 2].astype(float) / 255
    unit = len(ink) / (100 + 24)  # in pixels
    for part in (0.2, 0.5, 0.8):
        assert ink[round((12 + 100 * part) * unit)].sum() == pytest.approx((4 + 20 * part) * unit, abs=2)


def test_widths_of_points_replace_the_width_of_the_drawing():
    strokes_with_widths = [[(x, y, 7.0) for x, y in stroke] for stroke in DRAWINGS["4"]]
    assert np.array_equal(strokes.draw(strokes_with_widths), strokes.draw(DRAWINGS["4"], width=7))
    assert np.array_equal(strokes.draw(strokes_with_widths, width=30), strokes.draw(DRAWINGS["4"], width=7))
    assert np.array_equal(strokes.draw_row(strokes_with_widths).ink, strokes.draw_row(DRAWINGS["4"], width=7).ink)


def test_corners_and_ends_are_round():
    ink = strokes.draw([[(0, 0), (50, 0), (50, 50)]], width=20, longer_side=140)
    assert ink[0, 0] == 0  # the corner of the box around the first end
    assert ink[0, -1] == 0  # and around the bend


def test_a_dot_is_round():
    ink = strokes.draw([[(5, 5)]], width=10, longer_side=40)
    assert ink.astype(float).mean() / 255 == pytest.approx(np.pi / 4, abs=0.05)


@pytest.mark.parametrize("drawing", [[], [[]], [[], []]])
def test_without_strokes_there_is_no_ink(drawing):
    assert not strokes.draw(drawing).any()


@given(st.lists(st.lists(st.tuples(numbers, numbers), max_size=6), max_size=4))
def test_any_finite_drawing_can_be_drawn(drawing):
    ink = strokes.draw(drawing)
    assert ink.ndim == 2
    assert max(ink.shape) <= strokes.LONGER_SIDE + 2
    assert bool(ink.any()) == any(drawing)


@given(
    dx=st.floats(-1000, 1000),
    dy=st.floats(-1000, 1000),
    scale=st.floats(0.01, 1000),
    label=st.sampled_from(sorted(DRAWINGS)),
)
def test_unit_and_origin_do_not_matter(dx, dy, scale, label):
    moved = [[(x * scale + dx, y * scale + dy) for x, y in stroke] for stroke in DRAWINGS[label]]
    before, after = strokes.draw(DRAWINGS[label], width=9), strokes.draw(moved, width=9 * scale)
    height, width = min(before.shape[0], after.shape[0]), min(before.shape[1], after.shape[1])
    assert np.abs(before[:height, :width].astype(float) - after[:height, :width]).mean() < 6
