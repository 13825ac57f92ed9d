"""Photographs follow their conditions, and depend on the seed only."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.helpers import paper_sheets, photographs
from tests.helpers.drawings import DRAWINGS
from tests.helpers.photographs import Conditions

SMALL = Conditions(size=(320, 240))


def levels(conditions: Conditions, drawing=DRAWINGS["5"], seed: int = 0) -> np.ndarray:
    return np.asarray(photographs.photograph(drawing, conditions, np.random.default_rng(seed)), np.float32)


def test_the_same_seed_takes_the_same_photograph_as_a_jpeg():
    first, second, other = (
        photographs.snapshot(DRAWINGS["3"], np.random.default_rng(seed), (300, 300)) for seed in (1, 1, 2)
    )
    assert first == second
    assert first[0] != other[0]
    image = Image.open(io.BytesIO(first[0]))
    assert (image.format, image.size) == ("JPEG", first[1].size)


@pytest.mark.parametrize("paper", paper_sheets.PAPERS)
@pytest.mark.parametrize("pen", paper_sheets.PENS)
def test_every_pen_writes_on_every_paper(paper, pen):
    conditions = replace(SMALL, paper=paper, pen=pen)
    written, blank = levels(conditions), levels(conditions, drawing=[])
    assert written.shape == (240, 320, 3)
    middle = np.s_[72:168, 112:208]
    assert written[middle].min() < 0.75 * blank[middle].min()
    assert np.abs(written - blank)[:40].max() < 40


@pytest.mark.parametrize("mark", photographs.MARKS)
@pytest.mark.parametrize("seed", range(5))
def test_marks_do_not_cover_the_digit(mark, seed):
    large = replace(SMALL, digit=0.6)
    plain, marked = levels(large, seed=seed), levels(replace(large, marks=(mark,)), seed=seed)
    assert np.array_equal(plain[48:192, 88:232], marked[48:192, 88:232])
    assert np.abs(plain - marked).max() > 20


# How each effect changes a photograph.
EFFECTS = {
    "gradient": (0.4, lambda before, after: (before - after).max() > 60 and (before - after)[..., 1].min() < 10),
    "vignette": (0.3, lambda before, after: (before - after)[0, 0].mean() > 40),
    "shadow": ("corner", lambda before, after: (before - after).max() > 60),
    "exposure": (0.6, lambda before, after: before.mean() - after.mean() > 50),
    "warmth": (0.1, lambda before, after: (after[..., 0] - after[..., 2]).mean() > 20),
    "noise": (5, lambda before, after: 4 < (after - before).std() < 8),
    "blur": (8, lambda before, after: after.min() - before.min() > 10),
    "rotation": (8, lambda before, after: np.abs(after - before).max() > 60),
    "perspective": (0.06, lambda before, after: np.abs(after - before).max() > 60),
    "bend": (0.03, lambda before, after: np.abs(after - before).max() > 60),
}


@pytest.mark.parametrize("effect", EFFECTS)
def test_each_effect_can_be_seen(effect):
    strength, seen = EFFECTS[effect]
    assert seen(levels(SMALL), levels(replace(SMALL, **{effect: strength})))


def test_a_larger_photograph_shows_the_same_scene():
    small = Image.fromarray(levels(SMALL).astype(np.uint8)).convert("L")
    large = Image.fromarray(levels(replace(SMALL, size=(1280, 960))).astype(np.uint8)).convert("L")
    boxes = [image.point(lambda value: 255 * (value < 150)).getbbox() for image in (small, large.reduce(4))]
    assert np.abs(np.subtract(*boxes)).max() <= 2


def test_random_conditions_stay_in_their_ranges():
    random = np.random.default_rng(0)
    drawn = [photographs.random_conditions(random) for _ in range(300)]
    assert {taken.paper for taken in drawn} == set(paper_sheets.PAPERS)
    assert {taken.pen for taken in drawn} == set(paper_sheets.PENS)
    assert {mark for taken in drawn for mark in taken.marks} == set(photographs.MARKS)
    assert all(abs(taken.rotation) <= 8 and 30 <= taken.quality <= 90 for taken in drawn)
    assert all(480 <= max(taken.size) <= 1000 for taken in drawn)
