"""Sheets of paper for `photographs`: colour and grain, rules, ink of several pens, marks and the sheet's edge.

Here, sheets are seen straight from above, in even light.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from model.preprocessing import strokes
from model.preprocessing.arrays import Doubles, Floats, Integers

Paper = Literal["plain", "grey", "squared", "lined"]
Pen = Literal["ballpoint", "black", "pencil", "felt"]

PAPERS: Final[tuple[Paper, ...]] = ("plain", "grey", "squared", "lined")


@dataclass(frozen=True)
class PenKind:
    """The ink of a pen: lengths in millimetres, darkness and its variation as parts of full coverage."""

    widths: tuple[float, float]
    heights: tuple[float, float]  # of the digits that people write with it
    colours: tuple[tuple[int, int, int], ...]
    darkness: tuple[float, float]
    texture: float  # how much of the paper's grain shows through
    pressure: float  # how much the darkness changes along a line


PENS: Final[dict[str, PenKind]] = {
    "ballpoint": PenKind((0.45, 0.9), (8, 20), ((28, 44, 140), (40, 60, 160), (20, 30, 90)), (0.75, 0.95), 0.15, 0.2),
    "black": PenKind((0.5, 1.0), (8, 22), ((35, 35, 38), (20, 20, 20), (55, 50, 50)), (0.8, 0.98), 0.08, 0.12),
    "pencil": PenKind((0.5, 1.1), (8, 20), ((70, 70, 74), (85, 84, 84)), (0.5, 0.85), 0.45, 0.3),
    "felt": PenKind(
        (1.2, 3.0), (14, 45), ((20, 20, 24), (24, 40, 120), (150, 24, 30), (20, 90, 50)), (0.85, 1), 0.03, 0.1
    ),
}


@dataclass(frozen=True)
class Layout:
    """The size of the page and the place of the digit, in pixels."""

    size: tuple[int, int]  # width and height of the page
    middle: tuple[float, float]  # of the digit
    digit: float  # its longer side
    millimetre: float


def paint(
    drawing: Sequence[strokes.Stroke], paper: Paper, pen: Pen, layout: Layout, random: np.random.Generator
) -> Image.Image:
    """Paint a sheet of `paper` with `drawing` written on it. Returns an RGB image of the layout's size."""
    page = _rule(_blank(paper, layout, random), paper, layout, random)
    if drawing:
        points = np.concatenate([np.asarray(stroke, float).reshape(-1, 2) for stroke in drawing])
        _write(page, drawing, pen, layout, layout.middle, layout.digit, float(np.ptp(points, axis=0).max()), random)
    return page


def scribble(
    page: Image.Image, pen: Pen, layout: Layout, middle: tuple[float, float], radius: float, random: np.random.Generator
) -> None:
    """Write a non-digit around `middle`, at most `radius` pixels from it."""
    size = 2 * min(radius, 0.7 * layout.digit) * random.uniform(0.6, 1)
    if size < 4 * layout.millimetre:
        return
    t = np.linspace(0, 1, 80)
    # Loops on a slanted line, like letters.
    loops = random.uniform(1.5, 4)
    wave = 2 * np.pi * loops * t + random.uniform(0, 6)
    x = t * random.uniform(0.4, 1.2) + 0.2 * np.cos(wave)
    y = 0.35 * np.sin(wave * random.choice([1, 1, 0.5])) + random.uniform(-0.3, 0.3) * t
    path = np.stack([x, y], axis=1)
    _write(page, [path], pen, layout, middle, size * 0.7, float(np.ptp(path, axis=0).max()), random)


def speckle(page: Image.Image, layout: Layout, points: Doubles, random: np.random.Generator) -> None:
    """Draw specks of dirt on the page at `points`, (n, 2) in pixels."""
    pencil = ImageDraw.Draw(page)
    for x, y in points:
        radius = max(0.6, random.uniform(0.1, 0.35) * layout.millimetre)
        shade = int(random.uniform(60, 150))
        pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(shade, shade, shade - 10))


def end(page: Image.Image, quad: list[tuple[float, float]], random: np.random.Generator) -> None:
    """Paint the table beyond the sheet's edge: the quadrilateral with corners `quad`, in pixels."""
    mask = Image.new("L", page.size)
    ImageDraw.Draw(mask).polygon(quad, fill=255)
    colour = np.array([(120, 84, 56), (60, 58, 60), (176, 148, 110), (90, 100, 110), (225, 222, 215)])[
        random.integers(5)
    ]
    table = np.clip(colour + 10 * _cloud(page.size, 24, random)[..., None], 0, 255).astype(np.uint8)
    # The sheet lies a little above the table and casts a thin shadow.
    shade = mask.filter(ImageFilter.GaussianBlur(max(1.0, 0.004 * max(page.size))))
    page.paste((70, 66, 62), mask=shade.point(lambda value: value * 0.25))
    page.paste(Image.fromarray(table), mask=mask)


def _blank(paper: Paper, layout: Layout, random: np.random.Generator) -> Floats:
    """Paint the paper's colour and grain, (H, W, 3) in levels of 255."""
    if paper == "grey":
        colour, grain = random.uniform(165, 205) + random.uniform(-6, 6, 3), random.uniform(2, 4.5)
    else:
        colour, grain = random.uniform(238, 252) + random.uniform(-4, 3, 3), random.uniform(0.5, 2)
    texture = _cloud(layout.size, max(2.0, 0.4 * layout.millimetre), random)
    texture = texture + 0.6 * _cloud(layout.size, max(3.0, 4 * layout.millimetre), random)
    return colour.astype(np.float32) + np.float32(grain) * texture[..., None]


def _rule(page: Floats, paper: Paper, layout: Layout, random: np.random.Generator) -> Image.Image:
    """Print the paper's rules."""
    if paper in ("squared", "lined"):
        pitch = (random.choice([4.0, 5.0, 5.0]) if paper == "squared" else random.uniform(7, 9)) * layout.millimetre
        width = random.uniform(0.12, 0.3) * layout.millimetre
        colour = np.array([(150, 185, 225), (170, 200, 215), (178, 178, 184), (150, 155, 165), (190, 170, 205)])
        light = 1 - (1 - colour[random.integers(len(colour))] / 255) * random.uniform(0.6, 1.1)
        across = _lines(layout.size[1], pitch, width, random)[:, None]
        if paper == "squared":
            down = _lines(layout.size[0], pitch, width, random)[None, :]
            across = np.maximum(across, down)
        else:
            across = np.broadcast_to(across, page.shape[:2])
        page = page * (1 - across[..., None] * (1 - light)).astype(np.float32)
        if paper == "lined" and random.random() < 0.4:  # a red margin line, left of the writing
            left = layout.middle[0] - layout.digit * random.uniform(0.8, 1.4)
            margin = _box(np.arange(layout.size[0]), left, max(width, 1.0))[None, :, None]
            page = page * (1 - margin * (1 - np.array([0.9, 0.62, 0.65]))).astype(np.float32)
    return Image.fromarray(page.clip(0, 255).astype(np.uint8))


def _lines(length: int, pitch: float, width: float, random: np.random.Generator) -> Doubles:
    """Return the coverage of a row of pixels by lines every `pitch` pixels: (length,) from 0 to 1, antialiased."""
    where = np.arange(length) - random.uniform(0, pitch)
    return _box(where - np.round(where / pitch) * pitch, 0.0, width)


def _box(where: Doubles | Integers, middle: float, width: float) -> Doubles:
    # The part of each pixel within half a width of the middle.
    return np.clip(width / 2 + 0.5 - np.abs(where - middle), 0, min(1.0, width))


def _write(
    page: Image.Image,
    drawing: Sequence[strokes.Stroke],
    pen: Pen,
    layout: Layout,
    middle: tuple[float, float],
    longer_side: float,
    extent: float,
    random: np.random.Generator,
) -> None:
    """Write `drawing`, whose points span `extent`, around `middle`, with a `longer_side` that includes the pen."""
    kind = PENS[pen]
    nib = random.uniform(*kind.widths) * layout.millimetre
    unit = max(extent, 1e-6) / max(longer_side - nib, nib)  # of the points, for each pixel
    ink = strokes.draw(drawing, width=nib * unit, longer_side=max(2, round(longer_side)))
    height, width = ink.shape
    grain = _cloud((width, height), max(1.0, 0.12 * layout.millimetre), random)
    pressure = _cloud((width, height), 6 * layout.millimetre, random)
    darkness = random.uniform(*kind.darkness) * (1 + kind.texture * grain) * (1 - kind.pressure * np.abs(pressure))
    covered = Image.fromarray((ink * darkness.clip(0, 1)).astype(np.uint8))
    # Ink bleeds a little into the paper, which also hides the corners of the tablet's strokes.
    covered = covered.filter(ImageFilter.GaussianBlur(0.06 * layout.millimetre))
    colour = kind.colours[random.integers(len(kind.colours))]
    page.paste(colour, (round(middle[0] - width / 2), round(middle[1] - height / 2)), covered)


def _cloud(size: tuple[int, int], grain: float, random: np.random.Generator) -> Floats:
    """Make smooth noise (height, width) with a deviation of about 1, in blotches of `grain` pixels."""
    coarse = random.standard_normal((int(size[1] / grain) + 2, int(size[0] / grain) + 2), np.float32)
    return np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BILINEAR))
