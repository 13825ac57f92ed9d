"""Pen strokes → ink: the same code for training and for requests."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw

from model.preprocessing.arrays import Doubles, Ink
from model.preprocessing.normalize import Scan

# Points (n, 2), x to the right and y downwards, in any unit; or (n, 3), with the pen's width at each point.
Stroke = ArrayLike

OVERSAMPLING: Final = 2  # Pillow's lines have hard edges: they are drawn larger, then averaged
LONGER_SIDE: Final = 112  # in pixels: over five times the normaliser's 20
ROW: Final = 80  # in pixels, the height of a row of digits
LONGEST_ROW: Final = 1600  # in pixels
PEN: Final = 0.10  # width as a part of the longer side: two of the normaliser's 20 pixels


def draw(strokes: Sequence[Stroke], *, width: float | None = None, longer_side: int = LONGER_SIDE) -> Ink:
    """Draw `strokes` with a round pen into an image just large enough for them.

    `width` is the pen's, in the unit of the points, for points without a width of their own. Its default is a tenth of
    the drawing's longer side. The drawing is scaled so that its longer side, pen included, has `longer_side` pixels.
    The points must be finite. Returns (H, W) uint8, 0 for paper and 255 for ink; a blank 1×1 image if there are no
    strokes.
    """
    return draw_scan(strokes, width=width, longer_side=longer_side).ink


def draw_scan(strokes: Sequence[Stroke], *, width: float | None = None, longer_side: int = LONGER_SIDE) -> Scan:
    """Draw `strokes` as `draw` does. Returns the ink and its place in the unit of the points."""
    points = _points(strokes)
    if not points:
        return Scan(np.zeros((1, 1), np.uint8))
    if width is None:
        width = PEN * max(_extent(points)) / (1 - PEN)
    return _draw(points, width, longer_side)


def draw_row(strokes: Sequence[Stroke], *, width: float | None = None) -> Scan:
    """Draw `strokes` as a row of digits: its height, not its longer side, decides the scale and the default pen.

    Returns the ink and its place in the unit of the points. The longer side has at most LONGEST_ROW pixels.
    """
    points = _points(strokes)
    if not points:
        return Scan(np.zeros((1, 1), np.uint8))
    across, down = _extent(points)
    down = max(down, across / (LONGEST_ROW / ROW))
    if width is None:
        width = PEN * down / (1 - PEN)
    pen = max(width, *(float(stroke[:, 2].max()) for stroke in _with_pens(points, width)))
    whole = max(across, down) + pen
    return _draw(points, width, round(np.clip(ROW * whole / max(down + pen, 1e-9), LONGER_SIDE, LONGEST_ROW)))


def _points(strokes: Sequence[Stroke]) -> list[Doubles]:
    arrays = [np.asarray(stroke, np.float64) for stroke in strokes if np.size(stroke)]
    return [array.reshape(-1, array.shape[-1]) for array in arrays]


def _extent(points: Sequence[Doubles]) -> tuple[float, float]:
    across, down = np.ptp(np.concatenate([stroke[:, :2] for stroke in points]), axis=0).tolist()
    return across, down


def _with_pens(points: Sequence[Doubles], width: float) -> list[Doubles]:
    """Add `width` to points (n, 2) without a width of their own, so that all are (n, 3)."""
    pens = [np.full((len(stroke), 1), width) for stroke in points]
    return [np.hstack([stroke, pen])[:, :3] for stroke, pen in zip(points, pens, strict=True)]


def _draw(points: Sequence[Doubles], width: float, longer_side: int) -> Scan:
    strokes = _with_pens(points, width)
    everything = np.concatenate(strokes)
    low, high, width = everything[:, :2].min(axis=0), everything[:, :2].max(axis=0), float(everything[:, 2].max())
    # A point is a dot even with a pen of width 0.
    scale = OVERSAMPLING * longer_side / max(float((high - low).max()) + width, 1e-6)
    pen = max(OVERSAMPLING, scale * width)
    size = np.ceil((high - low) * scale + pen).astype(int)
    size += -size % OVERSAMPLING
    canvas = Image.new("L", (int(size[0]), int(size[1])))
    pencil = ImageDraw.Draw(canvas)
    for stroke in strokes:
        _line(pencil, (stroke[:, :2] - low) * scale + pen / 2, (stroke[:, 2] * scale).clip(min=OVERSAMPLING))
    left, top = (low - pen / 2 / scale).tolist()
    return Scan(np.asarray(canvas.reduce(OVERSAMPLING)), OVERSAMPLING / scale, left, top)


def _line(pencil: ImageDraw.ImageDraw, path: Doubles, pens: Doubles) -> None:
    # Skip points much closer than the pen's width: they change nothing, and each costs a disc.
    travelled = np.concatenate(([0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()))
    kept = np.diff(travelled // (float(pens.min()) / 4), prepend=-1) > 0
    kept[-1] = True
    points, pens = [tuple(point) for point in path[kept].tolist()], pens[kept]
    if (pens == pens[0]).all():
        pencil.line(points, fill=255, width=max(1, round(float(pens[0]))))
    else:
        for ends, (begin, end) in zip(pairwise(points), pairwise((pens / 2).tolist()), strict=True):
            pencil.polygon(_wedge(ends, begin, end), fill=255)
    for (x, y), radius in zip(points, (pens / 2).tolist(), strict=True):  # round ends and round corners
        pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def _wedge(ends: Sequence[tuple[float, ...]], begin: float, end: float) -> list[tuple[float, float]]:
    """Return the corners of a line whose half width changes from `begin` to `end`."""
    (x, y), (to_x, to_y) = ends
    length = max(math.hypot(to_x - x, to_y - y), 1e-9)
    across, down = (y - to_y) / length, (to_x - x) / length
    sides = ((x, y, begin), (to_x, to_y, end), (to_x, to_y, -end), (x, y, -begin))
    return [(x + across * half, y + down * half) for x, y, half in sides]
