"""Counterfactuals are small, drawn with the drawing's pen, and read as the other digit."""

import dataclasses
import math

import numpy as np
import pytest
from PIL import Image

from model.explain import counterfactual
from model.explain.counterfactual import dashes, find_change, pen_width, shorter
from model.preprocessing import strokes
from model.preprocessing.normalize import normalize
from tests.helpers.drawings import encode, ink_of

EIGHT, NINE, SIX = (normalize(ink_of(label)) for label in "896")


@pytest.mark.parametrize(("image", "label"), [(EIGHT, "3"), (NINE, "8"), (SIX, "5")], ids=["8-3", "9-8", "6-5"])
def test_a_change_is_read_as_the_label(recognizer, image, label):
    change = find_change(recognizer, image, label, math.inf)
    assert change.found
    assert change.ended is None
    # Erased and added ink are exactly the difference of the images.
    assert change.image.dtype == np.uint8
    assert np.array_equal(image.astype(int) - change.erase + change.add, change.image)
    assert not ((change.erase > 0) & (change.add > 0)).any()
    spent = (change.erase.sum(dtype=float) + change.add.sum(dtype=float)) / image.sum()
    assert 0 < spent <= 0.2
    assert change.erased + change.added == pytest.approx(spent)
    # Sent as a file it is read so, after decoding and normalising.
    assert recognizer.read_files([encode(Image.fromarray(change.image))])[0].label == label
    assert change.reading.label == label
    assert max(change.reading.probabilities, key=change.reading.probabilities.get) == label


def test_a_gap_is_erased_and_a_line_is_added(recognizer):
    three, eight = find_change(recognizer, EIGHT, "3", math.inf), find_change(recognizer, NINE, "8", math.inf)
    assert three.erased > three.added
    assert eight.added > eight.erased


def test_the_answer_itself_needs_no_change(recognizer):
    change = find_change(recognizer, EIGHT, "8")
    assert change.found
    assert not change.erase.any()
    assert not change.add.any()
    assert np.array_equal(change.image, EIGHT)


def test_without_a_change_there_is_none(recognizer):
    for image in (normalize(ink_of("5")), np.zeros((28, 28), np.uint8)):
        change = find_change(recognizer, image, "1", math.inf)  # no fifth of its ink makes a 5 a 1
        assert not change.found
        assert change.ended == "ink"
        assert change.erase is change.add is change.image is change.reading is None


def test_it_ends_in_time(recognizer):
    change = find_change(recognizer, EIGHT, "3", seconds=0)
    assert not change.found
    assert change.ended == "time"


def test_touches_that_are_not_needed_are_removed(recognizer):
    search = counterfactual._Search(recognizer, EIGHT, "3", math.inf)
    needed = search.run()
    stray = counterfactual.Touch(ink=False, row=20, column=14, dash=0)
    assert search.cost(search.draw([*needed, stray])) > search.cost(search.draw(needed))
    pruned = search._pruned([*needed, stray])
    assert search.cost(search.draw(pruned)) <= search.cost(search.draw(needed))
    for k in range(len(pruned)):
        assert not search.is_answered(search.draw(pruned[:k] + pruned[k + 1 :]))


@pytest.mark.parametrize("width", [2, 3, 5])
def test_the_pen_is_as_wide_as_the_drawings(width):
    ink = strokes.draw([[(0, 0), (0, 20), (15, 20)]], width=width, longer_side=20 * (20 + width))
    image = Image.fromarray(ink).reduce(20)  # one pixel for each unit
    assert pen_width(np.asarray(image)) == pytest.approx(width, rel=0.15)


def test_dashes():
    drawn = dashes(2.0)
    assert len(drawn) == 1 + 2 * counterfactual.DIRECTIONS
    dot, short, long = drawn[0].sum(), drawn[1].sum(), drawn[1 + counterfactual.DIRECTIONS].sum()
    assert dot == pytest.approx(math.pi, abs=0.6)
    assert short - dot == pytest.approx(2 * 3, abs=0.6)
    assert long - dot == pytest.approx(2 * 6, abs=0.6)
    assert drawn[:, [0, -1], :].max() == 0  # none is cut off at the edges
    assert shorter(0) == []
    assert shorter(3) == [0]
    assert shorter(3 + counterfactual.DIRECTIONS) == [3, 0]


def test_it_stays_below_the_ink_limit(recognizer, monkeypatch):
    monkeypatch.setattr(counterfactual, "MOST_INK", 0.01)
    change = find_change(recognizer, EIGHT, "3", math.inf)
    assert (change.found, change.ended) == (False, "ink")


def test_a_change_must_be_read_as_the_label(recognizer, monkeypatch):
    # The search's goal alone is not enough.
    monkeypatch.setattr(counterfactual._Search, "is_answered", lambda search, changed: False)
    assert not find_change(recognizer, EIGHT, "3", math.inf).found


@pytest.mark.parametrize("refused_from", [-99.0, 99.0], ids=["refused", "read"])
def test_the_slope_is_that_of_the_goal(recognizer, monkeypatch, refused_from):
    fitted = dataclasses.replace(recognizer.description.calibration, refused_from=refused_from, other_weight=0.5)
    monkeypatch.setattr(recognizer, "description", dataclasses.replace(recognizer.description, calibration=fitted))
    search = counterfactual._Search(recognizer, EIGHT, "3", math.inf)

    def goal(logits: np.ndarray) -> float:
        return float(search._odds(logits)[0] + min(search._evidence(logits)[0], 0))

    logits = np.random.default_rng(0).normal(0, 2, (1, 11)).astype(np.float32)
    steps = np.eye(11, dtype=np.float32)[:, None] * np.float32(0.02)
    measured = [(goal(logits + step) - goal(logits - step)) / 0.04 for step in steps]
    assert search._slope(logits)[0] == pytest.approx(measured, abs=2e-3)
