"""Cuts between digits that touch: nearly upright seams through as little ink as can be.

Source: heuristic over-segmentation as in LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to
Document Recognition" (1998), section VI; the seams are shortest paths, found row by row with dynamic programming. More
seams are proposed than are needed: the recogniser decides which of them are cuts.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.normalize import Ink

Seams = NDArray[np.int64]  # (n, H): in each row, the first column to the right of the seam

SIDEWAYS: Final = 0.1  # what a step aside costs, of a pixel of full ink
PAPER: Final = 0.01  # what a pixel of paper costs: the straight way is taken where there is a choice
CROWD: Final = 0.95  # the part of an ink pixel's cost that it loses where two strokes meet
RADIUS: Final = 1.0  # of that place, in stroke widths
ALONE: Final = 1.0  # how much ink a single stroke has around it, in as much as a straight one has
MEETING: Final = 1.6  # and where two meet
FLAT: Final = 1.5  # a long thin line is cut once in so many distances: it is the same cut everywhere


def propose_cuts(
    ink: Ink, stroke: float, distance: float, hill: float, dearest: float
) -> tuple[Seams, NDArray[np.float64]]:
    """Propose seams that cut `ink`, (H, W) uint8 of one component, into pieces from left to right.

    In the middle row two seams are at least `distance` pixels from each other and from the sides, and at least FLAT
    times as far where no hill of `hill` pixels of ink lies between them. None costs more than `dearest` pixels of ink.
    Returns the seams (n, H) from left to right, none of which crosses another, and what each costs (n,), in pixels.
    """
    height = len(ink)
    cost = ink / 255 * (1 - CROWD * _crowd(ink, stroke)) + PAPER
    middle = height // 2
    down, from_above = _shortest(cost[: middle + 1])
    up, from_below = _shortest(cost[middle:][::-1])
    through = down + up - cost[middle]
    columns = _valleys(through, distance, hill, dearest)
    seams = np.empty((len(columns), height), np.int64)
    seams[:, middle] = columns
    for row in range(middle, 0, -1):
        seams[:, row - 1] = seams[:, row] + from_above[row, seams[:, row]]
    for row in range(height - 1 - middle, 0, -1):
        at = height - 1 - row
        seams[:, at + 1] = seams[:, at] + from_below[row, seams[:, at]]
    return np.maximum.accumulate(seams, axis=0), through[columns]


def _crowd(ink: Ink, stroke: float) -> NDArray[np.float64]:
    """Measure how crowded the ink around each pixel is (H, W): 0 on a single stroke, 1 where two meet."""
    radius = max(1, round(RADIUS * stroke))
    side = 2 * radius + 1
    sums = np.pad(np.pad(ink / 255, radius), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    part = (sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]) / side**2
    alone = stroke / side
    crowd: NDArray[np.float64] = np.clip((part / alone - ALONE) / (MEETING - ALONE), 0, 1)
    return crowd


def _valleys(costs: NDArray[np.float64], distance: float, hill: float, dearest: float) -> NDArray[np.int64]:
    """Choose columns where `costs` (W,) are least, the cheapest first; see propose_cuts."""
    padded = np.pad(costs, 2, constant_values=np.inf)
    low = np.lib.stride_tricks.sliding_window_view(padded, 5).min(axis=1)
    columns = np.arange(len(costs))
    minima = columns[(costs == low) & (costs <= dearest) & (columns >= distance) & (columns <= len(costs) - distance)]
    chosen: list[int] = []
    for column in minima[np.argsort(costs[minima], kind="stable")].tolist():
        for other in chosen:
            apart = abs(column - other)
            if apart < distance:
                break
            between = costs[min(column, other) : max(column, other)].max() - costs[column]
            if apart < FLAT * distance and between < hill:
                break
        else:
            chosen.append(column)
    return np.array(sorted(chosen), np.int64)


def _shortest(cost: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Find the cheapest ways down from the first row of `cost` (H, W) to each pixel of the last.

    Returns what they cost (W,), and for each pixel the step to the column above that it is reached from, -1, 0 or 1.
    """
    height, width = cost.shape
    total = np.full(width + 2, np.inf)
    total[1:-1] = cost[0]
    steps = np.zeros((height, width), np.int8)
    for row in range(1, height):
        straight, left, right = total[1:-1], total[:-2] + SIDEWAYS, total[2:] + SIDEWAYS
        best = np.minimum(straight, np.minimum(left, right))
        steps[row] = (right == best).astype(np.int8) - (left == best)
        steps[row][straight == best] = 0
        total[1:-1] = best + cost[row]
    return total[1:-1].copy(), steps
