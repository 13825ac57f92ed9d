"""The corners of printed boxes and cells on flat images: two straight sides that end a straight one between them.

A hand hardly draws them: lines as straight as this, over half of the writing's height, that meet at both ends. Where
the writing crosses one side of a box, the three others remain.
"""

from typing import Final

import numpy as np

from model.preprocessing.arrays import Integers, Mask

HEIGHT: Final = 64  # in pixels, about, to which the ink is reduced: lines a few degrees aslant are straight then
LEAST: Final = 0.5  # of the ink's height: the length of a box's top, base or side
SIDES: Final = 0.85  # of that: the length of the sides that go from its ends
WIDE: Final = 2.0  # times its height: ink is a row
SLACK: Final = 2  # in pixels: how far a straight side may be from upright


def has_corners(mask: Mask) -> bool:
    """Tell whether ink, (H, W) cut to its bounding box, has a box, a row of boxes, or cells of a comb."""
    height, width = mask.shape
    if width < LEAST * height:
        return False
    reduced = _reduce(mask, -(-min(height, width) // HEIGHT), 2)
    length = max(6, int(LEAST * (len(reduced) - 4)))
    if any(_has_corners(upright, length) for upright in (reduced, reduced[::-1])):
        return True
    turned = np.ascontiguousarray(reduced.T)  # not in a row: the strokes of two digits may look like this there
    return width < WIDE * height and any(_has_corners(aside, length) for aside in (turned, turned[::-1]))


def _has_corners(mask: Mask, length: int) -> bool:
    """Tell whether there is a top of this length with sides that go down from both its ends."""
    tops = mask[1:] & ~mask[:-1]
    tops[1:-1] |= tops[2:] | tops[:-2]
    sides, first = int(SIDES * length), SLACK + 2
    rows = np.flatnonzero(tops[: len(tops) - first - sides].sum(axis=1) >= length)
    if not len(rows):
        return False
    across = _runs(tops[rows])
    starts = (across[:, 1:] >= length) & ~tops[rows, :-1]
    for row, before in np.argwhere(starts).tolist():
        below = slice(int(rows[row]) + first, int(rows[row]) + first + sides)
        end = before + 1 + int(across[row, before + 1])
        left, right = (mask[below, max(x - SLACK - 1, 0) : x + SLACK + 2] for x in (before + 1, end))
        if (left[:, 1:] & ~left[:, :-1]).any(axis=1).all() and (right[:, :-1] & ~right[:, 1:]).any(axis=1).all():
            return True
    return False


def _reduce(mask: Mask, step: int, margin: int) -> Mask:
    """Reduce a mask by a whole factor, with an empty margin around it: what is not empty remains."""
    height, width = mask.shape
    rows = np.zeros((-(-height // step), width), bool)
    reduced = np.zeros((len(rows) + 2 * margin, -(-width // step) + 2 * margin), bool)
    inner = reduced[margin:-margin, margin:-margin]
    for start in range(step):
        rows[: -(-(height - start) // step)] |= mask[start::step]
    for start in range(step):
        inner[:, : -(-(width - start) // step)] |= rows[:, start::step]
    return reduced


def _runs(edges: Mask) -> Integers:
    """Count for each pixel how many follow it to the right without a gap, itself included."""
    width = edges.shape[1]
    gaps = np.where(edges, width, np.arange(width))
    next_gap = np.minimum.accumulate(gaps[:, ::-1], axis=1)[:, ::-1]
    return next_gap - np.arange(width)
