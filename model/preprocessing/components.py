"""Connected components of ink, from its runs: no pixel is visited by a Python loop."""

from dataclasses import dataclass

import numpy as np

from model.preprocessing.arrays import Integers, Mask


@dataclass(frozen=True)
class Components:
    """The components of a mask. `labels` (H, W) is 0 for paper and k + 1 in component k, counted in reading order.

    `boxes` (n, 4) are left, top, right, bottom, the last two beyond the ink; `areas` (n,) count pixels. `stroke` is
    the median length of a run, in pixels: about as wide as the pen.
    """

    labels: Integers
    boxes: Integers
    areas: Integers
    stroke: float

    def __len__(self) -> int:
        return len(self.areas)


def find_components(mask: Mask) -> Components:
    """Find the components of `mask` (H, W), of pixels that meet at a side or a corner.

    The runs of each row are the nodes of a graph, and runs that meet in consecutive rows its edges; the components are
    found by hooking and pointer jumping (Shiloach and Vishkin 1982), for all runs at once.
    """
    height, width = mask.shape
    stride = width + 2  # a column of paper on both sides: no run goes on in the next row
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
    labels[mask] = np.repeat(component + 1, lengths)  # both in the order of rows
    areas = np.bincount(component, lengths, minlength=number).astype(np.int64)
    return Components(labels, boxes, areas, float(np.median(lengths)) if count else 0.0)


def bounding_boxes(which: Integers, columns: Integers, rows: Integers, lengths: Integers | int, count: int) -> Integers:
    """Find the boxes (count, 4) of runs, each of which belongs to `which` of them: left, top, right, bottom, exclusive.

    A box that nothing belongs to has its right and bottom before its left and top.
    """
    boxes = np.zeros((count, 4), np.int64)
    boxes[:, :2] = np.iinfo(np.int64).max // 2
    np.minimum.at(boxes[:, 0], which, columns)
    np.minimum.at(boxes[:, 1], which, rows)
    np.maximum.at(boxes[:, 2], which, columns + lengths)
    np.maximum.at(boxes[:, 3], which, rows + 1)
    return boxes


def label(mask: Mask) -> tuple[Integers, int]:
    """Give a number to each component of `mask`, (H, W): see Components. Returns the labels and how many there are."""
    components = find_components(mask)
    return components.labels, len(components)


def _adjacent_runs(starts: Integers, ends: Integers, stride: int) -> tuple[Integers, Integers]:
    """List the pairs of runs, of one row and the next, that meet at a side or a corner."""
    first = np.searchsorted(ends, starts + stride, "left")
    beyond = np.searchsorted(starts, ends + stride, "right")
    counts = beyond - first
    upper = np.repeat(np.arange(len(starts)), counts)
    lower = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts) + np.repeat(first, counts)
    return upper, lower


def _roots(count: int, starts: Integers, ends: Integers) -> Integers:
    """Find for each of `count` nodes the smallest node that it is connected with."""
    parents = np.arange(count)
    while len(starts):
        a, b = parents[starts], parents[ends]
        unequal = a != b
        starts, ends, a, b = starts[unequal], ends[unequal], a[unequal], b[unequal]
        np.minimum.at(parents, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(parents, grandparents := parents[parents]):
            parents = grandparents
    return parents
