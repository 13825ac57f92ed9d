"""Seams cross the least ink: they go aside under an overhang, and cut where two strokes meet."""

import numpy as np
import pytest

from model.segmentation.seams import SIDEWAYS, _shortest, propose_cuts


@pytest.mark.parametrize("seed", range(5))
def test_the_cheapest_paths_are_those_of_an_exhaustive_search(seed):
    cost = np.random.default_rng(seed).uniform(0, 1, (5, 6)) ** 3
    total, above = _shortest(cost)
    expected = cost.copy()
    for row in range(1, len(cost)):
        aside = np.minimum(cost[row - 1], cost[row]) + SIDEWAYS
        for column in range(6):
            ways = [
                expected[row - 1, start] + aside[min(start, column) : max(start, column)].sum() for start in range(6)
            ]
            expected[row, column] += min(ways)
            assert above[row, column] == np.argmin(ways)
    np.testing.assert_allclose(total, expected)


def test_a_seam_goes_under_the_flag_of_a_five():
    ink = np.zeros((30, 30), np.uint8)
    ink[2:4, 4:24] = ink[2:28, 4:6] = 255  # an upright with a flag, as long as two digits
    ink[10:28, 18:20] = 255  # another one under it
    seams, costs = propose_cuts(ink, stroke=2, distance=3, min_hill=0.8, max_cost=6.4)
    between = [(seam, cost) for seam, cost in zip(seams, costs, strict=True) if 6 <= seam[20] <= 18]
    seam, cost = min(between, key=lambda cut: cut[1])
    assert seam[0] >= 24
    assert all(6 <= column <= 18 for column in seam[10:28])
    assert cost < 2.5  # steps aside, and no ink


def test_two_rings_are_cut_where_they_touch():
    y, x = np.mgrid[:40, :80]
    rings = [np.abs(np.hypot(x - middle, y - 20) - 16) < 2 for middle in (20, 55)]
    ink = np.where(rings[0] | rings[1], 255, 0).astype(np.uint8)
    seams, _ = propose_cuts(ink, stroke=4, distance=4, min_hill=1.6, max_cost=13)
    assert any((np.abs(seam[5:35] - 37.5) < 4).all() for seam in seams)
    assert (np.diff(seams, axis=0) >= 0).all()  # none crosses another
