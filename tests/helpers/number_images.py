"""Numbers made of the tests' digits, side by side."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from model.preprocessing import strokes
from tests.helpers.drawings import DRAWINGS, encode

POINT = [[[0, 96], [2, 98]]]
MINUS = [[[0, 50], [40, 50]]]


def strokes_of(text: str, gap: float = 25, drops: Sequence[float] = (0,)) -> list[list[tuple[float, float]]]:
    """Write `text`, `gap` units between its characters: the digits are about 85 units high."""
    drawing, edge = [], 0.0
    for number, character in enumerate(text):
        written = {".": POINT, "-": MINUS}.get(character) or DRAWINGS[character]
        left = min(x for stroke in written for x, _ in stroke)
        drop = drops[number % len(drops)]
        drawing += [[(x - left + edge, y + drop) for x, y in stroke] for stroke in written]
        edge = max(x for stroke in drawing for x, _ in stroke) + gap
    return drawing


def row_image(text: str, height: int = 90, margin: int = 30, width: float = 8, **written: object) -> Image.Image:
    """Draw a number black on white: `width` is the pen's, in units, and `height` in pixels for 100 of them."""
    drawing = strokes_of(text, **written)
    points = np.concatenate(drawing)
    whole = float(np.ptp(points, axis=0).max()) + width
    ink = strokes.draw(drawing, width=width, longer_side=round(whole * height / 100))
    image = Image.new("L", (ink.shape[1] + 2 * margin, ink.shape[0] + 2 * margin), 255)
    image.paste(Image.fromarray(255 - ink), (margin, margin))
    return image


def row_png(text: str, **drawn: object) -> bytes:
    return encode(row_image(text, **drawn).convert("RGB"))
