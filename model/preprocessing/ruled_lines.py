"""Ruled lines on squared and lined paper: find them, and measure how much light they absorb.

A rule crosses the whole image, nearly straight, and nearly horizontal or vertical; pen strokes do not. As in a Hough
transform (Duda and Hart 1972), candidate lines collect votes. The image is cut into strips, and a rule must be present
in most of them: a long stroke is not, however dark it is. Paper seldom lies flat, so each rule is fitted with a slight
bend. Its darkness is measured along its path.
"""

from typing import Final

import numpy as np

from model.preprocessing import morphology
from model.preprocessing.arrays import Floats, Integers

STRIPS: Final = 40  # across the rules
STEEPEST: Final = 0.24  # slope: 8° of rotation, and perspective
STEP: Final = 0.008  # in slope: 2.4 pixels at the ends of a line of 600
PRESENT: Final = 0.75  # of the strips: fingers, the table and faint spots hide a rule in others
FAINT: Final = 0.35  # quantile of a rule's darkness over the strips: its own darkness, without ink on it
MARGIN: Final = 0.02  # of the light: how much darker than its surroundings a rule is
REACH: Final = 7  # in pixels: half of the widest rule that is removed
DARKEST: Final = 0.4  # of the light: darker pixels are ink, and count as this


def find(dark: Floats) -> Floats:
    """Find horizontal and vertical rules. Returns the part of the light that they absorb (H, W), zeros without rules.

    `dark` (H, W) is the part of the light that rules and ink absorb together.
    """
    level = _level_rules(dark)
    without = lift(dark, level)
    upright = _level_rules(np.ascontiguousarray(without.T)).T
    return 1 - (1 - level) * (1 - upright)


def lift(dark: Floats, rules: Floats) -> Floats:
    """Remove rules from `dark`: divide the light that passes rules and ink by what the rules let pass."""
    return 1 - (1 - dark) / (1 - rules)


def _level_rules(dark: Floats) -> Floats:
    height, width = dark.shape
    strip = width // STRIPS
    if strip < 2 or height < 4 * REACH:
        return np.zeros_like(dark)
    # One column for each strip, the mean: it reduces noise, and blurs sloping lines only a little.
    strips = dark[:, : STRIPS * strip].reshape(height, STRIPS, strip).mean(axis=2)
    strips -= morphology.slide(np.minimum, strips, 2 * REACH + 1, morphology.DOWN)
    strips -= np.median(strips)
    rows, slopes = _lines(np.minimum(strips, DARKEST), strip)
    if not len(rows):
        return np.zeros_like(dark)
    paths = _paths(strips, strip, rows, slopes, width)
    return _measure(dark, paths, strip)


def _lines(strips: Floats, strip: int) -> tuple[Integers, Floats]:
    """Find lines that are present in most strips. Returns their rows in the middle of the image, and their slopes."""
    height = len(strips)
    noise = 1.4826 * float(np.median(np.abs(strips)))
    # Every second strip is enough.
    strips = strips[:, ::2]
    places = (np.arange(0, STRIPS, 2) + 0.5 - STRIPS / 2) * strip
    pad = int(STEEPEST * STRIPS * strip / 2) + 2
    inked = morphology.slide(np.maximum, strips, 3, morphology.DOWN) > max(MARGIN, 2.5 * noise)
    # Strips where a line is outside of the image have no vote.
    present, inside = (np.pad(seen.T.astype(np.uint8), ((0, 0), (pad, pad))) for seen in (inked, np.ones_like(inked)))
    values = np.pad(strips.T, ((0, 0), (pad, pad)))
    best, steepness = np.zeros(height, np.float32), np.zeros(height, np.float32)
    for slope in np.arange(-int(STEEPEST / STEP), int(STEEPEST / STEP) + 1) * STEP:
        shifts = np.rint(slope * places).astype(int) + pad
        there = [(index, slice(shift, shift + height)) for index, shift in enumerate(shifts)]
        count, seen, value = (sum(part[where] for where in there) for part in (present, inside, values))
        mean = np.where(count >= PRESENT * seen, value / np.maximum(seen, 1), 0)
        steepness[mean > best] = slope
        np.maximum(best, mean, out=best)
    rows = np.flatnonzero((best > 0) & (best >= morphology.slide(np.maximum, best[:, None], 7, morphology.DOWN)[:, 0]))
    return rows, steepness[rows]


def _paths(strips: Floats, strip: int, rows: Integers, slopes: Floats, width: int) -> Integers:
    """Refine the slope of each line and fit a bend. Returns its row at each column (lines, width)."""
    height = len(strips)
    places = (np.arange(STRIPS) + 0.5 - STRIPS / 2) / (STRIPS / 2)  # from -1 to 1
    half = STRIPS * strip / 2
    straight = rows[:, None] + slopes[:, None] * half * places
    padded = np.pad(strips.T, ((0, 0), (1, 1)))
    turns, bends = np.array([-1, -0.5, 0, 0.5, 1]) * STEP * half, np.array([-3, -2, -1, 0, 1, 2, 3])
    choices = np.array([(turn, bend) for turn in turns for bend in bends])
    fits = []
    for turn, bend in choices:
        there = np.rint(straight + turn * places + bend * (places**2 - 0.5)).astype(int)
        fits.append(np.minimum(padded[np.arange(STRIPS), (there + 1).clip(0, height + 1)], DARKEST / 2).sum(axis=1))
    turn, bend = choices[np.argmax(fits, axis=0)].T[..., None]
    everywhere = (np.arange(width) + 0.5) / half - 1
    path = rows[:, None] + (slopes[:, None] * half + turn) * everywhere + bend * (everywhere**2 - 0.5)
    return np.rint(path).astype(np.int64)


def _measure(dark: Floats, paths: Integers, strip: int) -> Floats:
    """Measure the light that each line absorbs along its path. Returns all of them in one image (H, W)."""
    height, width = dark.shape
    columns = np.arange(width)
    rules = np.zeros_like(dark)
    across = np.arange(-REACH, REACH + 1)
    around = (paths[:, :, None] + across).clip(0, height - 1)
    samples = dark[around, columns[:, None]][:, : STRIPS * strip]
    samples = samples.reshape(len(paths), STRIPS, strip, len(across)).mean(axis=2)
    # (lines, across): a quantile, since ink that crosses a line or lies on it makes it darker.
    shape = np.quantile(samples, FAINT, axis=1).astype(np.float32)
    for side in (shape[:, REACH:], shape[:, REACH::-1]):  # outwards from the middle, up to the next line
        np.minimum.accumulate(side, axis=1, out=side)
    shape -= np.minimum(shape[:, :1], shape[:, -1:])
    level = np.maximum(shape[:, REACH], 1e-6)[:, None]
    # A line is fainter at a shadow's edge or out of focus. What is much darker is ink.
    near = samples[:, :, REACH - 1 : REACH + 2].max(axis=2) / level
    near = np.pad(np.repeat(near.clip(0.6, 1.35), strip, axis=1), ((0, 0), (0, width - STRIPS * strip)), mode="edge")
    for index, offset in enumerate(across):
        there = paths + offset
        lines, where = np.nonzero((there >= 0) & (there < height))
        row = there[lines, where]
        rules[row, where] = np.maximum(rules[row, where], shape[lines, index] * near[lines, where])
    return rules.clip(0, 0.8)
