"""Of all that is dark on a photograph: what was written in its middle, and what only lies at its edges."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.preprocessing import components, morphology

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

SHORTEST: Final = 0.05  # of the longer side: what is smaller is no digit that could be read
SOLID: Final = 0.45  # of its extent: strokes are not that wide
GAP: Final = 0.008  # of the longer side: pieces this near to each other are one
SEEDS: Final = 4  # pixels that are surely ink, in each piece of writing
MARGIN: Final = 0.08  # of each side: what lies there is of something else
SURE: Final = 0.25  # of a further piece's area: less is what a rule left
THINNEST: Final = 0.7  # of the pen's width: less is a speck
PALEST: Final = 0.6  # of the main piece's darkness
SMALLEST: Final = 0.4  # of the main piece's extent: less is a speck, unless it is near
NEAR: Final = 0.1  # of the main piece's extent
FAR: Final = 1.0  # of it: digits of a number are no further from each other


def select(dark: Floats, seeds: Mask) -> Mask:
    """Choose the pieces of writing.

    `dark` is (H, W), how dark the ink is at each pixel, and 0 where there is none; `seeds` is where it surely is ink.
    The main piece has much ink near the middle. What touches the edges of the image is another's, or a shadow, the
    table or a finger, unless it is the main piece; so are specks. Returns a mask, (H, W), empty where nothing was
    written.
    """
    height, width = dark.shape
    mask = dark > 0
    labels, count = components.label(morphology.grow(mask, max(1, round(GAP * max(dark.shape)))))
    rows, columns = np.nonzero(mask)
    which, ink = labels[rows, columns], dark[rows, columns]
    mass = np.bincount(which, ink, count + 1)
    sure = np.bincount(labels[seeds & mask], minlength=count + 1)
    if not (sure >= SEEDS).any():
        return np.zeros_like(mask)
    y, x = (np.bincount(which, ink * at, count + 1) / np.maximum(mass, 1e-9) for at in (rows + 0.5, columns + 0.5))
    # From 0 in the middle to 1 at the edges.
    outwards = np.maximum(np.abs(y / height - 0.5), np.abs(x / width - 0.5)) * 2
    touching = np.zeros(count + 1, bool)
    for edge in (labels[:2], labels[-2:], labels[:, :2], labels[:, -2:]):
        touching[edge] = True

    # A shadow may be large, but it is paler than ink.
    area = np.maximum(np.bincount(which, minlength=count + 1), 1)
    darkness = mass / area
    score = np.sqrt(mass) * darkness**2 * (1 - outwards).clip(0.01) ** 2 * (sure >= SEEDS)
    inner = (abs(rows / height - 0.5) < 3 / 8) & (abs(columns / width - 0.5) < 3 / 8)
    inside = np.bincount(which[inner], ink[inner], count + 1) > mass / 2
    left, top, right, bottom = components.bounds(which, columns, rows, 1, count + 1).T
    extent = np.maximum(bottom - top, right - left)
    score[extent < SHORTEST * max(dark.shape)] = 0
    score *= np.where(touching, np.where(inside, 0.3, 0), 1)
    score[outwards > 1 - 2 * MARGIN] = 0
    while score.any():
        main = int(score.argmax())
        box = np.s_[int(top[main]) : int(bottom[main]), int(left[main]) : int(right[main])]
        pen = stroke_width(seeds[box] & (labels[box] == main))
        if pen < SOLID * extent[main]:
            break
        score[main] = 0  # a blot, or the corner of a shadow
    else:
        return np.zeros_like(mask)

    kept = (sure >= SEEDS) & ~touching & (extent > THINNEST * pen) & (darkness > PALEST * darkness[main])
    digits = kept & (extent > SMALLEST * extent[main]) & (sure >= SURE * area) & (outwards < 1 - 2 * MARGIN)
    boxes = np.stack([left, top, right, bottom], axis=1)
    row = [main]
    for one in row:  # which grows: each digit of a number stands beside another one
        beside = digits & _around(boxes, one, FAR * extent[main], 0)
        row += [other for other in np.flatnonzero(beside).tolist() if other not in row]
    near = np.logical_or.reduce([_around(boxes, one, NEAR * extent[main], NEAR * extent[main]) for one in row])
    kept &= near
    kept[row] = True
    chosen: Mask = kept[labels] & mask
    return chosen


def _around(boxes: NDArray[np.int64], one: int, across: float, down: float) -> Mask:
    """Tell which `boxes` (n, 4) are at most so many pixels from one of them: left, top, right, bottom."""
    left, top, right, bottom = boxes[one]
    beside: Mask = (boxes[:, 0] < right + across) & (boxes[:, 2] > left - across)
    beside &= (boxes[:, 1] < bottom + down) & (boxes[:, 3] > top - down)
    return beside


def stroke_width(mask: Mask) -> float:
    """Measure how wide strokes are, in pixels, by the runs of ink along rows and columns; 0 where there is none."""
    # The grain of a pencil's line has a width of its own, and is averaged away.
    solid = morphology.smooth(morphology.smooth(np.pad(mask, 1).astype(np.float32))) > 0.4
    runs = np.concatenate([_run_lengths(solid), _run_lengths(solid.T)])
    return float(np.quantile(runs, 0.7)) if len(runs) else 0.0


def _run_lengths(mask: Mask) -> NDArray[np.int64]:
    change = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1).ravel()
    lengths: NDArray[np.int64] = np.flatnonzero(change < 0) - np.flatnonzero(change > 0)
    return lengths
