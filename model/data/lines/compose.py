"""Lines of ink: characters side by side, apart, touching or over one another, by one hand with one pen."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from model.data import templates
from model.data.lines.digits import IN_LINES, write_zeros
from model.data.lines.signs import SIGNS, write_other, write_sign
from model.data.lines.texts import random_text
from model.data.pen_digits import PenDigit
from model.data.sampling import log_uniform, rotation
from model.data.scenes.writing import Sources
from model.data.stroke_variation import vary_strokes
from model.preprocessing import strokes
from model.preprocessing.arrays import Doubles, Floats, Ink

HEIGHT: Final = 36  # in pixels, of a digit
PENS: Final = (0.035, 0.2)  # width as a part of that
MNIST: Final = 0.35  # of the lines, written with MNIST's digits
MNIST_PEN: Final = 0.11  # its usual width, as a part of the height
TEMPLATES: Final = 0.35  # of the other digits, written from templates
ONLY_IN_LINES: Final = 0.4  # of those from templates, of the digits that lines.digits has
LINKED: Final = 0.4  # of the lines, whose zeros in a row are written in one stroke
SMALL_ZEROS: Final = (0.45, 1.0)  # the height of those, of a digit's
WARP: Final = 0.02  # the greatest standard deviation of the displacement of a line's knots, in heights
KNOTS: Final = 0.4  # the distance between them
LOW: Final = ".,"  # signs that may begin below the end of their neighbour, as below the bar of a 7
BELOW: Final = 0.12  # how far, in heights
FRAIL: Final = ".,:"  # signs that are so small that wear could take them away
GAPS: Final = {  # between neighbours' ink where they are closest: a share of the lines, from, to, in what
    "apart": (0.5, 0.03, 0.55, "heights"),
    "wide": (0.1, 0.5, 1.1, "heights"),
    "touching": (0.22, -0.3, 0.05, "pens"),
    "overlapping": (0.18, -0.75, -0.2, "pens"),
}


@dataclass(frozen=True)
class _Character:
    """Ink (H, W) of one character, and how far its top is below the tops of the digits, in pixels."""

    ink: Ink
    top: float


class Writer:
    """Writes lines with the digits of `sources`."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._strokes: list[list[PenDigit]] = [[] for _ in range(10)]
        for digit in sources.digits:
            self._strokes[digit.label].append(digit)
        self._images = [sources.images[sources.labels == label] for label in range(10)]
        self._kinds = [[kind for kind in sources.kinds if kind[0] == str(label)] for label in range(10)]

    def line(self, random: np.random.Generator) -> tuple[Ink, str]:
        """Write a random line. Returns its ink and its text."""
        text = random_text(random)
        return self.write(text, random), text

    def write(self, text: str, random: np.random.Generator) -> Ink:
        """Write `text`, of lines.texts.CHARACTERS."""
        pen = log_uniform(random, *PENS) * HEIGHT
        scanned = random.random() < MNIST
        broader = int(random.choice([-1, 0, 1], p=[0.2, 0.55, 0.25])) if scanned else 0
        if scanned:
            pen = MNIST_PEN * HEIGHT + 2 * broader
        how = _Hand(
            pen,
            random.normal(0, 0.15),
            random.uniform(0.02, 0.14),
            random.uniform(0.0, 0.1),
            random.uniform(0.75, 1.25),
            broader,
        )
        shares = [share for share, *_ in GAPS.values()]
        _, least, most, unit = list(GAPS.values())[random.choice(len(GAPS), p=shares)]
        line = _Line(len(text))
        parts = re.findall("00+|.", text) if random.random() < LINKED else list(text)
        for at, part in enumerate(parts):
            pair = parts[at - 1][-1:] * (at > 0) + part[0]
            gap = random.uniform(least, most) * (HEIGHT if unit == "heights" else pen)
            if not pair.isdigit() and gap < 0.02 * HEIGHT:  # signs touch no neighbour
                gap = random.uniform(0.03, 0.4) * HEIGHT
            below = None if pair.isdigit() else BELOW * HEIGHT if any(sign in LOW for sign in pair) else 0.0
            line.add(self._character(part, scanned, how, random), gap, below)
        return _worn(line.ink(), pen, any(sign in FRAIL for sign in text), random)

    def _character(self, character: str, scanned: bool, how: "_Hand", random: np.random.Generator) -> _Character:
        tall = HEIGHT * float(np.exp(random.normal(0, how.uneven_size)))
        drop = random.normal(0, how.uneven_base) * HEIGHT
        if len(character) > 1:
            tall = max(tall * random.uniform(*SMALL_ZEROS), min(tall, 4 * how.pen))
            top = (HEIGHT - tall) * random.uniform(0.3, 1)
            zeros = [stroke * (tall * how.width, tall) for stroke in write_zeros(len(character), random)]
            return _drawn(zeros, replace(how, slant=how.slant / 2), drop + top)
        if character in SIGNS or not character.isdigit():
            sign = write_sign(character, random) if character in SIGNS else write_other(random)
            return _drawn([stroke * HEIGHT for stroke in sign], how, drop)
        how = replace(how, slant=how.slant + random.normal(0, 0.06))
        label = int(character)
        if scanned and random.random() < 0.95:
            return _enlarged(self._images[label][random.integers(len(self._images[label]))], how, tall, drop)
        kinds, mine = self._kinds[label], self._strokes[label]
        if kinds and (random.random() < TEMPLATES or not mine):
            rare = [way for kind, way in IN_LINES.items() if kind[0] == character]
            ways = rare if rare and random.random() < ONLY_IN_LINES else [templates.DIGITS[kind] for kind in kinds]
            written = templates.write(ways[random.integers(len(ways))], random)
        else:
            written = vary_strokes(mine[random.integers(len(mine))].strokes, random)
        turn = rotation(np.radians(random.normal(0, 4)))
        turned = [np.asarray(stroke) @ turn for stroke in written]
        low, extent = np.concatenate(turned).min(axis=0), np.ptp(np.concatenate(turned), axis=0)
        scale = tall / max(float(extent[1]), 0.4 * float(extent[0]), 1e-6)
        placed = [(stroke - low) * scale * (how.width, 1) for stroke in turned]
        return _drawn(placed, how, drop + HEIGHT - float(extent[1]) * scale)


@dataclass(frozen=True)
class _Hand:
    """How one person writes a line: the pen's width, the slant, how uneven sizes and the base line are, the width.

    `broader` is how many pixels MNIST's strokes grow to either side.
    """

    pen: float
    slant: float
    uneven_size: float
    uneven_base: float
    width: float
    broader: int


def _drawn(written: Sequence[Doubles], how: _Hand, drop: float) -> _Character:
    """Draw strokes, in pixels, whose tops are at 0, with the pen and the slant of a hand."""
    slanted = [stroke - stroke[:, 1:] * (how.slant, 0) for stroke in written]
    points = np.concatenate(slanted)
    extent = np.ptp(points, axis=0)
    longer = float(extent.max()) + how.pen
    ink = strokes.draw(slanted, width=how.pen, longer_side=max(2, round(longer)))
    return _Character(ink, float(points[:, 1].min()) + drop)


def _enlarged(image: Ink, how: _Hand, tall: float, drop: float) -> _Character:
    """Enlarge an MNIST digit to `tall` pixels, with the slant, the width and the breadth of a hand."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    cropped = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = tall / max(cropped.shape[0], 0.4 * cropped.shape[1])
    high, wide = cropped.shape[0] * scale, cropped.shape[1] * scale * how.width
    lean, room = how.slant * high, 2  # in pixels
    size = max(2, round(wide + abs(lean))) + 2 * room, max(2, round(high)) + 2 * room
    across, down = cropped.shape[1] / wide, 1 / scale
    # A pixel of the large image, to the left by the lean at its height, is one of the small image.
    matrix = (
        across, how.slant * across, -across * (room + max(lean, 0.0) + how.slant * room), 0.0, down, -down * room,
    )  # fmt: skip
    large = Image.fromarray(cropped).transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    if how.broader:
        large = large.filter(ImageFilter.MaxFilter(3) if how.broader > 0 else ImageFilter.MinFilter(3))
    ink = np.asarray(large)
    rows, columns = np.flatnonzero((ink > 60).any(axis=1)), np.flatnonzero((ink > 60).any(axis=0))
    if not len(rows):  # a thin stroke that thinning would have taken away
        return _enlarged(image, replace(how, broader=0), tall, drop)
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _Character(ink, HEIGHT - ink.shape[0] + drop)


class _Line:
    """A line in which each character stands at a given distance from those before it."""

    def __init__(self, count: int) -> None:
        self._ink = np.zeros((3 * HEIGHT, HEIGHT * (2 * count + 2) + 8), np.uint8)
        self._edge = np.full(3 * HEIGHT, -np.inf)  # the right end of the ink in each row

    def add(self, character: _Character, gap: float, below: float | None = None) -> None:
        """Add a character `gap` pixels to the right of what is there, where they are closest.

        With `below`, it begins at most so many pixels to the left of where that ends: a point that hides below the
        digit before it would stand before that digit to any reader.
        """
        ink = character.ink[: len(self._ink)]
        height, width = ink.shape
        top = min(max(round(HEIGHT + character.top), 0), len(self._ink) - height)
        drawn = ink > 100
        lefts = np.where(drawn.any(axis=1), drawn.argmax(axis=1), np.inf)
        # What is a few pixels above or below counts as well.
        reach = np.maximum.reduce([np.roll(self._edge, shift) for shift in (-3, 0, 3)])[top : top + height] - lefts
        if not np.isfinite(self._edge).any():
            left = 4
        elif np.isfinite(reach.max()):
            left = round(float(reach.max()) + gap)
        else:
            left = round(float(self._edge.max()) + max(gap, 0))
        if below is not None and np.isfinite(self._edge).any():
            left = max(left, round(float(self._edge.max()) - below))
        left = min(max(left, 0), self._ink.shape[1] - width)
        if left < 0:
            return
        here = self._ink[top : top + height, left : left + width]
        np.maximum(here, ink, out=here)
        rights = np.where(drawn.any(axis=1), left + width - drawn[:, ::-1].argmax(axis=1), -np.inf)
        np.maximum(self._edge[top : top + height], rights, out=self._edge[top : top + height])

    def ink(self) -> Ink:
        """Return the ink, cut to its box with a margin."""
        rows, columns = np.flatnonzero(self._ink.any(axis=1)), np.flatnonzero(self._ink.any(axis=0))
        return np.pad(self._ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 8)


def _worn(ink: Ink, pen: float, frail: bool, random: np.random.Generator) -> Ink:
    """Turn a line, blur it, take pixels away, and leave specks and rests of print, as finding the ink on paper does.

    A `frail` line is worn less: without its point, its text would be another.
    """
    image = Image.fromarray(ink)
    if random.random() < 0.5:
        image = _warped(image, random.uniform(0, WARP) * HEIGHT, random)
    if random.random() < 0.5:
        image = image.rotate(random.normal(0, 1.2), Image.Resampling.BILINEAR, expand=True)
    if random.random() < 0.25:  # few pixels
        part = random.uniform(0.6 if frail else 0.3, 0.7)
        small = image.resize(
            (max(2, round(image.width * part)), max(2, round(image.height * part))), Image.Resampling.BOX
        )
        image = small.resize(image.size, Image.Resampling.BILINEAR)
    if random.random() < 0.4:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.2, min(1.5, 0.4 * pen) if frail else 1.5)))
    pixels: Floats = np.asarray(image, np.float32) / np.float32(255)
    if random.random() < 0.35:  # levels: thinner, broader, harder
        low = random.uniform(0, 0.2 if frail else 0.5)
        pixels = (pixels - np.float32(low)) / np.float32(max(random.uniform(low + 0.2, 1.1) - low, 0.1))
    if random.random() < 0.15 and not frail:  # gaps in the ink
        coarse = random.random((ink.shape[0] // 3 + 1, ink.shape[1] // 3 + 1), np.float32)
        holes = np.asarray(Image.fromarray(coarse).resize(image.size, Image.Resampling.BILINEAR))
        pixels = pixels * (holes > random.uniform(0.05, 0.3))
    if random.random() < 0.12:
        _leave_rests(pixels, pen, random)
    return (pixels.clip(0, 1) * 255).astype(np.uint8)


def _warped(image: Image.Image, deviation: float, random: np.random.Generator) -> Image.Image:
    """Move a line's ink smoothly, by `deviation` pixels at its knots."""
    columns, rows = (max(2, round(side / (KNOTS * HEIGHT)) + 1) for side in image.size)
    xs, ys = (np.rint(np.linspace(0, side, count)) for side, count in zip(image.size, (columns, rows), strict=True))
    knots = np.stack(np.meshgrid(xs, ys), axis=2) + random.normal(0, deviation, (rows, columns, 2))
    corners = np.concatenate([knots[:-1, :-1], knots[1:, :-1], knots[1:, 1:], knots[:-1, 1:]], axis=2)
    boxes = [
        (int(left), int(top), int(right), int(bottom))
        for (top, bottom), (left, right) in itertools.product(itertools.pairwise(ys), itertools.pairwise(xs))
    ]
    quads = corners.reshape(-1, 8).tolist()
    mesh = list(zip(boxes, map(tuple, quads), strict=True))
    return image.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def _leave_rests(pixels: Floats, pen: float, random: np.random.Generator) -> None:
    """Leave short pieces of lines along the line's edges, and specks smaller than a point."""
    height, width = pixels.shape
    for _ in range(int(random.integers(1, 5))):
        level = random.uniform(0.3, 1)
        if random.random() < 0.5:
            x, y, size = random.integers(width), random.integers(height), max(1, round(0.35 * pen))
            pixels[y : y + size, x : x + size] = min(level, 0.35 * pen)  # fainter, where a pixel is as large as a point
        else:
            x, y = random.integers(width), random.choice([random.integers(8, 12), height - random.integers(9, 13)])
            long = random.integers(3, max(4, width // 4))
            part = pixels[y : y + random.integers(1, 3), x : x + long]
            np.maximum(part, level, out=part)
