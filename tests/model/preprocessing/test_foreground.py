"""Writing in the middle is selected; specks, and marks at the edges, are not."""

import numpy as np
import pytest

from model.preprocessing import foreground
from tests.helpers.drawings import ink_of

SHAPE = (450, 600)
MIDDLE = (140, 230)


def scene(label: str = "5", at: tuple[int, int] = MIDDLE, side: int = 140) -> np.ndarray:
    dark = np.zeros(SHAPE, np.float32)
    ink = ink_of(label, longer_side=side) / np.float32(255)
    dark[at[0] : at[0] + ink.shape[0], at[1] : at[1] + ink.shape[1]] = ink
    return dark * 0.7


def select(dark: np.ndarray) -> np.ndarray:
    return foreground.select(dark, dark > 0.3)


MARKS = {
    "writing": (np.s_[0:105, 90:96], 0.9),
    "a broad shadow": (np.s_[250:450, 420:600], 0.4),
    "a finger": (np.s_[400:450, 200:300], 0.8),
    "the table": (np.s_[:, :30], 0.8),
    "a line along the edge": (np.s_[430:434, 20:580], 0.8),
    "a speck": (np.s_[60:68, 100:108], 0.9),
    "a speck in the middle of nothing": (np.s_[225:233, 120:128], 0.9),
}


@pytest.mark.parametrize("name", MARKS)
def test_marks_are_left_out_and_the_digit_is_kept(name):
    dark = scene()
    expected = select(dark)
    assert np.array_equal(expected, dark > 0)
    where, darkness = MARKS[name]
    dark[where] = darkness
    assert np.array_equal(select(dark), expected)


def test_all_digits_of_a_number_are_kept():
    dark = np.maximum.reduce([scene(label, (150, left)) for label, left in (("2", 90), ("0", 240), ("4", 390))])
    assert np.array_equal(select(dark), dark > 0)


@pytest.mark.parametrize("at", [(40, 230), (150, 470)], ids=["above", "far beside"])
def test_writing_outside_of_the_row_is_left_out(at):
    digit, other = scene(side=90, at=(150, 230)), scene("3", at, side=80)
    assert np.array_equal(select(np.maximum(digit, other)), digit > 0)


@pytest.mark.parametrize("left", [210, 370])
def test_a_point_beside_any_digit_of_a_number_is_kept_and_a_speck_is_not(left):
    digits = np.maximum.reduce([scene(label, (150, at)) for label, at in (("2", 90), ("0", 240), ("4", 390))])
    point, speck, stain = digits.copy(), digits.copy(), digits.copy()
    point[272:290, left : left + 18] = 0.7
    speck[278:288, left : left + 10] = 0.7
    assert np.array_equal(select(point), point > 0)
    stain[272:290, left : left + 18] = 0.32
    assert np.array_equal(select(speck), digits > 0)
    assert np.array_equal(select(stain), digits > 0)


def test_a_bar_apart_from_its_digit_is_kept():
    dark = scene()
    dark[120:130, 260:330] = 0.7
    assert np.array_equal(select(dark), dark > 0)


def test_a_large_digit_may_touch_an_edge():
    dark = scene(at=(0, 180), side=400)
    assert np.array_equal(select(dark), dark > 0)


@pytest.mark.parametrize("name", [name for name in MARKS if name != "a speck in the middle of nothing"])
def test_marks_alone_are_no_writing(name):
    dark = np.zeros(SHAPE, np.float32)
    where, darkness = MARKS[name]
    dark[where] = darkness
    if name == "a line along the edge":
        dark[430:434] = darkness
    assert not select(dark).any()


def test_a_dash_too_short_to_be_a_digit_is_no_writing():
    dark = np.zeros(SHAPE, np.float32)
    dark[220:240, 300:303] = 0.8
    assert not select(dark).any()
    dark[220:260, 300:303] = 0.8
    assert select(dark).any()


def test_without_certain_ink_there_is_no_writing():
    assert not foreground.select(scene() / 3, scene() / 3 > 0.3).any()
