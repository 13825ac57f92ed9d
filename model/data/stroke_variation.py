"""Stroke augmentation: a writer's strokes → strokes of another writer, smoother, longer, shifted or bent.

The pen digits have only 24 writers for training. Writers differ in how the pen moves: in rounded corners, longer or
shorter ends, and strokes that do not quite meet. Distortions of images do not produce these differences.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from model.data.pen_digits import PenDigit
from model.preprocessing.arrays import Doubles, Points

STEP: Final = 0.02  # between points, as a part of the digit's longer side


@dataclass(frozen=True)
class Variation:
    """Limits within which a varied digit is still the same. Lengths are parts of its longer side."""

    smoothed: float = 0.5  # probability
    smoothing: float = 0.06  # the greatest standard deviation of the Gaussian along a stroke
    bend: float = 0.02  # standard deviation of the displacement of knots
    knots: float = 0.3  # distance between knots along a stroke
    ends: float = 0.06  # the greatest change in length at an end
    apart: float = 0.025  # standard deviation of the displacement of a stroke
    width: float = 0.15  # standard deviation of the logarithm of the aspect ratio


USUAL: Final = Variation()


def vary(digit: PenDigit, random: np.random.Generator, how: Variation = USUAL) -> PenDigit:
    """Write a digit as another writer would. Dots stay dots, and the number of strokes stays."""
    return replace(digit, strokes=vary_strokes(digit.strokes, random, how))


def vary_strokes(strokes: Sequence[Points], random: np.random.Generator, how: Variation = USUAL) -> tuple[Points, ...]:
    """Write `strokes`, each (n, 2), as another writer would, at about the same place and size."""
    extent = max(float(np.ptp(np.concatenate(strokes), axis=0).max()), 1e-6)
    smoothing = random.uniform(0, how.smoothing) * (random.random() < how.smoothed)
    wide = np.exp(random.normal(0, how.width / 2))  # a factor for the width; its inverse is for the height
    varied = []
    for stroke in strokes:
        points = _resampled(stroke / extent)
        if len(points) > 3:
            points = _smoothed(points, smoothing / STEP)
            points = _bent(points, how, random)
            points = _ended(points, random.uniform(-how.ends, how.ends, 2))
        points = points + random.normal(0, how.apart, 2)
        varied.append(points * (wide, 1 / wide) * extent)
    return tuple(varied)


def _resampled(stroke: Points) -> Points:
    """Resample a stroke at equal distances of about STEP."""
    travelled = np.concatenate(([0.0], np.hypot(*np.diff(stroke, axis=0).T).cumsum()))
    count = int(travelled[-1] / STEP) + 2
    at = np.linspace(0, travelled[-1], count)
    return np.stack([np.interp(at, travelled, values) for values in stroke.T], axis=1)


def _smoothed(points: Points, deviation: float) -> Points:
    """Smooth a stroke with a Gaussian of `deviation` points. Both ends stay in place."""
    reach = min(int(3 * deviation), len(points) - 1)
    if reach < 1:
        return points
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    # Pad the stroke with its own reflection through each end.
    before, after = 2 * points[0] - points[reach:0:-1], 2 * points[-1] - points[-2 : -reach - 2 : -1]
    longer = np.concatenate([before, points, after])
    columns = [np.convolve(values, kernel / kernel.sum(), "valid") for values in longer.T]
    return np.stack(columns, axis=1)


def _bent(points: Points, how: Variation, random: np.random.Generator) -> Points:
    """Displace knots of a stroke at random, and the points between them smoothly."""
    knots = max(2, round(len(points) * STEP / how.knots) + 1)
    moves = random.normal(0, how.bend, (knots, 2))
    place = np.linspace(0, knots - 1, len(points))
    start = np.minimum(place.astype(int), knots - 2)
    part = (1 - np.cos(np.pi * (place - start)))[:, None] / 2
    return points + moves[start] * (1 - part) + moves[start + 1] * part


def _ended(points: Points, lengths: Doubles) -> Points:
    """Extend both ends of a stroke in a straight line, or shorten them, by at most a quarter of the stroke."""
    for length in lengths:
        steps = int(np.clip(round(length / STEP), -(len(points) // 4), len(points) // 4))
        if steps < 0:
            points = points[:steps]
        elif steps > 0:
            ahead = points[-1] - points[-min(4, len(points))]
            ahead = ahead / max(np.hypot(*ahead), 1e-9) * STEP
            points = np.concatenate([points, points[-1] + np.arange(1, steps + 1)[:, None] * ahead])
        points = points[::-1]
    return points
