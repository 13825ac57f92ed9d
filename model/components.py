"""Connected components of a mask, without a library: by runs of rows, all at once."""

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]


def label(mask: NDArray[np.bool_]) -> tuple[Labels, int]:
    """Give a number to each connected part of `mask`, (H, W); pixels that touch at a corner are connected.

    Returns (H, W) int64, 0 where `mask` is not and from 1 where it is, in the order in which rows meet the parts, and
    how many parts there are. The runs of each row are the nodes of a graph whose edges are overlaps between rows; its
    components are found by hooking and pointer jumping (Shiloach and Vishkin 1982), a few passes over all runs.
    """
    height, width = mask.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = mask
    change = np.diff(padded, axis=1)
    rows, starts = np.nonzero(change == 1)
    ends = np.nonzero(change == -1)[1]  # exclusive
    roots = _roots(*_overlaps(rows, starts, ends, width), len(rows))
    names, numbers = np.unique(roots, return_inverse=True)
    labels = np.zeros(height * width + 1, np.int64)
    np.add.at(labels, rows * width + starts, numbers + 1)
    np.add.at(labels, rows * width + ends, -(numbers + 1))
    return labels.cumsum()[:-1].reshape(height, width), len(names)


def _overlaps(rows: Labels, starts: Labels, ends: Labels, width: int) -> tuple[Labels, Labels]:
    """Pair each run with those of the next row that it touches."""
    stride = width + 3
    # Runs in order of row and place: those of the next row that end after mine starts, and start before mine ends.
    first = np.searchsorted(rows * stride + ends, (rows + 1) * stride + starts, side="left")
    last = np.searchsorted(rows * stride + starts, (rows + 1) * stride + ends, side="right")
    counts = np.maximum(last - first, 0)
    above = np.repeat(np.arange(len(rows)), counts)
    below = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts) + np.repeat(first, counts)
    return above, below


def _roots(above: Labels, below: Labels, count: int) -> Labels:
    root = np.arange(count)
    while True:
        one, other = root[above], root[below]
        apart = one != other
        if not apart.any():
            return root
        above, below, one, other = above[apart], below[apart], one[apart], other[apart]
        np.minimum.at(root, np.maximum(one, other), np.minimum(one, other))
        while True:  # every run points at its part's first
            further = root[root]
            if np.array_equal(further, root):
                break
            root = further
