"""Pen strokes → ink. The training strokes and the strokes of a request are drawn by the same code."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw

from model.normalize import Ink
from model.scan import Scan

Stroke = ArrayLike  # (n, 2) points: x to the right, y downwards, in any unit

OVERSAMPLING: Final = 2  # Pillow's lines have hard edges: they are drawn larger and averaged
LONGER_SIDE: Final = 112  # in pixels: over five for each one that the normaliser leaves
ROW: Final = 80  # in pixels, the height of a row of digits
LONGEST_ROW: Final = 1600  # in pixels
PEN: Final = 0.10  # pen width as a part of the longer side: two of the 20 pixels that the normaliser leaves


def draw(strokes: Sequence[Stroke], *, width: float | None = None, longer_side: int = LONGER_SIDE) -> Ink:
    """Draw `strokes` with a round pen into an image just large enough for them.

    `width` is the pen's, in the unit of the points; without it, a tenth of the drawing's longer side. The drawing is
    scaled so that its longer side, pen included, has `longer_side` pixels. Returns (H, W) uint8, 0 for paper and 255
    for ink; no strokes give an empty 1×1 image. The points must be finite.
    """
    return draw_scan(strokes, width=width, longer_side=longer_side).ink


def draw_scan(strokes: Sequence[Stroke], *, width: float | None = None, longer_side: int = LONGER_SIDE) -> Scan:
    """Draw `strokes` as `draw` does, and tell where the ink is in the unit of the points."""
    points = _points(strokes)
    if not points:
        return Scan(np.zeros((1, 1), np.uint8))
    if width is None:
        width = PEN * float(np.ptp(np.concatenate(points), axis=0).max()) / (1 - PEN)
    return _draw(points, width, longer_side)


def draw_row(strokes: Sequence[Stroke], *, width: float | None = None) -> Scan:
    """Draw `strokes` as `draw` does, but as a row of digits: its height decides its size and, without `width`, its pen.

    Returns the ink and where it is in the unit of the points. The longer side has at most LONGEST_ROW pixels.
    """
    points = _points(strokes)
    if not points:
        return Scan(np.zeros((1, 1), np.uint8))
    across, down = np.ptp(np.concatenate(points), axis=0).tolist()
    down = max(down, across / (LONGEST_ROW / ROW))
    if width is None:
        width = PEN * down / (1 - PEN)
    whole = max(across, down) + width
    return _draw(points, width, round(np.clip(ROW * whole / max(down + width, 1e-9), LONGER_SIDE, LONGEST_ROW)))


def _points(strokes: Sequence[Stroke]) -> list[NDArray[np.float64]]:
    return [np.asarray(stroke, np.float64).reshape(-1, 2) for stroke in strokes if np.size(stroke)]


def _draw(points: Sequence[NDArray[np.float64]], width: float, longer_side: int) -> Scan:
    everything = np.concatenate(points)
    low = everything.min(axis=0)
    extent = float((everything.max(axis=0) - low).max())
    whole = max(extent + width, 1e-6)  # a point drawn with a pen of no width is still a dot
    scale = OVERSAMPLING * longer_side / whole
    pen = max(OVERSAMPLING, scale * width)
    size = np.ceil((everything.max(axis=0) - low) * scale + pen).astype(int)
    size += -size % OVERSAMPLING
    canvas = Image.new("L", (int(size[0]), int(size[1])))
    pencil = ImageDraw.Draw(canvas)
    for stroke in points:
        _line(pencil, (stroke - low) * scale + pen / 2, pen)
    left, top = (low - pen / 2 / scale).tolist()
    return Scan(np.asarray(canvas.reduce(OVERSAMPLING)), OVERSAMPLING / scale, left, top)


def _line(pencil: ImageDraw.ImageDraw, path: NDArray[np.float64], pen: float) -> None:
    radius = pen / 2
    # Points much closer than the pen is wide make no difference to the eye, but each costs a disc.
    travelled = np.concatenate(([0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()))
    kept = np.diff(travelled // (radius / 2), prepend=-1) > 0
    kept[-1] = True
    points = path[kept].tolist()
    pencil.line([tuple(point) for point in points], fill=255, width=max(1, round(pen)))
    for x, y in points:  # round ends and round corners
        pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
