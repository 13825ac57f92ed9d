"""What a hand leaves on paper: the shape of the ink, and how dense it is within this shape.

Pens differ in their nib (round, broad-edged, or several passes side by side) and in how they cover: a marker evenly, a
pencil or chalk by the grain of the paper, a dry marker in streaks, a highlighter darker where strokes overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from model.data.sampling import log_uniform
from model.preprocessing.arrays import Doubles, Floats, Ink, Points

OVERSAMPLING: Final = 2  # Pillow's lines have hard edges: they are drawn larger, then averaged
Size = tuple[int, int]  # width, height


@dataclass(frozen=True)
class Handwriting:
    """Ink on a sheet: `shape` is the part of each pixel that it covers, `density` how much it hides there; (H, W)."""

    shape: Floats
    density: Floats


def write(strokes: Sequence[Points], width: float, size: Size, random: np.random.Generator) -> Handwriting:
    """Write `strokes`, in pixels, with a random pen of `width` pixels on a sheet of `size`."""
    nib = random.random()
    if nib < 0.12 and width > 4:
        shape, density = _in_passes(strokes, width, size, random)
    elif nib < 0.27 and width > 3:
        shape = _drawn([strokes], width, size, random.uniform(0, np.pi))
        density = shape if random.random() < 0.4 else _overlapping(strokes, width, size, random)
    else:
        shape = _drawn([strokes], width, size)
        density = shape if random.random() < 0.85 else _overlapping(strokes, width, size, random)
    return Handwriting(shape, _covered(shape, density, width, random))


def loops(random: np.random.Generator, length: float) -> Points:
    """Scribble loops on a line, `length` times as long as high, like a word that nobody reads: points (n, 2)."""
    along = np.linspace(0, 1, 150)
    turns = 2 * np.pi * max(1.5, length * random.uniform(0.8, 3)) * along + random.uniform(0, 6)
    across = 0.35 * np.sin(turns * random.choice([1, 0.5])) + random.uniform(-0.3, 0.3) * along
    return np.stack([length * along + 0.2 * np.cos(turns), across], axis=1)


def write_image(
    image: Ink, height: float, place: tuple[float, float], size: Size, random: np.random.Generator
) -> Floats:
    """Enlarge an MNIST digit to `height` pixels around `place` (x, y). Returns its shape on a sheet of `size`."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    cropped = np.pad(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 1)
    scale = height / cropped.shape[0]
    fitted = max(2, round(cropped.shape[1] * scale)), max(2, round(height))
    large = np.asarray(Image.fromarray(cropped).resize(fitted, Image.Resampling.BICUBIC), np.float32) / np.float32(255)
    # A level of the enlarged digit is its outline: a low one for a broad pen. It is about a pixel soft.
    shape = ((large - random.uniform(0.3, 0.62)) * max(0.35 * scale, 1.7) + 0.5).clip(0, 1)
    sheet = np.zeros(size[::-1], np.float32)
    paste(sheet, shape, round(place[0] - fitted[0] / 2), round(place[1] - fitted[1] / 2))
    return sheet


def of_shape(shape: Floats, width: float, random: np.random.Generator) -> Handwriting:
    """Cover a shape as a random pen does."""
    return Handwriting(shape, _covered(shape, shape, width, random))


def paste(sheet: Floats, patch: Floats, left: int, top: int) -> None:
    """Lay `patch` on `sheet`, where it is not covered more already. What lies outside is cut off."""
    height, width = sheet.shape
    rows, columns = (
        slice(max(top, 0), min(top + len(patch), height)),
        slice(max(left, 0), min(left + patch.shape[1], width)),
    )
    if rows.start < rows.stop and columns.start < columns.stop:
        part = patch[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        np.maximum(sheet[rows, columns], part, out=sheet[rows, columns])


def cloud(size: Size, grain: float, random: np.random.Generator) -> Floats:
    """Make smooth noise (height, width) with a deviation of about 1, in blotches of `grain` pixels."""
    coarse = random.standard_normal((int(size[1] / grain) + 2, int(size[0] / grain) + 2), np.float32)
    return np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))


def _drawn(passes: Sequence[Sequence[Points]], width: float, size: Size, edge: float | None = None) -> Floats:
    """Draw strokes with a round nib, or a broad one at the angle `edge`."""
    canvas = Image.new("L", (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING))
    pencil = ImageDraw.Draw(canvas)
    for strokes in passes:
        for stroke in strokes:
            _trace(pencil, stroke * OVERSAMPLING, width * OVERSAMPLING, 255, edge)
    return np.asarray(canvas.reduce(OVERSAMPLING), np.float32) / np.float32(255)


def _trace(pencil: ImageDraw.ImageDraw, path: Doubles, width: float, level: int, edge: float | None = None) -> None:
    points = [tuple(point) for point in path.tolist()]
    if edge is None:
        pencil.line(points, fill=level, width=max(1, round(width)))
        radius = width / 2
        for x, y in points if width > 3 else ():
            pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=level)
        return
    x, y = np.cos(edge) * width / 2, np.sin(edge) * width / 2
    thickness = max(1, round(width / 5))
    for (a, b), (c, d) in pairwise(points):
        pencil.polygon([(a - x, b - y), (a + x, b + y), (c + x, d + y), (c - x, d - y)], fill=level)
    for a, b in points:
        pencil.line([(a - x, b - y), (a + x, b + y)], fill=level, width=thickness)


def _in_passes(
    strokes: Sequence[Points], width: float, size: Size, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Fill broad strokes with a thin pen, pass by pass: the shape is the broad stroke, with gaps."""
    count = int(random.integers(3, 7))
    thin = width / count * random.uniform(0.9, 1.6)
    inner = max(width - thin, 1) / 2
    density = np.zeros(size[::-1], np.float32)
    angle = random.uniform(0, 2 * np.pi)
    for offset in np.linspace(-inner, inner, count):
        aside = random.normal(0, 0.08 * width, 2) + offset * np.array([np.cos(angle), np.sin(angle)])
        moved = [stroke + aside for stroke in strokes]
        np.maximum(density, _drawn([moved], thin, size) * random.uniform(0.55, 1), out=density)
    closed = Image.fromarray((density * 255).astype(np.uint8))
    side = 2 * max(1, round(width / count / 2)) + 1
    closed = closed.filter(ImageFilter.MaxFilter(side)).filter(ImageFilter.MinFilter(side))
    shape = np.asarray(closed, np.float32) / np.float32(255)
    return (shape / max(float(shape.max()), 1e-3)).clip(0, 1), np.maximum(density, shape * random.uniform(0.15, 0.6))


def _overlapping(strokes: Sequence[Points], width: float, size: Size, random: np.random.Generator) -> Floats:
    """Draw each stroke as translucent ink, which is denser where strokes cross."""
    passing, clear = np.ones(size[::-1], np.float32), random.uniform(0.2, 0.6)
    for stroke in strokes:
        passing *= 1 - (1 - clear) * _drawn([[stroke]], width, size)
    return 1 - passing


def _covered(shape: Floats, density: Floats, width: float, random: np.random.Generator) -> Floats:
    """Let the paper show through as a random pen does."""
    size = (shape.shape[1], shape.shape[0])
    kind = random.random()
    if kind < 0.28:  # pencil, crayon or chalk: the grain of the paper
        grain = cloud(size, log_uniform(random, 0.9, max(1.0, min(3.0, width / 2))), random)
        density = density * (random.uniform(0.5, 1) + random.uniform(0.15, 0.55) * grain).clip(0, 1)
    elif kind < 0.36 and width > 4:  # a dry marker: streaks along one direction
        long, thin = size[0] / 3, random.uniform(1, 2.5)
        streaks = random.standard_normal((int(size[1] / thin) + 2, int(size[0] / long) + 2), np.float32)
        turned = Image.fromarray(streaks).resize((2 * size[0], 2 * size[1]), Image.Resampling.BILINEAR)
        turned = turned.rotate(random.uniform(0, 180), Image.Resampling.BILINEAR)
        box = (size[0] // 2, size[1] // 2, size[0] // 2 + size[0], size[1] // 2 + size[1])
        density = density * (random.uniform(0.5, 0.9) + 0.35 * np.asarray(turned.crop(box))).clip(0.05, 1)
    elif kind < 0.41 and width > 5:  # a wet marker, which dries darker at its edges
        inner = Image.fromarray((shape * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(width / 4))
        density = density * (1 - random.uniform(0.2, 0.6) * np.asarray(inner, np.float32) / np.float32(255))
    if random.random() < 0.4:  # pressure
        density = density * (random.uniform(0.7, 0.95) + 0.2 * cloud(size, random.uniform(10, 40), random)).clip(
            0.15, 1
        )
    return density.astype(np.float32)
