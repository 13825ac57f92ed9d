"""The ink of a number → its characters.

It is cut into more pieces than it has characters; the recogniser reads every piece and every few neighbouring ones, and
the cheapest way through the lattice of these readings is taken. What a cut costs is weighed against what the recogniser
says: shape alone tells few wrong cuts, and "no digit" tells most of them. This file knows no network: it is given a
function from inks to log-probabilities.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.preprocessing.normalize import Ink
from model.segmentation.lattice import Arc, Kind, best_path
from model.segmentation.oversegmentation import Pieces, find_pieces
from model.segmentation.punctuation import is_mark, mark_arcs

LogProbabilities = Callable[[Sequence[Ink]], NDArray[np.float64]]  # (N, classes + 1), the last for what is no digit
Box = tuple[int, int, int, int]  # left, top, width, height, in pixels of the ink that was given

MOST_TOGETHER: Final = 8  # pieces in a candidate
MOST_CANDIDATES: Final = 600  # twelve digits that all touch have up to about 370
WIDEST: Final = 1.4  # of the height
WIDEST_WHOLE: Final = 2.2  # of it, of what no cut goes through
LOWEST: Final = 0.4  # of it: what is lower is no digit
LARGEST_GAP: Final = 0.35  # of the height, within a candidate
CERTAIN: Final = -0.005  # the logarithm of the probability from which on a component is not cut to see
DEAREST_READING: Final = 14.0  # a reading costs no more, so that one bad digit does not spoil the others

# What a candidate costs for each unit of what is measured of it: tuned on numbers composed of training digits.
DEAREST_SHAPE: Final = 8.0  # what costs more is not even read
READING: Final = 50.0  # of minus the logarithm of the probability that it is a digit: networks are sure of too much
WHICH: Final = 2.0  # of the same of its likeliest digit, if it is one: a 0 that may be a 6 is no reason to cut it
UNTAUGHT: Final = 8.0  # of that, where the network knows digits only: doubt between them is all that it can say
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
    """A digit, a decimal point or a minus sign: where it is, and its ink on paper of its own."""

    kind: Kind
    box: Box
    ink: Ink


@dataclass(frozen=True)
class Segmentation:
    """The characters of a number from left to right, and the probability of this way to cut it among all ways."""

    characters: tuple[Character, ...]
    probability: float


def segment(ink: Ink, read: LogProbabilities) -> Segmentation | None:
    """Find the characters of a number in `ink`, (H, W) uint8 with 0 for paper.

    `read` gives the log-probabilities of a batch of inks. Returns None where no way to cut the ink makes a number.
    """
    pieces = find_pieces(ink, partial(are_digits, read))
    if pieces is None:
        return None
    shapes = {span: cost for span in candidates(pieces) if (cost := shape_cost(pieces, *span)) < DEAREST_SHAPE}
    if not 0 < len(shapes) <= MOST_CANDIDATES:
        return None
    unlikely = reading_costs(read([pieces.alone(*span) for span in shapes])).tolist()
    arcs = [Arc(*span, "digit", shapes[span] + cost) for span, cost in zip(shapes, unlikely, strict=True)]
    path = best_path([*arcs, *mark_arcs(pieces)], len(pieces))
    if path is None:
        return None
    characters = tuple(_character(pieces, arc) for arc in path.arcs if arc.kind != "dirt")
    return Segmentation(characters, path.probability)


def are_digits(read: LogProbabilities, inks: Sequence[Ink]) -> NDArray[np.bool_]:
    """Tell which of `inks` are certainly one digit each (N,): none if the network does not know what is no digit."""
    readings = read(inks)
    certain: NDArray[np.bool_] = (readings[:, :-1].max(axis=1) > CERTAIN) & np.isfinite(readings[:, -1])
    return certain


def reading_costs(readings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh what the recogniser says against candidates: log-probabilities (N, classes + 1) → costs (N,).

    That it is no digit weighs much more than that it may be another digit, which no cut settles.
    """
    digits, none = readings[:, :-1], readings[:, -1]
    any_digit = np.logaddexp.reduce(digits, axis=1)
    likeliest = digits.max(axis=1) - any_digit
    which = np.where(np.isfinite(none), WHICH, UNTAUGHT)
    costs: NDArray[np.float64] = READING * np.minimum(-any_digit, DEAREST_READING) - which * likeliest
    return costs


def _character(pieces: Pieces, arc: Arc) -> Character:
    left, top, right, bottom = (pieces.factor * side for side in pieces.box(arc.start, arc.stop))
    box = (pieces.left + left, pieces.top + top, right - left, bottom - top)
    return Character(arc.kind, box, pieces.alone(arc.start, arc.stop))


def candidates(pieces: Pieces) -> list[tuple[int, int]]:
    """List what may be a digit: some neighbouring pieces, as first piece and the one after the last.

    What no cut goes through may be wider, and of more pieces: a broad 0 is offered many cuts.
    """
    spans = []
    for start in range(len(pieces)):
        right = int(pieces.boxes[start, 2])
        for stop in range(start + 1, len(pieces) + 1):
            left, top, right_most, bottom = pieces.box(start, stop)
            gap, width = int(pieces.boxes[stop - 1, 0]) - right, right_most - left
            if gap > LARGEST_GAP * pieces.height or width > WIDEST_WHOLE * pieces.height:
                break
            right = max(right, int(pieces.boxes[stop - 1, 2]))
            few = stop - start <= MOST_TOGETHER and width <= WIDEST * pieces.height
            if bottom - top >= LOWEST * pieces.height and (few or not pieces.crossed(start, stop)):
                spans.append((start, stop))
    return spans


def shape_cost(pieces: Pieces, start: int, stop: int) -> float:
    """Weigh what a candidate's shape and its cuts say against it, before it is read."""
    return sum(COSTS[name] * amount for name, amount in _features(pieces, start, stop).items())


def _features(pieces: Pieces, start: int, stop: int) -> dict[str, float]:
    """Measure what speaks against a candidate. Lengths are in heights of the row, crossed ink is in stroke widths."""
    left, top, right, bottom = pieces.box(start, stop)
    width, height = (right - left) / pieces.height, (bottom - top) / pieces.height
    inside = pieces.boxes[start:stop]
    crossed = pieces.crossed(start, stop)
    part = 1.0 if crossed else 0.3  # broad and small digits are rare, but broad and small parts of digits are not
    reach = np.maximum.accumulate(inside[:-1, 2])
    beside = [k for k in (start - 1, stop) if 0 <= k < len(pieces) and pieces.whole[k]]
    return {
        "gap": float(np.maximum(inside[1:, 0] - reach, 0).sum()) / pieces.height,
        "wide": part * max(0.0, width - 0.95 * max(height, 0.8)),
        "low": part * max(0.0, 0.6 - height),
        # Half of each cut's cost: the candidate on its other side has the other half.
        "crossed": sum(crossed) / 2,
        # A component that lies above or below this candidate, and is left out of it.
        "stranded": float(sum(2 * left < pieces.boxes[k, 0] + pieces.boxes[k, 2] < 2 * right for k in beside)),
        # A decimal point or a minus sign is no part of a digit.
        "mark": float(sum(is_mark(pieces, k) for k in range(start, stop))) if stop - start > 1 else 0.0,
    }
