"""Connected components of ink, computed from runs of pixels in whole arrays."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from model.preprocessing.arrays import Integers, Mask

LARGE: Final = 0.5  # of the digits' height: what is smaller is a sign, or a part of a digit


@dataclass(frozen=True)
class Components:
    """The n components of a mask, in reading order.

    `labels` (H, W) is 0 for paper and k + 1 in component k. `boxes` (n, 4) are left, top, right and bottom, right and
    bottom exclusive. `areas` (n,) are in pixels. `stroke` is the median length of a run in pixels, which is about the
    width of the pen.
    """

    labels: Integers
    boxes: Integers
    areas: Integers
    stroke: float

    def __len__(self) -> int:
        return len(self.areas)


def find_components(mask: Mask) -> Components:
    """Find the 8-connected components of `mask` (H, W).

    The runs of the rows are the nodes of a graph, and adjacent runs of consecutive rows are its edges. Hooking and
    pointer jumping (Shiloach and Vishkin 1982) find the components of the graph, for all runs at once.
    """
    height, width = mask.shape
    stride = width + 2  # a column of paper on both sides, so that no run continues in the next row
    padded = np.zeros((height, stride), np.int8)
    padded[:, 1:-1] = mask
    changes = np.flatnonzero(np.diff(padded.ravel(), prepend=0))
    starts, ends = changes[::2], changes[1::2]
    count = len(starts)
    roots = _roots(count, *_adjacent_runs(starts, ends, stride))
    _, component = np.unique(roots, return_inverse=True)
    lengths, rows, lefts = ends - starts, starts // stride, starts % stride - 1
    number = int(component.max()) + 1 if count else 0
    boxes = bounding_boxes(component, lefts, rows, lengths, number)
    labels = np.zeros(mask.shape, np.int64)
    labels[mask] = np.repeat(component + 1, lengths)  # both in row order
    areas = np.bincount(component, lengths, minlength=number).astype(np.int64)
    return Components(labels, boxes, areas, float(np.median(lengths)) if count else 0.0)


def bounding_boxes(which: Integers, columns: Integers, rows: Integers, lengths: Integers | int, count: int) -> Integers:
    """Find the bounding boxes (count, 4) of groups of runs: left, top, right and bottom, the last two exclusive.

    `which` is the group of each run. The box of an empty group has its right before its left.
    """
    boxes = np.zeros((count, 4), np.int64)
    boxes[:, :2] = np.iinfo(np.int64).max // 2
    np.minimum.at(boxes[:, 0], which, columns)
    np.minimum.at(boxes[:, 1], which, rows)
    np.maximum.at(boxes[:, 2], which, columns + lengths)
    np.maximum.at(boxes[:, 3], which, rows + 1)
    return boxes


def dilated(mask: Mask) -> Mask:
    """Add the eight neighbours of each pixel to a mask (H, W)."""
    padded = np.pad(mask, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    return rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]


def _adjacent_runs(starts: Integers, ends: Integers, stride: int) -> tuple[Integers, Integers]:
    """List the pairs of 8-connected runs in consecutive rows."""
    first = np.searchsorted(ends, starts + stride, "left")
    beyond = np.searchsorted(starts, ends + stride, "right")
    counts = beyond - first
    upper = np.repeat(np.arange(len(starts)), counts)
    lower = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts) + np.repeat(first, counts)
    return upper, lower


def _roots(count: int, starts: Integers, ends: Integers) -> Integers:
    """Find the smallest node in the component of each of `count` nodes. The edges lead from `starts` to `ends`."""
    parents = np.arange(count)
    while len(starts):
        a, b = parents[starts], parents[ends]
        unequal = a != b
        starts, ends, a, b = starts[unequal], ends[unequal], a[unequal], b[unequal]
        np.minimum.at(parents, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(parents, grandparents := parents[parents]):
            parents = grandparents
    return parents


def line_height(boxes: Integers, areas: Integers) -> float:
    """Return the median height of components, weighted by their ink: dots and bars hardly count."""
    heights = boxes[:, 3] - boxes[:, 1]
    order = np.argsort(heights)
    share = areas[order].cumsum() / areas.sum()
    return float(heights[order][np.searchsorted(share, 0.5)])
