"""Scenes hold what they promise: writing whose ink is known, print that is no ink, the same for the same numbers."""

import numpy as np
import pytest

from model.data import templates
from model.data.scenes import pens, prints
from model.data.scenes.compose import Scene, _soil, compose
from model.data.scenes.writing import Sources, write
from model.preprocessing.normalize import normalize
from tests.helpers.drawings import DRAWINGS, ink_of

SIZE = (160, 120)
CELLS = [(40.0, 30.0, 80.0, 90.0), (80.0, 30.0, 120.0, 90.0)]


@pytest.fixture(scope="module")
def sources() -> Sources:
    digits = templates.write_digits(50, list(templates.DIGITS), np.random.default_rng(0))
    return Sources(digits, np.stack([normalize(ink_of(label)) for label in sorted(DRAWINGS)]), np.arange(10))


@pytest.fixture(scope="module")
def scenes(sources) -> list[Scene]:
    return [compose(sources, SIZE, np.random.default_rng([0, seed])) for seed in range(150)]


def test_scenes_are_pictures_with_ink_and_print(scenes):
    for scene in scenes:
        assert scene.picture.shape == (120, 160, 3)
        assert scene.truth.shape == (120, 160, 2)
        assert scene.picture.dtype == scene.truth.dtype == np.uint8
        assert scene.truth.sum(axis=2, dtype=int).max() <= 256  # what ink covers is no print
    written = [bool((scene.truth[..., 0] > 128).any()) for scene in scenes]
    assert 0.75 < np.mean(written) < 0.97  # the others are blank
    assert np.mean([(scene.truth[..., 1] > 128).any() for scene in scenes]) > 0.4


def test_ink_differs_from_what_is_around_it(scenes):
    """In nearly all scenes, the ink that is said to be there can be seen."""
    seen = []
    for scene in scenes:
        ink = scene.truth[..., 0] > 200
        paper = scene.truth.max(axis=2) == 0
        if np.count_nonzero(ink) > 30 and paper.any():
            colours = (scene.picture[mask].astype(float).mean(axis=0) for mask in (ink, paper))
            seen.append(np.abs(np.subtract(*colours)).max() > 4)
    assert len(seen) > 80
    assert np.mean(seen) > 0.9


def test_the_same_numbers_give_the_same_scene(sources, scenes):
    again = compose(sources, SIZE, np.random.default_rng([0, 7]))
    assert np.array_equal(again.picture, scenes[7].picture)
    assert np.array_equal(again.truth, scenes[7].truth)


def test_no_speck_lies_among_signs(sources):
    """It could not be told from a point."""
    empty = np.ones((SIZE[1], SIZE[0], 3), np.float32)
    seen = {False: 0, True: 0}
    for seed in range(80):
        random = np.random.default_rng(seed)
        written = write(sources, SIZE, 0, 1.0, random, "row")
        _soil(picture := empty.copy(), written, empty[0, 0], np.zeros(3, np.float32), random)
        seen[written.signs] += int((np.abs(np.diff(picture, axis=1)) > 0.3).any())  # smears are softer
    assert seen[False] >= 3
    assert seen[True] == 0


def test_boxes_may_be_smaller_than_their_corners_are_round():
    random = np.random.default_rng(0)
    for width, height, radius in random.uniform(0, 14, (3000, 3)):
        prints.Print((32, 32)).box((9.3, 9.7, 9.3 + width, 9.7 + height), 1, radius)


def test_some_scenes_have_several_lines(sources):
    tops = [
        {round(cell[1]) for cell in write(sources, SIZE, 0, 1.0, np.random.default_rng(seed), "row").cells}
        for seed in range(40)
    ]
    assert {1, 2, 3} <= {len(each) for each in tops}


@pytest.mark.parametrize("kind", prints.KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_of_print_leaves_something(kind):
    masks = []
    for seed in range(10):
        page = prints.Print(SIZE)
        kind(page, CELLS, np.random.default_rng(seed))
        masks.append(page.mask())
    assert all(mask.shape == (120, 160) and mask.min() >= 0 and mask.max() <= 1 for mask in masks)
    assert sum(mask.max() > 0.4 for mask in masks) >= 7  # the line of a table may lie outside of the picture
    assert all(mask.mean() < 0.6 for mask in masks)


@pytest.mark.parametrize("width", [0.6, 3, 20])
def test_a_pen_is_dense_only_where_it_writes(width):
    strokes = [
        np.asarray(stroke, float) * 100
        for stroke in templates.write(templates.DIGITS["8 in one stroke"], np.random.default_rng(1))
    ]
    strokes = [stroke - np.concatenate(strokes).min(axis=0) + 10 for stroke in strokes]
    shares = []
    for seed in range(30):
        written = pens.write(strokes, width, SIZE, np.random.default_rng(seed))
        assert written.shape.shape == written.density.shape == (120, 160)
        assert written.density.min() >= 0
        assert written.density.max() <= 1.3  # pressure
        shares.append((written.shape * written.density).sum() / written.shape.sum())
    assert 0.2 < np.mean(shares) < 1
    assert np.std(shares) > 0.02  # pens differ
