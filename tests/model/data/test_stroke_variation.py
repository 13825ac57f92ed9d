"""Varied digits differ within bounds, and the network still reads them."""

import dataclasses

import numpy as np
import pytest

from model.data.pen_digits import PenDigit
from model.data.stroke_variation import Variation, vary, vary_strokes
from tests.helpers.drawings import DRAWINGS

STILL = Variation(smoothed=0, bend=0, ends=0, shift=0, width=0)
CORNER = [np.array([(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)])]


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def lengths(strokes) -> list[float]:
    return [float(np.hypot(*np.diff(stroke, axis=0).T).sum()) for stroke in strokes]


def nearest(point, stroke) -> float:
    return float(np.hypot(*(stroke - point).T).min())


@pytest.mark.parametrize("label", sorted(DRAWINGS))
def test_strokes_keep_about_their_place_and_length(label):
    strokes = [np.array(stroke) for stroke in DRAWINGS[label]]
    for seed in range(20):
        varied = vary_strokes(strokes, random(seed))
        assert len(varied) == len(strokes)
        low, high = (np.concatenate(drawing).min(axis=0) for drawing in (strokes, varied))
        assert np.abs(low - high).max() < 40  # of a box of 100
        assert all(np.isfinite(stroke).all() for stroke in varied)
        for before, after in zip(lengths(strokes), lengths(varied), strict=True):
            assert 0.5 * before < after < 1.6 * before


def test_without_variation_a_stroke_stays():
    (same,) = vary_strokes(CORNER, random(), STILL)
    assert same[0] == pytest.approx(CORNER[0][0])
    assert same[-1] == pytest.approx(CORNER[0][-1])
    assert nearest((100, 0), same) < 2


def test_smoothing_rounds_corners_and_keeps_the_ends():
    smooth = dataclasses.replace(STILL, smoothed=1, smoothing=0.1)
    gaps = []
    for seed in range(10):
        (rounded,) = vary_strokes(CORNER, random(seed), smooth)
        gaps.append(nearest((100, 0), rounded))
        assert rounded[0] == pytest.approx(CORNER[0][0], abs=1e-6)
        assert rounded[-1] == pytest.approx(CORNER[0][-1], abs=1e-6)
    assert max(gaps) > 4  # the corner is cut


def test_ends_are_longer_or_shorter():
    line = [np.array([(0.0, 0.0), (0.0, 100.0)])]
    reached = [lengths(vary_strokes(line, random(seed), dataclasses.replace(STILL, ends=0.1)))[0] for seed in range(40)]
    assert min(reached) < 92
    assert max(reached) > 108
    assert all(79 < length < 121 for length in reached)


def test_strokes_move_apart():
    cross = [np.array([(0.0, 50.0), (100.0, 50.0)]), np.array([(50.0, 0.0), (50.0, 100.0)])]
    moves = []
    for seed in range(10):
        across, down = vary_strokes(cross, random(seed), dataclasses.replace(STILL, shift=0.05))
        moves.append((across.mean(axis=0) - down.mean(axis=0)).tolist())
    assert np.std(moves, axis=0).min() > 2


def test_width_changes_the_proportions():
    ratios = []
    for seed in range(20):
        (corner,) = vary_strokes(CORNER, random(seed), dataclasses.replace(STILL, width=0.2))
        across, down = np.ptp(corner, axis=0)
        ratios.append(across / down)
    assert min(ratios) < 0.9 < 1.1 < max(ratios)


@pytest.mark.parametrize("stroke", [[(5.0, 5.0)], [(5.0, 5.0), (5.0, 5.0)]])
def test_dots_stay_dots(stroke):
    (dot,) = vary_strokes([np.array(stroke)], random())
    assert np.ptp(dot, axis=0) == pytest.approx((0, 0))


def test_varied_digits_are_still_read(recognizer):
    digits = [PenDigit(int(label), 3, tuple(map(np.array, strokes))) for label, strokes in DRAWINGS.items()]
    varied = [vary(digit, random(seed)) for seed in range(10) for digit in digits]
    assert {digit.writer for digit in varied} == {3}
    read = [recognizer.read_drawing(digit.strokes).label for digit in varied]
    wrong = sum(label != str(digit.label) for label, digit in zip(read, varied, strict=True))
    assert wrong <= len(varied) // 50
