"""Connected components of ink, from its runs: no pixel is visited by a Python loop."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Components:
    """The components of a mask. `labels` (H, W) is 0 for paper and k + 1 in component k, counted in reading order.

    `boxes` (n, 4) are left, top, right, bottom, the last two beyond the ink; `areas` (n,) count pixels. `stroke` is
    the median length of a run, in pixels: about as wide as the pen.
    """

    labels: Labels
    boxes: NDArray[np.int64]
    areas: NDArray[np.int64]
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
    turns = np.flatnonzero(np.diff(padded.ravel(), prepend=0))
    starts, ends = turns[::2], turns[1::2]
    count = len(starts)
    roots = _roots(count, *_meetings(starts, ends, stride))
    _, component = np.unique(roots, return_inverse=True)
    lengths, rows, lefts = ends - starts, starts // stride, starts % stride - 1
    number = int(component.max()) + 1 if count else 0
    boxes = bounds(component, lefts, rows, lengths, number)
    labels = np.zeros(mask.shape, np.int64)
    labels[mask] = np.repeat(component + 1, lengths)  # both in the order of rows
    areas = np.bincount(component, lengths, minlength=number).astype(np.int64)
    return Components(labels, boxes, areas, float(np.median(lengths)) if count else 0.0)


def bounds(which: Labels, columns: Labels, rows: Labels, lengths: Labels | int, count: int) -> NDArray[np.int64]:
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


def label(mask: Mask) -> tuple[Labels, int]:
    """Give a number to each component of `mask`, (H, W): see Components. Returns the labels and how many there are."""
    found = find_components(mask)
    return found.labels, len(found)


def _meetings(
    starts: NDArray[np.int64], ends: NDArray[np.int64], stride: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the pairs of runs, of one row and the next, that meet at a side or a corner."""
    first = np.searchsorted(ends, starts + stride, "left")
    beyond = np.searchsorted(starts, ends + stride, "right")
    counts = beyond - first
    upper = np.repeat(np.arange(len(starts)), counts)
    lower = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts) + np.repeat(first, counts)
    return upper, lower


def _roots(count: int, some: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find for each of `count` nodes the smallest node that it is connected with."""
    parents = np.arange(count)
    while len(some):
        a, b = parents[some], parents[others]
        apart = a != b
        some, others, a, b = some[apart], others[apart], a[apart], b[apart]
        np.minimum.at(parents, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(parents, grandparents := parents[parents]):
            parents = grandparents
    return parents
