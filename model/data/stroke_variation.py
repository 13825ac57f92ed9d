"""Strokes that somebody wrote → strokes that somebody else could have written: smoother, longer, shifted, bent.

Two dozen writers are few. What tells one hand from another, and no bending of an image makes, is how the pen went:
corners that are rounded off, ends that go on or stop short, strokes that do not quite meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.data.pen_digits import PenDigit

Points = NDArray[np.float64]  # (n, 2): x to the right, y downwards

STEP: Final = 0.02  # between the points that are moved, as a part of the digit's longer side


@dataclass(frozen=True)
class Variation:
    """How far a digit may be changed and still be the same digit. Lengths are parts of its longer side."""

    smoothed: float = 0.5  # chance
    smoothing: float = 0.06  # at most, the standard deviation of the Gaussian that runs along a stroke
    bend: float = 0.02  # standard deviation of what a stroke's knots are moved by
    knots: float = 0.3  # the distance of these knots along a stroke
    ends: float = 0.06  # at most, what an end is longer or shorter by
    apart: float = 0.025  # standard deviation of what each stroke is moved by
    width: float = 0.15  # standard deviation of the logarithm of the ratio of width to height


USUAL: Final = Variation()


def vary(digit: PenDigit, random: np.random.Generator, how: Variation = USUAL) -> PenDigit:
    """Write a digit as another hand would. Dots stay dots, and no stroke comes or goes."""
    return replace(digit, strokes=vary_strokes(digit.strokes, random, how))


def vary_strokes(strokes: Sequence[Points], random: np.random.Generator, how: Variation = USUAL) -> tuple[Points, ...]:
    """Write `strokes`, each (n, 2), as another hand would: at about the same place and size."""
    extent = max(float(np.ptp(np.concatenate(strokes), axis=0).max()), 1e-6)
    smoothing = random.uniform(0, how.smoothing) * (random.random() < how.smoothed)
    wide = np.exp(random.normal(0, how.width / 2))  # wider by this, and lower by it
    found = []
    for stroke in strokes:
        points = _resampled(stroke / extent)
        if len(points) > 3:
            points = _smoothed(points, smoothing / STEP)
            points = _bent(points, how, random)
            points = _ended(points, random.uniform(-how.ends, how.ends, 2))
        points = points + random.normal(0, how.apart, 2)
        found.append(points * (wide, 1 / wide) * extent)
    return tuple(found)


def _resampled(stroke: Points) -> Points:
    """Put points on a stroke at equal distances of about STEP."""
    travelled = np.concatenate(([0.0], np.hypot(*np.diff(stroke, axis=0).T).cumsum()))
    count = int(travelled[-1] / STEP) + 2
    at = np.linspace(0, travelled[-1], count)
    return np.stack([np.interp(at, travelled, values) for values in stroke.T], axis=1)


def _smoothed(points: Points, deviation: float) -> Points:
    """Round the corners with a Gaussian of `deviation` points. Both ends stay where they are."""
    reach = min(int(3 * deviation), len(points) - 1)
    if reach < 1:
        return points
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    # Beyond each end the stroke goes on, turned about it.
    before, after = 2 * points[0] - points[reach:0:-1], 2 * points[-1] - points[-2 : -reach - 2 : -1]
    longer = np.concatenate([before, points, after])
    columns = [np.convolve(values, kernel / kernel.sum(), "valid") for values in longer.T]
    return np.stack(columns, axis=1)


def _bent(points: Points, how: Variation, random: np.random.Generator) -> Points:
    """Move knots along the stroke by chance, and what is between them smoothly with them."""
    knots = max(2, round(len(points) * STEP / how.knots) + 1)
    moves = random.normal(0, how.bend, (knots, 2))
    place = np.linspace(0, knots - 1, len(points))
    start = np.minimum(place.astype(int), knots - 2)
    part = (1 - np.cos(np.pi * (place - start)))[:, None] / 2
    bent: Points = points + moves[start] * (1 - part) + moves[start + 1] * part
    return bent


def _ended(points: Points, lengths: NDArray[np.float64]) -> Points:
    """Make both ends of a stroke longer, straight on, or shorter, never by more than a quarter of it."""
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
