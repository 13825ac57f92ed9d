"""Cuts between digits that touch: seams from top to bottom, through as little ink as can be.

Source: heuristic over-segmentation as in LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to
Document Recognition" (1998), section VI; the seams are shortest paths, found row by row with dynamic programming. More
seams are proposed than are needed: the recogniser decides which of them are cuts.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.preprocessing.normalize import Ink

Seams = NDArray[np.int64]  # (n, H): in each row, the first column to the right of the seam

SIDEWAYS: Final = 0.1  # what a step aside costs, of a pixel of full ink
PAPER: Final = 0.01  # what a pixel of paper costs: the straight way is taken where there is a choice
CROWD: Final = 0.95  # the part of an ink pixel's cost that it loses where two strokes meet
RADIUS: Final = 0.7  # of that place, in stroke widths
ALONE: Final = 1.0  # how much ink a single stroke has around it, in as much as a straight one has
MEETING: Final = 1.4  # and where two meet
ROWS: Final = (0.2, 0.4, 0.6, 0.8)
SMALLEST: Final = 1.2  # piece between two cuts, in stroke widths squared
FLAT: Final = 1.5  # a long thin line is cut once in so many distances: it is the same cut everywhere


def propose_cuts(
    ink: Ink, stroke: float, distance: float, hill: float, dearest: float
) -> tuple[Seams, NDArray[np.float64]]:
    """Propose seams that cut `ink`, (H, W) uint8 of one component, into pieces from left to right.

    The cheapest seams through each pixel of the rows ROWS compete. In its row a seam is at least `distance` pixels from
    the sides and the other seams, and FLAT times as far where no hill of `hill` pixels of ink lies between them. None
    costs more than `dearest` pixels of ink. Returns the seams (n, H) from left to right, none of which crosses another
    and each two of which have ink between them, and what each costs (n,), in pixels.
    """
    height = len(ink)
    cost = ink / 255 * (1 - CROWD * _crowd(ink, stroke)) + PAPER
    down, from_above = _shortest(cost)
    up, from_below = _shortest(cost[::-1])
    found: list[tuple[float, NDArray[np.int64]]] = []
    for row in sorted({int(part * height) for part in ROWS}):
        through = down[row] + up[height - 1 - row] - cost[row]
        columns = _valleys(through, distance, hill, dearest)
        seams = np.empty((len(columns), height), np.int64)
        seams[:, row] = columns
        for at in range(row, 0, -1):
            seams[:, at - 1] = from_above[at, seams[:, at]]
        for at in range(row, height - 1):
            seams[:, at + 1] = from_below[height - 1 - at, seams[:, at]]
        found += zip(through[columns].tolist(), seams, strict=True)
    return _compatible(found, ink, SMALLEST * stroke**2)


def _compatible(
    found: list[tuple[float, NDArray[np.int64]]], ink: Ink, smallest: float
) -> tuple[Seams, NDArray[np.float64]]:
    """Choose among seams the cheapest that do not cross and have at least `smallest` pixels of ink between them."""
    sums = np.pad(ink / 255, ((0, 0), (1, 0))).cumsum(axis=1)
    rows = np.arange(len(ink))
    chosen: list[tuple[float, NDArray[np.int64]]] = []
    for cost, seam in sorted(found, key=lambda one: one[0]):
        amounts = [sums[rows, seam] - sums[rows, other] for _, other in chosen]
        if all((amount.min() > -1 and amount.sum() >= smallest) or (amount.max() < 1 and amount.sum() <= -smallest)
               for amount in amounts):  # fmt: skip
            chosen.append((cost, seam))
    chosen.sort(key=lambda one: int(one[1].sum()))
    seams = np.array([seam for _, seam in chosen], np.int64).reshape(-1, len(ink))
    return np.maximum.accumulate(seams, axis=0), np.array([cost for cost, _ in chosen])


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


def _shortest(cost: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Find the cheapest ways down from the first row of `cost` (H, W) to each pixel.

    Between two rows a way may go aside as far as it likes: under the flag of a 5, say. That costs SIDEWAYS a pixel, and
    what it cuts apart, where both the pixel above and the one below are ink. Returns what the ways cost (H, W), and for
    each pixel the column in the row above that it is reached from.
    """
    height, width = cost.shape
    sides = np.zeros((height, width))  # what going from the first column to this one costs, between this row and above
    np.cumsum(np.minimum(cost[:-1], cost[1:])[:, :-1] + SIDEWAYS, axis=1, out=sides[1:, 1:])
    total = cost.copy()
    for row in range(1, height):
        side, before = sides[row], total[row - 1]
        from_left = np.minimum.accumulate(before - side)
        from_left += side
        from_right = np.minimum.accumulate((before + side)[::-1])[::-1]
        from_right -= side
        total[row] += np.minimum(from_left, from_right, out=from_left)
    columns = np.arange(width)
    left, right = total[:-1] - sides[1:], (total[:-1] + sides[1:])[:, ::-1]
    least_left, least_right = np.minimum.accumulate(left, axis=1), np.minimum.accumulate(right, axis=1)
    left_from = np.maximum.accumulate(np.where(left <= least_left, columns, 0), axis=1)
    right_from = width - 1 - np.maximum.accumulate(np.where(right <= least_right, columns, 0), axis=1)[:, ::-1]
    nearer_left = least_left + sides[1:] <= least_right[:, ::-1] - sides[1:]
    above = np.zeros((height, width), np.int64)
    above[1:] = np.where(nearer_left, left_from, right_from)
    return total, above
