"""Wrong cuts through touching digits, for training: what the reader of numbers offers the network, and must be refused.

Source: LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998), section VI, where the recogniser
of numbers learns from wrong segmentations, too.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.normalize import Ink
from model.pieces import find_pieces
from model.segment import candidates

PART: Final = 0.3  # of a digit's ink: less of it is a scar, and not a second digit
OVERLAPS: Final = (0.05, 0.6)  # of the pen's width
TRIES: Final = 10


def miscut(inks: Sequence[Ink], pen: float, random: np.random.Generator) -> Ink | None:
    """Let neighbours touch and cut them wrongly, through or between them.

    `inks` (H, W) are one digit each, of one pen `pen` pixels wide. Returns the ink of two of them or more, or of parts
    of them; None in the rare cases where no such cut is offered.
    """
    row, owners = _touching(inks, pen, random)
    pieces = find_pieces(row)
    if pieces is None or pieces.factor > 1:
        return None
    spans = candidates(pieces)
    masks = owners[:, pieces.top : pieces.top + len(pieces.ink), pieces.left : pieces.left + pieces.ink.shape[1]]
    shares = np.array([[(mask & (pieces.labels == k + 1)).sum() for k in range(len(pieces))] for mask in masks])
    shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1)  # of each digit, in each piece
    wrong = [span for span in spans if (shares[:, slice(*span)].sum(axis=1) > PART).sum() > 1]
    return pieces.alone(*wrong[int(random.integers(len(wrong)))]) if wrong else None


def _touching(inks: Sequence[Ink], pen: float, random: np.random.Generator) -> tuple[Ink, NDArray[np.bool_]]:
    """Put digits side by side so that each meets the one before. Returns the row and what of it is each one's."""
    room = max(len(ink) for ink in inks) + round(pen)
    row = np.zeros((2 * room, sum(ink.shape[1] for ink in inks) + 4), np.uint8)
    owners = np.zeros((len(inks), *row.shape), bool)
    edge = np.full(len(row), -np.inf)  # how far right the ink goes in each row
    for number, ink in enumerate(inks):
        top = int((len(row) - len(ink)) / 2 + random.normal(0, 0.07) * room)
        top = min(max(top, 0), len(row) - len(ink))
        drawn = ink > 127
        lefts = np.where(drawn.any(axis=1), drawn.argmax(axis=1), np.inf)
        reach = (edge[top : top + len(ink)] - lefts).max()
        left = 2 if not np.isfinite(reach) else int(max(0, reach - random.uniform(*OVERLAPS) * pen))
        if number and not np.isfinite(reach):
            left = int(edge.max())
        left = min(left, row.shape[1] - ink.shape[1])
        here = np.s_[top : top + len(ink), left : left + ink.shape[1]]
        row[here] = np.maximum(row[here], ink)
        owners[number][here] = drawn
        rights = left + ink.shape[1] - drawn[:, ::-1].argmax(axis=1)
        edge[top : top + len(ink)] = np.where(
            drawn.any(axis=1), np.maximum(edge[top : top + len(ink)], rights), edge[top : top + len(ink)]
        )
    return row, owners
