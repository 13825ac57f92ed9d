"""The components are those that a flood fill finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.preprocessing.components import find_components, label


def flood(mask: np.ndarray) -> np.ndarray:
    labels = np.zeros(mask.shape, np.int32)
    for corner in zip(*np.nonzero(mask), strict=True):
        if labels[corner]:
            continue
        label, stack = labels.max() + 1, [corner]
        while stack:
            row, column = stack.pop()
            if mask[row, column] and not labels[row, column]:
                labels[row, column] = label
                stack += [
                    (y, x)
                    for y in range(max(row - 1, 0), min(row + 2, mask.shape[0]))
                    for x in range(max(column - 1, 0), min(column + 2, mask.shape[1]))
                ]
    return labels


@given(shape=st.tuples(st.integers(1, 14), st.integers(1, 14)), seed=st.integers(0, 10**6), part=st.floats(0, 1))
def test_components_are_those_of_a_flood_fill(shape, seed, part):
    mask = np.random.default_rng(seed).random(shape) < part
    components, expected = find_components(mask), flood(mask)
    assert np.array_equal(components.labels, expected)
    assert len(components) == expected.max()
    for number in range(len(components)):
        rows, columns = np.nonzero(expected == number + 1)
        assert components.boxes[number].tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert components.areas[number] == len(rows)


def test_a_spiral_is_one_component():
    mask = np.zeros((40, 40), bool)
    for turn in range(0, 18, 4):
        mask[turn, turn : 40 - turn] = mask[turn : 40 - turn, 39 - turn] = True
        mask[39 - turn, turn : 40 - turn] = mask[turn + 2 : 40 - turn, turn] = True
        mask[turn + 2, turn : turn + 5] = mask[turn + 2 : turn + 5, turn + 4] = True
    assert len(find_components(mask)) == flood(mask).max() == 1


def test_stroke_is_the_width_of_the_pen():
    mask = np.zeros((50, 60), bool)
    mask[5:45, 10:17] = mask[5:45, 30:37] = True
    assert find_components(mask).stroke == 7


@pytest.mark.parametrize(("value", "parts"), [(False, 0), (True, 1)])
def test_blank_and_full_masks(value, parts):
    labels, count = label(np.full((5, 7), value))
    assert count == parts
    assert (labels == parts).all()
