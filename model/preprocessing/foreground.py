"""Foreground selection: which dark components of a photograph are writing, and which are marks at its edges."""

from typing import Final

import numpy as np

from model.preprocessing import components, morphology
from model.preprocessing.arrays import Floats, Integers, Mask

MIN_EXTENT: Final = 0.05  # of the longer side: a smaller digit cannot be read
MAX_STROKE: Final = 0.45  # of a component's extent: strokes are narrower
GAP: Final = 0.008  # of the longer side: components this close are one
MIN_SEEDS: Final = 4  # pixels of certain ink in a component of writing
MARGIN: Final = 0.08  # of each side: a component there is not the main one
MIN_SEED_SHARE: Final = 0.25  # of a digit's area: remains of a rule have less
MIN_STROKE: Final = 0.7  # of the pen's width: smaller marks are specks
MIN_DARKNESS: Final = 0.6  # of the main component's darkness
MIN_DIGIT: Final = 0.4  # of the main component's extent: what is smaller is a mark, or a speck
MARK_DISTANCE: Final = 0.1  # of the main component's extent: marks are at most this far from a digit
DIGIT_DISTANCE: Final = 1.0  # of the main component's extent: neighbouring digits are at most this far apart


def select(dark: Floats, seeds: Mask) -> Mask:
    """Select the components that are writing.

    `dark` (H, W) is the darkness of the ink, 0 where there is none; `seeds` (H, W) is where ink is certain. The main
    component has much ink near the middle. The digits of its row, and marks close to them, are writing too. Other
    components are specks, or touch the image's edges as other writing, shadows, the table and fingers do. Returns a
    mask (H, W), empty where there is no writing.
    """
    height, width = dark.shape
    mask = dark > 0
    labels, count = components.label(morphology.grow(mask, max(1, round(GAP * max(dark.shape)))))
    rows, columns = np.nonzero(mask)
    which, ink = labels[rows, columns], dark[rows, columns]
    mass = np.bincount(which, ink, count + 1)
    sure = np.bincount(labels[seeds & mask], minlength=count + 1)
    if not (sure >= MIN_SEEDS).any():
        return np.zeros_like(mask)
    y, x = (np.bincount(which, ink * at, count + 1) / np.maximum(mass, 1e-9) for at in (rows + 0.5, columns + 0.5))
    # 0 in the middle, 1 at the edges.
    outwards = np.maximum(np.abs(y / height - 0.5), np.abs(x / width - 0.5)) * 2
    touching = np.zeros(count + 1, bool)
    for edge in (labels[:2], labels[-2:], labels[:, :2], labels[:, -2:]):
        touching[edge] = True

    # Darkness counts more than size: a shadow may be large, but it is paler than ink.
    area = np.maximum(np.bincount(which, minlength=count + 1), 1)
    darkness = mass / area
    score = np.sqrt(mass) * darkness**2 * (1 - outwards).clip(0.01) ** 2 * (sure >= MIN_SEEDS)
    inner = (abs(rows / height - 0.5) < 3 / 8) & (abs(columns / width - 0.5) < 3 / 8)
    inside = np.bincount(which[inner], ink[inner], count + 1) > mass / 2
    left, top, right, bottom = components.bounding_boxes(which, columns, rows, 1, count + 1).T
    extent = np.maximum(bottom - top, right - left)
    score[extent < MIN_EXTENT * max(dark.shape)] = 0
    score *= np.where(touching, np.where(inside, 0.3, 0), 1)
    score[outwards > 1 - 2 * MARGIN] = 0
    while score.any():
        main = int(score.argmax())
        box = np.s_[int(top[main]) : int(bottom[main]), int(left[main]) : int(right[main])]
        pen = stroke_width(seeds[box] & (labels[box] == main))
        if pen < MAX_STROKE * extent[main]:
            break
        score[main] = 0  # too solid for strokes: a blot, or the corner of a shadow
    else:
        return np.zeros_like(mask)

    kept = (sure >= MIN_SEEDS) & ~touching & (extent > MIN_STROKE * pen) & (darkness > MIN_DARKNESS * darkness[main])
    digits = kept & (extent > MIN_DIGIT * extent[main]) & (sure >= MIN_SEED_SHARE * area) & (outwards < 1 - 2 * MARGIN)
    boxes = np.stack([left, top, right, bottom], axis=1)
    row = [main]
    for member in row:  # it grows: each digit of a number stands beside another one
        beside = digits & _near(boxes, member, DIGIT_DISTANCE * extent[main], 0)
        row += [other for other in np.flatnonzero(beside).tolist() if other not in row]
    reach = MARK_DISTANCE * extent[main]
    kept &= np.logical_or.reduce([_near(boxes, member, reach, reach) for member in row])
    kept[row] = True
    return kept[labels] & mask


def _near(boxes: Integers, member: int, across: float, down: float) -> Mask:
    """Tell which `boxes` (n, 4) are at most `across` and `down` pixels from the box of `member`."""
    left, top, right, bottom = boxes[member]
    beside = (boxes[:, 0] < right + across) & (boxes[:, 2] > left - across)
    beside &= (boxes[:, 1] < bottom + down) & (boxes[:, 3] > top - down)
    return beside


def stroke_width(mask: Mask) -> float:
    """Measure the width of strokes, in pixels, from the runs along rows and columns; 0 for an empty mask."""
    # Smoothing removes the grain of a pencil's line, which would count as short runs.
    solid = morphology.smooth(morphology.smooth(np.pad(mask, 1).astype(np.float32))) > 0.4
    runs = np.concatenate([_run_lengths(solid), _run_lengths(solid.T)])
    return float(np.quantile(runs, 0.7)) if len(runs) else 0.0


def _run_lengths(mask: Mask) -> Integers:
    change = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1).ravel()
    return np.flatnonzero(change < 0) - np.flatnonzero(change > 0)
