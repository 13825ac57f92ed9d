"""Connected parts are those that a flood fill finds."""

import numpy as np
import pytest

from model.components import label


def flood(mask: np.ndarray) -> tuple[np.ndarray, int]:
    labels, count = np.zeros(mask.shape, int), 0
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        count += 1
        waiting = [start]
        while waiting:
            row, column = waiting.pop()
            if min(row, column) < 0 or row >= mask.shape[0] or column >= mask.shape[1]:
                continue
            if mask[row, column] and not labels[row, column]:
                labels[row, column] = count
                waiting += [(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    return labels, count


@pytest.mark.parametrize("seed", range(40))
def test_parts_are_those_of_a_flood_fill(seed):
    random = np.random.default_rng(seed)
    mask = random.random(random.integers(1, 25, 2)) < random.uniform(0.1, 0.9)
    labels, count = label(mask)
    expected, parts = flood(mask)
    assert count == parts
    assert np.array_equal(labels, expected)


@pytest.mark.parametrize(("value", "parts"), [(False, 0), (True, 1)])
def test_nothing_and_everything(value, parts):
    labels, count = label(np.full((5, 7), value))
    assert count == parts
    assert (labels == parts).all()


def test_a_spiral_is_one_part():
    mask = np.zeros((61, 61), bool)
    for ring in range(0, 30, 4):
        mask[ring, ring : 61 - ring] = mask[60 - ring, ring : 61 - ring] = True
        mask[ring : 61 - ring, 60 - ring] = mask[ring + 4 : 61 - ring, ring] = True
        mask[ring + 4, ring : ring + 4] = True
    assert label(mask)[1] == 1
