"""Rows of touching digits, cut as the segmentation of numbers cuts them, for training.

Most cuts are wrong. A right cut leaves a digit with a scar: a bit of its neighbour, or a bite out of its side. The
network must read it. A wrong cut leaves parts of two digits, or both: the network must reject it.

Source: LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998), section VI, where the recogniser
also learns from wrong segmentations.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from model.data.pen_digits import PenDigit
from model.preprocessing import strokes
from model.preprocessing.arrays import Ink, Mask
from model.segmentation.oversegmentation import find_pieces
from model.segmentation.segment import MAX_SHAPE_COST, candidates, shape_cost

MIN_OWN: Final = 0.85  # of a digit's ink: a right cut has more of it
MAX_OTHERS: Final = 0.15  # of a digit's ink: a right cut has less of others
MIN_PART: Final = 0.3  # of a digit's ink: a wrong cut has more of it, of at least two digits
OVERLAPS: Final = (0.05, 0.6)  # of the pen's width, between neighbours
MAX_CUTS: Final = 3  # right ones of a row, and as many wrong ones
MAX_DIGITS: Final = 4  # digits in a row
HEIGHT: Final = 60  # of a digit, in pixels
PEN_WIDTHS: Final = (0.05, 0.16)  # of that height
SIZES: Final = (0.85, 1.15)  # of a digit, of that height


def write_and_cut(digits: Sequence[PenDigit], random: np.random.Generator) -> list[tuple[Ink, int | None]]:
    """Write a row of random, touching `digits` and cut it. Returns inks with labels, None for a wrong cut."""
    chosen = [digits[index] for index in random.integers(len(digits), size=random.integers(2, MAX_DIGITS + 1))]
    pen = random.uniform(*PEN_WIDTHS) * HEIGHT
    inks = []
    for digit in chosen:
        across, down = np.ptp(np.concatenate(digit.strokes), axis=0).tolist()
        scale = HEIGHT * random.uniform(*SIZES) / max(down, across / 3, 1e-6)
        longer = max(across, down) * scale + pen
        inks.append(strokes.draw(digit.strokes, width=pen / scale, longer_side=round(longer)))
    return [(ink, None if digit is None else chosen[digit].label) for ink, digit in cut_apart(inks, pen, random)]


def cut_apart(inks: Sequence[Ink], pen: float, random: np.random.Generator) -> list[tuple[Ink, int | None]]:
    """Put digits into a row in which neighbours touch, and cut it where the segmentation of numbers would try to.

    `inks` (H, W) are one digit each, of one pen `pen` pixels wide. Returns the ink of up to MAX_CUTS right cuts with
    the index of its digit in the row, and of as many wrong ones with None. None is in between.
    """
    row, owners = _write_touching(inks, pen, random)
    pieces = find_pieces(row)
    if pieces is None or pieces.factor > 1:
        return []
    masks = owners[:, pieces.top : pieces.top + len(pieces.ink), pieces.left : pieces.left + pieces.ink.shape[1]]
    count = len(pieces) + 1
    amounts = np.array([np.bincount(pieces.labels[mask], minlength=count)[1:] for mask in masks], float)
    amounts /= np.maximum(amounts.sum(axis=1, keepdims=True), 1)  # of each digit, in each piece
    right: list[tuple[Ink, int | None]] = []
    wrong: list[tuple[Ink, int | None]] = []
    for span in random.permutation(candidates(pieces)).tolist():
        shares = amounts[:, slice(*span)].sum(axis=1)
        digit = int(shares.argmax())
        if shape_cost(pieces, *span) >= MAX_SHAPE_COST:
            continue
        if shares[digit] > MIN_OWN and shares.sum() - shares[digit] < MAX_OTHERS:
            right.append((pieces.alone(*span), digit))
        elif (shares > MIN_PART).sum() > 1:
            wrong.append((pieces.alone(*span), None))
    return right[:MAX_CUTS] + wrong[:MAX_CUTS]


def _write_touching(inks: Sequence[Ink], pen: float, random: np.random.Generator) -> tuple[Ink, Mask]:
    """Put digits side by side so that neighbours touch. Returns the row (H, W) and a mask for each digit (n, H, W)."""
    room = max(len(ink) for ink in inks) + round(pen)
    row = np.zeros((2 * room, sum(ink.shape[1] for ink in inks) + 4), np.uint8)
    owners = np.zeros((len(inks), *row.shape), bool)
    edge = np.full(len(row), -np.inf)  # the right end of the ink in each row
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
