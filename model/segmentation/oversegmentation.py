"""A row of digits → pieces from left to right: its connected components, the wide ones cut where digits might touch."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.preprocessing.components import Components, Labels, bounds, find_components
from model.preprocessing.normalize import BLANK_BELOW, EDGE_AT, Ink
from model.segmentation.seams import propose_cuts

HEIGHT: Final = 48  # in pixels: digits of twice this height and more are averaged down
MOST_RUNS: Final = 100_000  # of ink, in all rows: more is the grain of a photograph
MOST_PIECES: Final = 120  # more is a page, or a photograph
SPECK: Final = 0.35  # of the stroke's width, squared: less is grain
DENSEST: Final = 20.0  # how long a row's lines are, in its lengths: five are usual, a photograph has a hundred
WIDE: Final = 0.5  # of the digits' height: a component from this width on is cut
ONE_DIGIT: Final = 1.1  # of it: one up to this width may be left whole
APART: Final = 0.07  # of the height: two cuts are at least this far from each other
MARK: Final = 0.7  # of the height: the largest side of a minus sign
HILL: Final = 0.3  # stroke widths of ink between two cuts that are not the same
DEAREST: Final = 3.2  # stroke widths of ink that a cut may go through

AreDigits = Callable[[Sequence[Ink]], NDArray[np.bool_]]  # tells inks (N) that are certainly one digit each, (N,)


@dataclass(frozen=True)
class Seam:
    """A cut between two pieces, and the ink that it goes through, in stroke widths."""

    left: int
    right: int
    crossed: float


@dataclass(frozen=True)
class Pieces:
    """Pieces of ink in the order of their middles, from left to right.

    `ink` and `labels` are (H, W); a label is 0 for paper and k + 1 in piece k. `boxes` (n, 4) are left, top, right,
    bottom. `whole` (n,) tells the pieces that are a component of their own. A pixel at x, y of `ink` covers `factor`
    pixels a side from `left` + x·`factor`, `top` + y·`factor` on of the ink that was given.
    """

    ink: Ink
    labels: Labels
    boxes: NDArray[np.int64]
    areas: NDArray[np.int64]
    whole: NDArray[np.bool_]
    seams: tuple[Seam, ...]
    height: float  # of the digits, in pixels
    stroke: float  # its width, in pixels
    left: int
    top: int
    factor: int

    def __len__(self) -> int:
        return len(self.areas)

    def box(self, start: int, stop: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom of the pieces from `start` up to but without `stop`."""
        left, top = self.boxes[start:stop, :2].min(axis=0).tolist()
        right, bottom = self.boxes[start:stop, 2:].max(axis=0).tolist()
        return left, top, right, bottom

    def crossed(self, start: int, stop: int) -> list[float]:
        """List the cuts that part these pieces from others, by the ink that they go through, in stroke widths."""
        return [s.crossed for s in self.seams if (start <= s.left < stop) != (start <= s.right < stop)]

    def alone(self, start: int, stop: int) -> Ink:
        """Return the ink of the pieces from `start` up to but without `stop`, on paper of their own."""
        left, top, right, bottom = self.box(start, stop)
        here = np.s_[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1]
        labels = self.labels[here]
        ink: Ink = np.where((labels > start) & (labels <= stop), self.ink[here], 0).astype(np.uint8)
        return ink


def find_pieces(ink: Ink, are_digits: AreDigits | None = None) -> Pieces | None:
    """Cut `ink`, (H, W) uint8 with 0 for paper, into pieces.

    What `are_digits` is certain of stays whole, if it is no wider than a digit: that saves reading all of its parts.
    Returns None where there are so many of them, or so much ink, that it cannot be a number.
    """
    whole = _components(ink)
    if whole is None or not len(whole):
        return None
    left, top = np.maximum(whole.boxes[:, :2].min(axis=0) - 2, 0).tolist()
    right, bottom = (whole.boxes[:, 2:].max(axis=0) + 2).tolist()
    if whole.areas.sum() > DENSEST * whole.stroke * (right - left):
        return None
    factor = max(1, int(_line_height(whole.boxes, whole.areas) / HEIGHT))
    ink = ink[top:bottom, left:right]
    if factor > 1:  # large digits are averaged down to 48 to 96 pixels of height
        ink = np.asarray(Image.fromarray(ink).reduce(factor))
    components = _components(ink)
    if components is None:
        return None
    stroke = max(components.stroke, 1.0)
    kept = components.areas >= max(2, SPECK * stroke**2)
    if not 0 < kept.sum() <= MOST_PIECES:
        return None
    height = _line_height(components.boxes, components.areas)
    wide = _wide(ink, components, height, are_digits) & kept
    labels, owners, crossings = _cut(ink, components, kept, wide, height, stroke)
    return _in_order(ink, labels, owners, crossings, height, stroke, (left, top, factor))


def _components(ink: Ink) -> Components | None:
    """Find the connected components of the ink: None where there are more runs of pixels than lines would leave."""
    mask = ink > _threshold(ink)
    return None if np.count_nonzero(mask[:, 1:] & ~mask[:, :-1]) > MOST_RUNS else find_components(mask)


def _threshold(ink: Ink) -> int:
    """Find the level that parts ink from paper best.

    Source: Otsu, "A Threshold Selection Method from Gray-Level Histograms" (1979).
    """
    counts = np.bincount(ink.ravel(), minlength=256).astype(np.float64)
    below = counts.cumsum()
    mass = (counts * np.arange(256)).cumsum()
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (mass / below - (mass[-1] - mass) / above) ** 2
    return max(int(np.nan_to_num(between).argmax()), BLANK_BELOW // 2)


def _line_height(boxes: NDArray[np.int64], areas: NDArray[np.int64]) -> float:
    """Return the height that half of the ink lies in components up to: dots and bars hardly count."""
    heights = boxes[:, 3] - boxes[:, 1]
    order = np.argsort(heights)
    share = areas[order].cumsum() / areas.sum()
    return float(heights[order][np.searchsorted(share, 0.5)])


def _wide(ink: Ink, components: Components, height: float, are_digits: AreDigits | None) -> NDArray[np.bool_]:
    """Tell the components (n,) in which digits might touch."""
    across, down = components.boxes[:, 2] - components.boxes[:, 0], components.boxes[:, 3] - components.boxes[:, 1]
    wide: NDArray[np.bool_] = (across >= WIDE * height) & (down >= WIDE * height)
    narrow = np.flatnonzero(wide & (across <= ONE_DIGIT * height))
    if are_digits is not None and len(narrow):
        wide[narrow] = ~are_digits([_alone(ink, components, component) for component in narrow.tolist()])
    return wide


def _alone(ink: Ink, components: Components, component: int) -> Ink:
    left, top, right, bottom = components.boxes[component].tolist()
    here = np.s_[top:bottom, left:right]
    alone: Ink = np.where(components.labels[here] == component + 1, ink[here], 0).astype(np.uint8)
    return alone


def _cut(
    ink: Ink,
    components: Components,
    kept: NDArray[np.bool_],
    wide: NDArray[np.bool_],
    height: float,
    stroke: float,
) -> tuple[Labels, list[int], list[tuple[int, float]]]:
    """Cut those that are `wide` among the components that are `kept`, both (n,).

    Returns the labels (H, W) of the pieces, the component of each piece, and for each cut the piece on its left and
    the ink that it goes through: the piece on its right is the next.
    """
    labels = np.zeros_like(components.labels)
    owners: list[int] = []
    crossings: list[tuple[int, float]] = []
    for component in np.flatnonzero(kept).tolist():
        left, top, right, bottom = components.boxes[component].tolist()
        here = components.labels[top:bottom, left:right] == component + 1
        part = np.zeros(here.shape, np.int64)
        crossed: list[float] = []
        if wide[component]:
            own = _alone(ink, components, component)
            seams, amounts = propose_cuts(own, stroke, max(2.0, APART * height), HILL * stroke, DEAREST * stroke)
            part = (np.arange(right - left) >= seams[:, :, None]).sum(axis=0, dtype=np.int64)
            crossed = amounts.tolist()
        present = np.unique(part[here])
        for before, after in itertools.pairwise(present):
            first = len(owners) + int(np.searchsorted(present, before))
            crossings.append((first, max(crossed[before:after]) / stroke))
        labels[top:bottom, left:right][here] = len(owners) + 1 + np.searchsorted(present, part[here])
        owners += [component] * len(present)
    return labels, owners, crossings


def _in_order(
    ink: Ink,
    labels: Labels,
    owners: list[int],
    crossings: list[tuple[int, float]],
    height: float,
    stroke: float,
    place: tuple[int, int, int],
) -> Pieces:
    count = len(owners)
    rows, columns = np.nonzero(labels)
    which = labels[rows, columns] - 1
    boxes = bounds(which, columns, rows, 1, count)
    order = np.argsort(_places(boxes, np.array(owners), height), kind="stable")
    rank = np.empty(count + 1, np.int64)
    rank[0] = 0
    rank[order + 1] = np.arange(1, count + 1)
    seams = tuple(Seam(int(rank[first + 1]) - 1, int(rank[first + 2]) - 1, crossed) for first, crossed in crossings)
    whole = np.bincount(owners)[owners] == 1
    areas = np.bincount(which, minlength=count)
    left, top, factor = place
    return Pieces(ink, _with_edges(rank[labels], ink), boxes[order], areas[order], whole[order], seams, height, stroke,
                  left, top, factor)  # fmt: skip


def _places(boxes: NDArray[np.int64], owners: NDArray[np.int64], height: float) -> NDArray[np.float64]:
    """Return where each piece stands in the row (n,), in pixels.

    That is its middle, but not in the midst of another component if it may be
    a minus sign that sticks out to the left of it, or a point under its overhang.
    """
    middles = (boxes[:, [0, 1]] + boxes[:, [2, 3]]) / 2
    places = middles[:, 0].copy()
    small = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) < MARK * height
    for component in np.flatnonzero(np.bincount(owners) > 1).tolist():
        own = owners == component
        left, top = boxes[own, :2].min(axis=0)
        right, bottom = boxes[own, 2:].max(axis=0)
        within = small & ~own & (middles[:, 0] > left) & (middles[:, 0] < right)
        minus = within & (boxes[:, 0] < left) & (np.abs(middles[:, 1] - (top + bottom) / 2) < 0.35 * height)
        point = within & (middles[:, 1] > bottom - 0.3 * height)
        before = minus | (point & (middles[:, 0] < (left + right) / 2))
        places[before] = places[own].min() - 0.5
        places[point & ~before] = places[own].max() + 0.5
    return places


def _with_edges(labels: Labels, ink: Ink) -> Labels:
    """Give the faint edge of the lines, a pixel wide, to the pieces that they belong to."""
    padded = np.pad(labels, 1)
    height, width = labels.shape
    near = labels.copy()
    for down, across in ((0, 1), (2, 1), (1, 0), (1, 2), (0, 0), (0, 2), (2, 0), (2, 2)):
        neighbour = padded[down : down + height, across : across + width]
        near = np.where(near == 0, neighbour, near)
    edges: Labels = np.where((labels == 0) & (ink > EDGE_AT * float(ink.max())), near, labels)
    return edges
