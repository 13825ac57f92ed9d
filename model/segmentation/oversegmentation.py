"""A row of digits → pieces from left to right: connected components, and parts of those in which digits may touch."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from model.preprocessing.arrays import Doubles, Ink, Integers, Mask
from model.preprocessing.components import Components, bounding_boxes, find_components
from model.preprocessing.normalize import EDGE_AT
from model.preprocessing.threshold import otsu
from model.segmentation.lines import line_height
from model.segmentation.seams import propose_cuts

TARGET_HEIGHT: Final = 48  # in pixels: digits of twice this height or more are reduced
MAX_RUNS: Final = 100_000  # of ink, in all rows: the grain of a photograph has more
MAX_PIECES: Final = 120  # a page or a photograph has more
MIN_AREA: Final = 0.35  # of the stroke width squared: grain is smaller
MAX_DENSITY: Final = 20.0  # length of all strokes over that of the row: 5 is usual, a photograph has 100
MIN_CUT_WIDTH: Final = 0.5  # of the digits' height: narrower components are not cut
DIGIT_WIDTH: Final = 1.1  # of the digits' height: a component up to this width may be one digit
CUT_DISTANCE: Final = 0.07  # of the digits' height: the least distance between cuts
MAX_MARK: Final = 0.7  # of the digits' height: the longest side of a point or a minus sign
MIN_HILL: Final = 0.3  # in stroke widths of ink: what separates two different cuts
MAX_CROSSED: Final = 3.2  # in stroke widths of ink: what a cut may cross

AreDigits = Callable[[Sequence[Ink]], Mask]  # N inks → which are certainly one digit (N,)


@dataclass(frozen=True)
class Seam:
    """A cut between two pieces, and the ink that it crosses, in stroke widths."""

    left: int
    right: int
    crossed: float


@dataclass(frozen=True)
class Pieces:
    """The n pieces of a row, ordered by their middles from left to right.

    `ink` and `labels` are (H, W); a label is 0 for paper and k + 1 in piece k. `boxes` (n, 4) are left, top, right and
    bottom. `whole` (n,) marks the pieces that are a whole component. Pixel x, y of `ink` is the square of `factor`
    pixels a side at `left` + x·`factor`, `top` + y·`factor` of the original ink.
    """

    ink: Ink
    labels: Integers
    boxes: Integers
    areas: Integers
    whole: Mask
    seams: tuple[Seam, ...]
    height: float  # of the digits, in pixels
    stroke: float  # width, in pixels
    left: int
    top: int
    factor: int

    def __len__(self) -> int:
        return len(self.areas)

    def box(self, start: int, stop: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom of the pieces from `start` to `stop`, exclusive."""
        left, top = self.boxes[start:stop, :2].min(axis=0).tolist()
        right, bottom = self.boxes[start:stop, 2:].max(axis=0).tolist()
        return left, top, right, bottom

    def crossed(self, start: int, stop: int) -> list[float]:
        """List the ink, in stroke widths, that each cut between these pieces and others crosses."""
        return [s.crossed for s in self.seams if (start <= s.left < stop) != (start <= s.right < stop)]

    def alone(self, start: int, stop: int) -> Ink:
        """Return the ink of the pieces from `start` to `stop`, exclusive, without that of others."""
        left, top, right, bottom = self.box(start, stop)
        here = np.s_[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1]
        labels = self.labels[here]
        return np.where((labels > start) & (labels <= stop), self.ink[here], 0).astype(np.uint8)


def find_pieces(ink: Ink, are_digits: AreDigits | None = None) -> Pieces | None:
    """Cut `ink`, (H, W) uint8 with 0 for paper, into pieces.

    A component no wider than a digit stays whole if `are_digits` is certain of it: that saves reading its parts.
    Returns None where there are too many pieces, or too much ink, for a number.
    """
    whole = _components(ink)
    if whole is None or not len(whole):
        return None
    left, top = np.maximum(whole.boxes[:, :2].min(axis=0) - 2, 0).tolist()
    right, bottom = (whole.boxes[:, 2:].max(axis=0) + 2).tolist()
    if whole.areas.sum() > MAX_DENSITY * whole.stroke * (right - left):
        return None
    factor = max(1, int(line_height(whole.boxes, whole.areas) / TARGET_HEIGHT))
    ink = ink[top:bottom, left:right]
    if factor > 1:  # digits of 48 to 96 pixels of height remain
        ink = np.asarray(Image.fromarray(ink).reduce(factor))
    components = _components(ink)
    if components is None:
        return None
    stroke = max(components.stroke, 1.0)
    kept = components.areas >= max(2, MIN_AREA * stroke**2)
    if not 0 < kept.sum() <= MAX_PIECES:
        return None
    height = line_height(components.boxes, components.areas)
    wide = _wide(ink, components, height, are_digits) & kept
    labels, owners, crossings = _cut(ink, components, kept, wide, height, stroke)
    return _ordered(ink, labels, owners, crossings, height, stroke, (left, top, factor))


def _components(ink: Ink) -> Components | None:
    """Find the connected components of the ink; None where it has too many runs of pixels to be strokes."""
    mask = ink > otsu(ink)
    return None if np.count_nonzero(mask[:, 1:] & ~mask[:, :-1]) > MAX_RUNS else find_components(mask)


def _wide(ink: Ink, components: Components, height: float, are_digits: AreDigits | None) -> Mask:
    """Tell which components may be digits that touch (n,)."""
    across, down = components.boxes[:, 2] - components.boxes[:, 0], components.boxes[:, 3] - components.boxes[:, 1]
    wide = (across >= MIN_CUT_WIDTH * height) & (down >= MIN_CUT_WIDTH * height)
    narrow = np.flatnonzero(wide & (across <= DIGIT_WIDTH * height))
    if are_digits is not None and len(narrow):
        wide[narrow] = ~are_digits([_alone(ink, components, component) for component in narrow.tolist()])
    return wide


def _alone(ink: Ink, components: Components, component: int) -> Ink:
    left, top, right, bottom = components.boxes[component].tolist()
    here = np.s_[top:bottom, left:right]
    return np.where(components.labels[here] == component + 1, ink[here], 0).astype(np.uint8)


def _cut(
    ink: Ink, components: Components, kept: Mask, wide: Mask, height: float, stroke: float
) -> tuple[Integers, list[int], list[tuple[int, float]]]:
    """Cut the components that are `wide`, and take the others that are `kept` as they are: both masks are (n,).

    Returns the labels (H, W) of the pieces, the component of each piece, and for each cut the piece on its left and the
    ink that it crosses. The piece on its right is the next one.
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
            distance = max(2.0, CUT_DISTANCE * height)
            seams, amounts = propose_cuts(own, stroke, distance, MIN_HILL * stroke, MAX_CROSSED * stroke)
            part = (np.arange(right - left) >= seams[:, :, None]).sum(axis=0, dtype=np.int64)
            crossed = amounts.tolist()
        present = np.unique(part[here])
        for before, after in itertools.pairwise(present):
            first = len(owners) + int(np.searchsorted(present, before))
            crossings.append((first, max(crossed[before:after]) / stroke))
        labels[top:bottom, left:right][here] = len(owners) + 1 + np.searchsorted(present, part[here])
        owners += [component] * len(present)
    return labels, owners, crossings


def _ordered(
    ink: Ink,
    labels: Integers,
    owners: list[int],
    crossings: list[tuple[int, float]],
    height: float,
    stroke: float,
    place: tuple[int, int, int],
) -> Pieces:
    count = len(owners)
    rows, columns = np.nonzero(labels)
    which = labels[rows, columns] - 1
    boxes = bounding_boxes(which, columns, rows, 1, count)
    order = np.argsort(_positions(boxes, np.array(owners), height), kind="stable")
    rank = np.empty(count + 1, np.int64)
    rank[0] = 0
    rank[order + 1] = np.arange(1, count + 1)
    seams = tuple(Seam(int(rank[first + 1]) - 1, int(rank[first + 2]) - 1, crossed) for first, crossed in crossings)
    whole = np.bincount(owners)[owners] == 1
    areas = np.bincount(which, minlength=count)
    left, top, factor = place
    return Pieces(ink, _with_edges(rank[labels], ink), boxes[order], areas[order], whole[order], seams, height, stroke,
                  left, top, factor)  # fmt: skip


def _positions(boxes: Integers, owners: Integers, height: float) -> Doubles:
    """Return the position of each piece in the row (n,), in pixels: its middle.

    A minus sign that reaches over the next digit, or a point under an overhang, may have its middle among the pieces of
    that digit. It is moved before or after all of them.
    """
    middles = (boxes[:, [0, 1]] + boxes[:, [2, 3]]) / 2
    positions = middles[:, 0].copy()
    small = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) < MAX_MARK * height
    for component in np.flatnonzero(np.bincount(owners) > 1).tolist():
        own = owners == component
        left, top = boxes[own, :2].min(axis=0)
        right, bottom = boxes[own, 2:].max(axis=0)
        within = small & ~own & (middles[:, 0] > left) & (middles[:, 0] < right)
        minus = within & (boxes[:, 0] < left) & (np.abs(middles[:, 1] - (top + bottom) / 2) < 0.35 * height)
        point = within & (middles[:, 1] > bottom - 0.3 * height)
        before = minus | (point & (middles[:, 0] < (left + right) / 2))
        positions[before] = positions[own].min() - 0.5
        positions[point & ~before] = positions[own].max() + 0.5
    return positions


def _with_edges(labels: Integers, ink: Ink) -> Integers:
    """Add the faint edge of strokes, a pixel wide, to their pieces."""
    padded = np.pad(labels, 1)
    height, width = labels.shape
    near = labels.copy()
    for down, across in ((0, 1), (2, 1), (1, 0), (1, 2), (0, 0), (0, 2), (2, 0), (2, 2)):
        neighbour = padded[down : down + height, across : across + width]
        near = np.where(near == 0, neighbour, near)
    return np.where((labels == 0) & (ink > EDGE_AT * float(ink.max())), near, labels)
