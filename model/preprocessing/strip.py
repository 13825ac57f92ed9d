"""Ink of a line of characters → the strip that the line network reads.

This is the only normaliser of lines, in training and in service: crop to the ink, shorten wide gaps, and scale the
height of the ink to 28 pixels in a strip of 32.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from model.preprocessing.arrays import Doubles, Ink, Integers
from model.preprocessing.normalize import EDGE_AT, is_blank

HEIGHT: Final = 32  # in pixels, of the strip
INK: Final = 28  # in pixels, of the ink's height in it
SIDE_MARGIN: Final = 6  # in pixels, before and after the ink
WIDEST_GAP: Final = 0.8  # of the ink's height: wider gaps are shortened to this
LONGEST: Final = 1024  # in pixels
STEP: Final = 8  # in pixels: widths are multiples of it


@dataclass(frozen=True)
class Strip:
    """A strip (32, W) uint8, 0 for paper, and for each of its columns the x of its middle in the ink (W,)."""

    image: Ink
    columns: Doubles


def to_strip(ink: Ink) -> Strip | None:
    """Normalise the ink (H, W) uint8 of one line; None where it is blank, or far longer than a line of characters."""
    if is_blank(ink):
        return None
    inked = ink > max(1, int(ink.max() * EDGE_AT))
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    kept = _without_wide_gaps(columns, max(2, round(WIDEST_GAP * (bottom - top))))
    scale = INK / (bottom - top)
    width = max(1, round(len(kept) * scale))
    if width + 2 * SIDE_MARGIN > LONGEST:
        return None
    line = Image.fromarray(np.ascontiguousarray(ink[top:bottom, kept]))
    fitted = np.asarray(line.resize((width, INK), Image.Resampling.BILINEAR), np.float32)
    whole = width + 2 * SIDE_MARGIN
    strip = np.zeros((HEIGHT, whole + -whole % STEP), np.uint8)
    above = (HEIGHT - INK) // 2
    full = fitted * (255 / max(float(fitted.max()), 1.0))
    strip[above : above + INK, SIDE_MARGIN : SIDE_MARGIN + width] = np.rint(full)
    places = (np.arange(strip.shape[1]) - SIDE_MARGIN + 0.5) / scale
    return Strip(strip, np.interp(places, np.arange(len(kept)) + 0.5, kept + 0.5))


def _without_wide_gaps(columns: Integers, widest: int) -> Integers:
    """Return the columns from the first that has ink to the last, with at most `widest` empty ones in a row."""
    gaps = np.diff(columns)
    parts = [columns[:1]]
    for at in np.flatnonzero(gaps > widest).tolist():
        start, stop = int(columns[at]), int(columns[at + 1])
        parts.append(np.arange(int(parts[-1][-1]) + 1, start + 1 + widest // 2))
        parts.append(np.arange(stop - (widest - widest // 2), stop + 1))
    parts.append(np.arange(int(parts[-1][-1]) + 1, int(columns[-1]) + 1))
    return np.concatenate(parts)
