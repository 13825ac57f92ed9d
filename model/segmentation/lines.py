"""Ink → its lines of characters, from top to bottom, also where they are slanted or of different length."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from model.preprocessing.arrays import Doubles, Ink, Integers, Mask
from model.preprocessing.components import LARGE, Components, find_components, line_height
from model.preprocessing.threshold import otsu

MAX_COMPONENTS: Final = 2000  # the grain of a photograph has more
MIN_AREA: Final = 0.35  # of the stroke width squared: grain is smaller
OVERLAP: Final = 0.35  # of the lower of two neighbours' heights: what they share in one line
COMMA: Final = 0.7  # of the digits' height: a long comma is lower, and need share no more than
HANGING: Final = 0.1  # of its height with its neighbours
TOGETHER: Final = 1.3  # of the height of a digit before them: rings above each other that are no higher are an 8
REACH: Final = 10.0  # in heights: digits farther apart are no neighbours
ABOVE, BELOW = 0.35, 0.45  # in heights: how far a sign may be beyond the digits of its line


@dataclass(frozen=True)
class InkLine:
    """The ink (H, W) uint8 of one line, without that of others, and where its corner is in the whole ink."""

    ink: Ink
    left: int
    top: int
    parts: int  # connected components


def find_lines(ink: Ink) -> list[InkLine] | None:
    """Split `ink`, (H, W) uint8 with 0 for paper, into lines; None where it has too many parts to be writing."""
    mask = ink > otsu(ink)
    components = find_components(mask)
    if not 0 < len(components) <= MAX_COMPONENTS:
        return None if len(components) else []
    kept = components.areas >= max(2.0, MIN_AREA * components.stroke**2)
    if not kept.any():
        return []
    height = line_height(components.boxes[kept], components.areas[kept])
    owners = _owners(components, kept, height)
    if owners.max() == 0:
        return [_cut_out(ink, components, owners, 0)]
    lines = [_cut_out(ink, components, owners, line) for line in range(int(owners.max()) + 1)]
    return sorted(lines, key=lambda line: line.top + len(line.ink) / 2)


def _owners(components: Components, kept: Mask, height: float) -> Integers:
    """Return the number of each component's line (n,); -1 for those that are in none."""
    boxes = components.boxes.astype(float)
    tall = boxes[:, 3] - boxes[:, 1]
    large = np.flatnonzero(kept & (tall >= LARGE * height))
    owners = np.full(len(components), -1)
    owners[large] = large  # at first, each is a line of its own
    middles = (boxes[:, 0] + boxes[:, 2]) / 2
    for component in large.tolist():
        right = large[middles[large] > middles[component]]
        shared = np.minimum(boxes[right, 3], boxes[component, 3]) - np.maximum(boxes[right, 1], boxes[component, 1])
        lower = np.minimum(tall[right], tall[component])
        beside = shared >= np.where(lower < COMMA * height, HANGING, OVERLAP) * lower
        near = right[beside & (boxes[right, 0] - boxes[component, 2] <= REACH * height)]
        if len(near):
            nearest = near[np.argmin(boxes[near, 0])]
            ends, others = boxes[nearest], boxes[large]
            across = np.minimum(others[:, 2], ends[2]) - np.maximum(others[:, 0], ends[0])
            down = np.maximum(others[:, 3], ends[3]) - np.minimum(others[:, 1], ends[1])
            is_ring = across >= np.minimum(others[:, 2] - others[:, 0], ends[2] - ends[0]) / 2
            is_ring &= down <= TOGETHER * tall[component]
            for other in {nearest, *large[is_ring]}:
                owners[owners == owners[other]] = owners[component]
    owners[large] = np.unique(owners[large], return_inverse=True)[1]
    for component in np.flatnonzero(kept & (owners < 0)).tolist():
        owners[component] = _nearest(boxes[component], boxes[large], owners[large], height)
    return owners


def _nearest(box: Doubles, boxes: Doubles, owners: Integers, height: float) -> int:
    """Find the line of a sign: that of the nearest digit beside, above or below which it may stand."""
    middle = (box[1] + box[3]) / 2
    above = np.maximum(boxes[:, 1] - ABOVE * height - middle, 0)
    below = np.maximum(middle - boxes[:, 3] - BELOW * height, 0)
    beside = np.maximum(np.maximum(boxes[:, 0] - box[2], box[0] - boxes[:, 2]), 0)
    aside = np.abs(middle - boxes[:, 1:4:2].mean(axis=1))
    return int(owners[np.argmin(beside + 8 * (above + below) + 0.3 * aside)])


def _cut_out(ink: Ink, components: Components, owners: Integers, line: int) -> InkLine:
    own = owners == line
    left, top = components.boxes[own, :2].min(axis=0).tolist()
    right, bottom = components.boxes[own, 2:].max(axis=0).tolist()
    left, top, right, bottom = max(left - 2, 0), max(top - 2, 0), right + 2, bottom + 2
    labels = components.labels[top:bottom, left:right]
    others = np.concatenate(([False], ~own))[labels]  # faint edges have the label of paper, and stay
    return InkLine(
        np.where(others, 0, ink[top:bottom, left:right]).astype(np.uint8), left, top, int(np.count_nonzero(own))
    )
