"""Cuts between digits that touch: seams from top to bottom that cross as little ink as possible.

Source: heuristic over-segmentation as in LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to
Document Recognition" (1998), section VI. Seams are shortest paths, found row by row with dynamic programming. There are
more seams than touching digits need: the recogniser decides which of them are cuts.
"""

from typing import Final

import numpy as np

from model.preprocessing.arrays import Doubles, Ink, Integers

Seams = Integers  # (n, H): in each row, the first column to the right of the seam

SIDEWAYS: Final = 0.1  # cost of a step aside, of that of a pixel of full ink
PAPER: Final = 0.01  # cost of a pixel of paper: among equal seams, the straight one is cheapest
CROSSING_DISCOUNT: Final = 0.95  # the part of its cost that ink loses where two strokes meet
CROSSING_RADIUS: Final = 0.7  # in stroke widths: half of the window in which ink is counted
SINGLE: Final = 1.0  # ink in the window, over that of a straight stroke: up to this, it is one stroke
CROSSING: Final = 1.4  # in the same unit: from here on, two strokes meet
ROWS: Final = (0.2, 0.4, 0.6, 0.8)  # of the height
MIN_PIECE: Final = 1.2  # in stroke widths squared: the least ink between two cuts
FLAT_DISTANCE: Final = 1.5  # of the least distance: between cuts of a long thin line, which are all alike


def propose_cuts(ink: Ink, stroke: float, distance: float, min_hill: float, max_cost: float) -> tuple[Seams, Doubles]:
    """Propose seams that cut `ink`, (H, W) uint8 of one component, into pieces from left to right.

    The cheapest seams through each pixel of the rows ROWS compete. In its row a seam is at least `distance` pixels from
    the sides and from other seams, and FLAT_DISTANCE times as far where no hill of `min_hill` pixels of ink lies
    between. None costs more than `max_cost` pixels of ink. Returns the seams (n, H) from left to right and the cost of
    each (n,), in pixels. No seam crosses another, and any two have ink between them.
    """
    height = len(ink)
    cost = ink / 255 * (1 - CROSSING_DISCOUNT * _crossings(ink, stroke)) + PAPER
    down, from_above = _shortest(cost)
    up, from_below = _shortest(cost[::-1])
    candidates: list[tuple[float, Integers]] = []
    for row in sorted({int(part * height) for part in ROWS}):
        through = down[row] + up[height - 1 - row] - cost[row]
        columns = _valleys(through, distance, min_hill, max_cost)
        seams = np.empty((len(columns), height), np.int64)
        seams[:, row] = columns
        for at in range(row, 0, -1):
            seams[:, at - 1] = from_above[at, seams[:, at]]
        for at in range(row, height - 1):
            seams[:, at + 1] = from_below[height - 1 - at, seams[:, at]]
        candidates += zip(through[columns].tolist(), seams, strict=True)
    return _choose(candidates, ink, MIN_PIECE * stroke**2)


def _choose(candidates: list[tuple[float, Integers]], ink: Ink, min_piece: float) -> tuple[Seams, Doubles]:
    """Choose the cheapest seams that do not cross and have at least `min_piece` pixels of ink between them."""
    sums = np.pad(ink / 255, ((0, 0), (1, 0))).cumsum(axis=1)
    rows = np.arange(len(ink))
    chosen: list[tuple[float, Integers]] = []
    for cost, seam in sorted(candidates, key=lambda candidate: candidate[0]):
        amounts = [sums[rows, seam] - sums[rows, other] for _, other in chosen]
        if all((amount.min() > -1 and amount.sum() >= min_piece) or (amount.max() < 1 and amount.sum() <= -min_piece)
               for amount in amounts):  # fmt: skip
            chosen.append((cost, seam))
    chosen.sort(key=lambda cut: int(cut[1].sum()))
    seams = np.array([seam for _, seam in chosen], np.int64).reshape(-1, len(ink))
    return np.maximum.accumulate(seams, axis=0), np.array([cost for cost, _ in chosen])


def _crossings(ink: Ink, stroke: float) -> Doubles:
    """Measure from the ink around each pixel whether strokes meet there (H, W): 0 for a single stroke, 1 for two."""
    radius = max(1, round(CROSSING_RADIUS * stroke))
    side = 2 * radius + 1
    sums = np.pad(np.pad(ink / 255, radius), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    part = (sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]) / side**2
    single = stroke / side
    return np.clip((part / single - SINGLE) / (CROSSING - SINGLE), 0, 1)


def _valleys(costs: Doubles, distance: float, min_hill: float, max_cost: float) -> Integers:
    """Choose columns at local minima of `costs` (W,), the cheapest first, as propose_cuts describes."""
    padded = np.pad(costs, 2, constant_values=np.inf)
    low = np.lib.stride_tricks.sliding_window_view(padded, 5).min(axis=1)
    columns = np.arange(len(costs))
    minima = columns[(costs == low) & (costs <= max_cost) & (columns >= distance) & (columns <= len(costs) - distance)]
    chosen: list[int] = []
    for column in minima[np.argsort(costs[minima], kind="stable")].tolist():
        for other in chosen:
            gap = abs(column - other)
            if gap < distance:
                break
            between = costs[min(column, other) : max(column, other)].max() - costs[column]
            if gap < FLAT_DISTANCE * distance and between < min_hill:
                break
        else:
            chosen.append(column)
    return np.array(sorted(chosen), np.int64)


def _shortest(cost: Doubles) -> tuple[Doubles, Integers]:
    """Find the cheapest path from the first row of `cost` (H, W) down to each pixel.

    Between two rows, a path may go aside by any distance: under the flag of a 5, for instance. Each step aside costs
    SIDEWAYS, and the lesser cost of the pixels above and below it. Returns the costs of the paths (H, W), and for each
    pixel the column in the row above that its path comes from.
    """
    height, width = cost.shape
    sides = np.zeros((height, width))  # cost of going aside from the first column to this one, above each row
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
