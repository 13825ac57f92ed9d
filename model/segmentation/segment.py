"""The ink of a number → its characters.

The ink is cut into more pieces than it has characters. Candidates are single pieces and groups of neighbouring pieces;
the recogniser reads each of them. The segmentation is the cheapest path through the lattice of these readings. Costs
come from shapes and cuts, and from the recogniser, whose "no digit" reveals most wrong cuts. This module knows no
network: it is given a function from inks to log-probabilities.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from model.preprocessing.arrays import Doubles, Ink, Mask
from model.segmentation.lattice import Arc, Kind, best_path
from model.segmentation.oversegmentation import Pieces, find_pieces
from model.segmentation.punctuation import is_mark, mark_arcs

LogProbabilities = Callable[[Sequence[Ink]], Doubles]  # (N, classes + 1): the last for no digit
Box = tuple[int, int, int, int]  # left, top, width, height, in pixels of the given ink

MAX_PIECES: Final = 8  # pieces in a candidate
MAX_CANDIDATES: Final = 600  # twelve digits that all touch have about 370
MAX_WIDTH: Final = 1.4  # of the row's height
MAX_WHOLE_WIDTH: Final = 2.2  # of the row's height, for a candidate without cuts
MIN_HEIGHT: Final = 0.4  # of the row's height: lower candidates are no digits
MAX_GAP: Final = 0.35  # of the row's height, within a candidate
CERTAIN: Final = -0.005  # log-probability of a digit above which a component is not cut
MAX_READING_COST: Final = 14.0  # so that one bad digit does not spoil the others

# Costs of a candidate, for each unit of a measure: tuned on numbers composed of training digits.
MAX_SHAPE_COST: Final = 8.0  # candidates that cost more are not read
NOT_A_DIGIT: Final = 50.0  # of minus the log-probability of being a digit: high, since networks are overconfident
AMBIGUITY: Final = 2.0  # of minus the log-probability of its likeliest digit: low, since a 0 like a 6 need not be cut
AMBIGUITY_ALONE: Final = 8.0  # the same, for a network without an output for no digit: its only doubt is between digits
COSTS: Final[Mapping[str, float]] = {
    "gap": 12.0,
    "wide": 4.0,
    "low": 30.0,
    "crossed": 1.4,
    "stranded": 2.0,
    "mark": 12.0,
}


@dataclass(frozen=True)
class Character:
    """A digit, a decimal point or a minus sign: its box, and its ink without that of others."""

    kind: Kind
    box: Box
    ink: Ink


@dataclass(frozen=True)
class Segmentation:
    """The characters of a number from left to right, and this segmentation's probability among all."""

    characters: tuple[Character, ...]
    probability: float


def segment(ink: Ink, read: LogProbabilities) -> Segmentation | None:
    """Find the characters of a number in `ink`, (H, W) uint8 with 0 for paper.

    `read` returns the log-probabilities of a batch of inks. Returns None where no segmentation makes a number.
    """
    pieces = find_pieces(ink, partial(are_digits, read))
    if pieces is None:
        return None
    shapes = {span: cost for span in candidates(pieces) if (cost := shape_cost(pieces, *span)) < MAX_SHAPE_COST}
    if not 0 < len(shapes) <= MAX_CANDIDATES:
        return None
    unlikely = reading_costs(read([pieces.alone(*span) for span in shapes])).tolist()
    arcs = [Arc(*span, "digit", shapes[span] + cost) for span, cost in zip(shapes, unlikely, strict=True)]
    path = best_path([*arcs, *mark_arcs(pieces)], len(pieces))
    if path is None:
        return None
    characters = tuple(_character(pieces, arc) for arc in path.arcs if arc.kind != "dirt")
    return Segmentation(characters, path.probability)


def are_digits(read: LogProbabilities, inks: Sequence[Ink]) -> Mask:
    """Tell which of `inks` are certainly one digit (N,): none, if the network has no output for no digit."""
    readings = read(inks)
    return (readings[:, :-1].max(axis=1) > CERTAIN) & np.isfinite(readings[:, -1])


def reading_costs(readings: Doubles) -> Doubles:
    """Turn the recogniser's log-probabilities (N, classes + 1) into costs of candidates (N,).

    Doubt whether it is a digit costs much more than doubt which digit it is: a cut does not settle that.
    """
    digits, none = readings[:, :-1], readings[:, -1]
    any_digit = np.logaddexp.reduce(digits, axis=1)
    likeliest = digits.max(axis=1) - any_digit
    which = np.where(np.isfinite(none), AMBIGUITY, AMBIGUITY_ALONE)
    return NOT_A_DIGIT * np.minimum(-any_digit, MAX_READING_COST) - which * likeliest


def _character(pieces: Pieces, arc: Arc) -> Character:
    left, top, right, bottom = (pieces.factor * side for side in pieces.box(arc.start, arc.stop))
    box = (pieces.left + left, pieces.top + top, right - left, bottom - top)
    return Character(arc.kind, box, pieces.alone(arc.start, arc.stop))


def candidates(pieces: Pieces) -> list[tuple[int, int]]:
    """List the candidates for a digit: neighbouring pieces, as the first piece and the one after the last.

    A candidate without cuts may be wider and have more pieces: a broad 0 has many possible cuts.
    """
    spans = []
    for start in range(len(pieces)):
        right = int(pieces.boxes[start, 2])
        for stop in range(start + 1, len(pieces) + 1):
            left, top, right_most, bottom = pieces.box(start, stop)
            gap, width = int(pieces.boxes[stop - 1, 0]) - right, right_most - left
            if gap > MAX_GAP * pieces.height or width > MAX_WHOLE_WIDTH * pieces.height:
                break
            right = max(right, int(pieces.boxes[stop - 1, 2]))
            narrow = stop - start <= MAX_PIECES and width <= MAX_WIDTH * pieces.height
            if bottom - top >= MIN_HEIGHT * pieces.height and (narrow or not pieces.crossed(start, stop)):
                spans.append((start, stop))
    return spans


def shape_cost(pieces: Pieces, start: int, stop: int) -> float:
    """Return the cost of a candidate's shape and its cuts, which is known before it is read."""
    return sum(COSTS[name] * amount for name, amount in _shape_features(pieces, start, stop).items())


def _shape_features(pieces: Pieces, start: int, stop: int) -> dict[str, float]:
    """Measure what COSTS weighs. Lengths are in heights of the row, and crossed ink in stroke widths."""
    left, top, right, bottom = pieces.box(start, stop)
    width, height = (right - left) / pieces.height, (bottom - top) / pieces.height
    inside = pieces.boxes[start:stop]
    crossed = pieces.crossed(start, stop)
    part = 1.0 if crossed else 0.3  # wide and low digits are rare, wide and low parts of digits are not
    reach = np.maximum.accumulate(inside[:-1, 2])
    beside = [k for k in (start - 1, stop) if 0 <= k < len(pieces) and pieces.whole[k]]
    return {
        "gap": float(np.maximum(inside[1:, 0] - reach, 0).sum()) / pieces.height,
        "wide": part * max(0.0, width - 0.95 * max(height, 0.8)),
        "low": part * max(0.0, 0.6 - height),
        # Half of each cut's ink: the candidate on its other side has the other half.
        "crossed": sum(crossed) / 2,
        # Components above or below this candidate that it leaves out.
        "stranded": float(sum(2 * left < pieces.boxes[k, 0] + pieces.boxes[k, 2] < 2 * right for k in beside)),
        # Decimal points and minus signs are no parts of digits.
        "mark": float(sum(is_mark(pieces, k) for k in range(start, stop))) if stop - start > 1 else 0.0,
    }
