"""Templates become strokes with random distortions."""

import re

import numpy as np
import pytest

from model.data import templates
from model.errors import UsageError
from model.preprocessing import strokes
from model.preprocessing.normalize import normalize

EVERYTHING = templates.DIGITS | templates.OTHERS


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_every_digit_has_templates_and_each_name_begins_with_its_digit():
    kinds = [int(kind[0]) for kind in templates.DIGITS]
    assert sorted(set(kinds)) == list(range(10))
    assert all(re.fullmatch(r"\d [a-z]+.*", kind) for kind in templates.DIGITS)


@pytest.mark.parametrize("kind", EVERYTHING)
def test_templates_stay_in_their_box(kind):
    points = np.concatenate([templates.trace(path, random()) for path in EVERYTHING[kind]])
    low, high = points.min(axis=0), points.max(axis=0)
    assert (low > -0.25).all()
    assert (high < (1.5, 1.25)).all()  # an omega is wider than it is high
    assert (high - low)[1] > 0.3
    assert normalize(strokes.draw(templates.write(EVERYTHING[kind], random()))).any()


def test_a_path_goes_through_its_points_in_order_and_turns_corners():
    path = templates.trace("0,0 / 1,0 / .4,1", random())
    assert path.tolist() == [[0, 0], [1, 0], [0.4, 1]]
    smooth = templates.trace("0,0 .5,.2 1,0 / 0,1", random())
    for point in ([0, 0], [0.5, 0.2], [1, 0], [0, 1]):
        assert np.abs(smooth - point).max(axis=1).min() < 1e-9
    turns = np.diff(np.unwrap(np.arctan2(*np.diff(smooth, axis=0).T)))
    assert np.sort(np.abs(turns))[-1] > 3 * np.sort(np.abs(turns))[-2]  # one corner; the rest is a curve


def test_a_curve_of_two_points_is_a_line_and_one_is_a_dot():
    assert templates.curve(np.array([[0.0, 0], [1, 2]])).tolist() == [[0, 0], [1, 2]]
    assert templates.trace(".5,.5", random()).tolist() == [[0.5, 0.5]]


def test_without_distortion_a_stroke_follows_its_template():
    still = templates.Distortion(wobble=0, narrowest=0.5, widest=0.5, slant=0, rotation=0)
    (bar,) = templates.write(("0,0 / 1,1",), random(), still)
    assert bar == pytest.approx(np.array([[0, 0], [0.5, 1]]))


def test_kinds_are_left_out_by_name_or_by_digit():
    kinds = templates.leave_out(tuple(templates.DIGITS), ["0 slashed", "7"])
    assert "0 dotted" in kinds
    assert not {"0 slashed", "0 slashed inside", "7 plain", "7 crossed"} & set(kinds)
    assert templates.leave_out(kinds, []) == kinds
    with pytest.raises(UsageError, match="'7 dotted'; the known ones are 0 plain"):
        templates.leave_out(kinds, ["7 dotted"])
    with pytest.raises(UsageError, match="--glyphs 0"):
        templates.leave_out(("1 bar",), ["1"])


def test_digits_are_written_in_the_given_kinds():
    digits = templates.write_digits(50, ["0 slashed", "7 crossed"], random())
    assert {digit.label for digit in digits} == {0, 7}
    assert {digit.writer for digit in digits} == {0}
    assert all(len(digit.strokes) == 2 for digit in digits)
    assert templates.write_digits(0, ["1 bar"], random()) == []
