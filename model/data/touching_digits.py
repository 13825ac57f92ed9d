"""Digits that touch, cut apart as the reader of numbers cuts them, for training: some cuts are right, most are wrong.

What is cut rightly has scars, a bit of its neighbour or a bite out of its side, and must be read all the same. What is
cut wrongly, parts of two digits or both at once, must be refused.

Source: LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998), section VI, where the recogniser
of numbers learns from wrong segmentations, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.data.pen_digits import PenDigit
from model.preprocessing import strokes
from model.preprocessing.normalize import Ink
from model.segmentation.oversegmentation import find_pieces
from model.segmentation.segment import DEAREST_SHAPE, candidates, shape_cost

WHOLE: Final = 0.85  # of a digit's ink: with so much of it, and so little else, it can be read
STRANGE: Final = 0.15  # of a digit's ink: so much of others may be with it
PART: Final = 0.3  # of a digit's ink: less of it is a scar, and not a second digit
OVERLAPS: Final = (0.05, 0.6)  # of the pen's width
EACH: Final = 3  # right cuts, and as many wrong ones, of a row
LONGEST: Final = 4  # digits in a row
HEIGHT: Final = 60  # of a digit, in pixels
PENS: Final = (0.05, 0.16)  # of that height
SIZES: Final = (0.85, 1.15)  # of a digit, of that height


@dataclass(frozen=True)
class Cut:
    """The ink of some neighbouring pieces, and which of the row's digits it is: None if it is no digit."""

    ink: Ink
    digit: int | None


def write_and_cut(digits: Sequence[PenDigit], random: np.random.Generator) -> list[tuple[Ink, int | None]]:
    """Write some of `digits` so that neighbours touch, and cut them apart: inks and labels, None for no digit."""
    chosen = [digits[index] for index in random.integers(len(digits), size=random.integers(2, LONGEST + 1))]
    pen = random.uniform(*PENS) * HEIGHT
    inks = []
    for digit in chosen:
        across, down = np.ptp(np.concatenate(digit.strokes), axis=0).tolist()
        scale = HEIGHT * random.uniform(*SIZES) / max(down, across / 3, 1e-6)
        longer = max(across, down) * scale + pen
        inks.append(strokes.draw(digit.strokes, width=pen / scale, longer_side=round(longer)))
    return [(cut.ink, None if cut.digit is None else chosen[cut.digit].label) for cut in cut_apart(inks, pen, random)]


def cut_apart(inks: Sequence[Ink], pen: float, random: np.random.Generator) -> list[Cut]:
    """Let neighbours touch, and cut them apart where the reader of numbers would try it.

    `inks` (H, W) are one digit each, of one pen `pen` pixels wide. Returns up to EACH right cuts and EACH wrong ones:
    what is neither quite right nor quite wrong is left out.
    """
    row, owners = _touching(inks, pen, random)
    pieces = find_pieces(row)
    if pieces is None or pieces.factor > 1:
        return []
    masks = owners[:, pieces.top : pieces.top + len(pieces.ink), pieces.left : pieces.left + pieces.ink.shape[1]]
    count = len(pieces) + 1
    amounts = np.array([np.bincount(pieces.labels[mask], minlength=count)[1:] for mask in masks], float)
    amounts /= np.maximum(amounts.sum(axis=1, keepdims=True), 1)  # of each digit, in each piece
    right, wrong = [], []
    for span in random.permutation(candidates(pieces)).tolist():
        shares = amounts[:, slice(*span)].sum(axis=1)
        digit = int(shares.argmax())
        if shape_cost(pieces, *span) >= DEAREST_SHAPE:
            continue
        if shares[digit] > WHOLE and shares.sum() - shares[digit] < STRANGE:
            right.append(Cut(pieces.alone(*span), digit))
        elif (shares > PART).sum() > 1:
            wrong.append(Cut(pieces.alone(*span), None))
    return right[:EACH] + wrong[:EACH]


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
