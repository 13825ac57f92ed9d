"""What a machine leaves on paper and on screens: rules, squares, boxes, combs, frames, patterns, text and axes.

Each function draws on a mask, `Print`, which is OVERSAMPLING times as large as the sheet. None of this is ink.
"""

import string
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from model.data.sampling import log_uniform
from model.data.scenes.pens import OVERSAMPLING, Size
from model.preprocessing.arrays import Floats

Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels of the sheet


class Print:
    """A mask on which lines and text are printed, with lengths in pixels of the sheet."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self._image = Image.new("L", (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING))
        self._pencil = ImageDraw.Draw(self._image)

    def line(self, points: Sequence[tuple[float, float]], width: float, dash: float = 0) -> None:
        """Draw a line; with `dash`, one of dashes of this length."""
        scaled = np.array(points) * OVERSAMPLING
        thickness = max(1, round(width * OVERSAMPLING))
        if not dash:
            self._pencil.line([tuple(point) for point in scaled.tolist()], fill=255, width=thickness)
            return
        start, end = scaled[0], scaled[-1]
        count = max(1, int(np.hypot(*(end - start)) / (2 * dash * OVERSAMPLING)))
        for at in range(count):
            ends = start + np.outer(np.array([at, at + 0.5]) / count, end - start)
            self._pencil.line([tuple(point) for point in ends.tolist()], fill=255, width=thickness)

    def box(self, box: Box, width: float, radius: float = 0, fill: bool = False) -> None:
        """Draw a box, with corners rounded by `radius`."""
        left, top, right, bottom = (value * OVERSAMPLING for value in box)
        corners = (min(left, right), min(top, bottom), max(left, right), max(top, bottom))
        outline = None if fill else 255
        largest = max(min(corners[2] - corners[0], corners[3] - corners[1]) / 2 - 1, 0)  # Pillow may fail beyond it
        self._pencil.rounded_rectangle(
            corners, min(radius * OVERSAMPLING, largest), 255 if fill else None, outline,
            max(1, round(width * OVERSAMPLING)),
        )  # fmt: skip

    def text(self, place: tuple[float, float], words: str, height: float) -> None:
        """Set text whose letters are about `height` pixels high."""
        x, y = place
        self._pencil.text(
            (x * OVERSAMPLING, y * OVERSAMPLING), words, fill=255, font=_font(round(height * OVERSAMPLING))
        )

    def mask(self) -> Floats:
        """Return what is printed, (H, W) from 0 to 1."""
        return np.asarray(self._image.reduce(OVERSAMPLING), np.float32) / np.float32(255)


@cache
def _font(height: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(max(6, height))


def rules(page: Print, cells: Sequence[Box], random: np.random.Generator) -> None:
    """Print the rules of lined paper, or the squares of squared paper, from side to side."""
    width, height = page.size
    step = log_uniform(random, 7, 60)
    thickness = log_uniform(random, 0.5, min(2.5, step / 6))
    for y in np.arange(random.uniform(0, step), height, step):
        page.line([(-9, y), (width + 9, y)], thickness)
    if random.random() < 0.5:
        for x in np.arange(random.uniform(0, step), width, step):
            page.line([(x, -9), (x, height + 9)], thickness)
    if random.random() < 0.2:
        x = random.uniform(0, 0.2) * width
        page.line([(x, -9), (x, height + 9)], thickness * 1.5)


def boxes(page: Print, cells: Sequence[Box], random: np.random.Generator) -> None:
    """Print a box around each cell, a row of cells, or one box around all of them."""
    thickness, radius = log_uniform(random, 0.6, 4), random.choice([0, 0, 0, random.uniform(1, 12)])
    kind = random.random()
    if kind < 0.25:
        page.box(around(cells, random.uniform(0, 8), random.uniform(0, 8)), thickness, radius)
    elif kind < 0.6:
        for cell in cells:
            page.box(cell, thickness, radius)
    else:
        _row_of_cells(page, cells, thickness, random)


def _row_of_cells(page: Print, cells: Sequence[Box], thickness: float, random: np.random.Generator) -> None:
    """Print a box around all cells, and lines between them, which may be thinner or dashed."""
    left, top, right, bottom = around(cells, 0.5, 0.5)
    dash = log_uniform(random, 1.5, 8)
    outside, inside = random.choice([0, 0, 0, 0, dash]), random.choice([0, 0, dash])
    corners = (left, top), (right, top), (right, bottom), (left, bottom)
    for ends in zip(corners, (*corners[1:], corners[0]), strict=True):
        page.line(ends, thickness, outside)
    thin = thickness * random.choice([1, random.uniform(0.4, 1)])
    for cell in cells[1:]:
        page.line([(cell[0], top), (cell[0], bottom)], thin, inside)


def comb(page: Print, cells: Sequence[Box], random: np.random.Generator) -> None:
    """Print a comb: a base line with teeth between the cells."""
    left, top, right, bottom = around(cells)
    thickness = log_uniform(random, 0.6, max(2.5, 0.05 * (bottom - top)))
    tooth = random.choice([random.uniform(0.08, 0.4), random.uniform(0.15, 1.0)]) * (bottom - top)
    page.line([(left, bottom), (right, bottom)], thickness)
    for x in [left, *(cell[2] for cell in cells)]:
        page.line([(x, bottom), (x, bottom - tooth)], thickness)
    if random.random() < 0.2:
        page.line([(left, top), (right, top)], thickness)
    if random.random() < 0.25:  # its ends are higher
        for x in (left, right):
            page.line([(x, bottom), (x, top)], thickness)
    if random.random() < 0.3:  # cut out of a longer one
        page.line([(-9, bottom), (page.size[0] + 9, bottom)], thickness)


def writing_line(page: Print, cells: Sequence[Box], random: np.random.Generator) -> None:
    """Print a line, whole or dashed, under the writing; or one above it, too."""
    left, top, right, bottom = around(cells)
    reach = random.uniform(0, 0.6) * (right - left) + 3
    thickness, dash = log_uniform(random, 0.6, 3), random.choice([0, 0, random.uniform(1, 5)])
    below = bottom - random.uniform(-0.05, 0.2) * (bottom - top)
    page.line([(left - reach, below), (right + reach, below)], thickness, dash)
    if random.random() < 0.35:
        page.line([(left - reach, top), (right + reach, top)], thickness, dash)


def table(page: Print, cells: Sequence[Box], random: np.random.Generator) -> None:
    """Print the lines of a table or a sudoku, of which the image shows one cell and the rests of its lines."""
    thickness = log_uniform(random, 0.6, 5)
    width, height = page.size
    rest = random.uniform(-0.5, 0.12, 4) * min(width, height)  # how far inside the image each line is
    skew = random.normal(0, 1.5, 4) * (random.random() < 0.5)
    over = random.uniform(0, 9)
    if rest[0] > 0:
        page.line([(rest[0], -over), (rest[0] + skew[0], height + over)], thickness)
    if rest[1] > 0:
        page.line([(-over, rest[1]), (width + over, rest[1] + skew[1])], thickness)
    if rest[2] > 0:
        page.line([(width - rest[2], -over), (width - rest[2] + skew[2], height + over)], thickness)
    if rest[3] > 0:
        page.line([(-over, height - rest[3]), (width + over, height - rest[3] + skew[3])], thickness)


def frame(page: Print, cells: Sequence[Box], random: np.random.Generator) -> None:
    """Print a frame along the image's edges, of which some sides may lie outside."""
    width, height = page.size
    inset = random.uniform(0, 5, 4) * random.choice([0, 1, 1]) - random.choice([0, 0, 1], 4) * 12
    thickness = log_uniform(random, 0.7, 10)
    box = (inset[0], inset[1], width - 1 - inset[2], height - 1 - inset[3])
    page.box(box, thickness, random.choice([0, 0, random.uniform(3, 20)]))


def pattern(page: Print, cells: Sequence[Box], random: np.random.Generator) -> None:
    """Print the waves of a cheque, or dots, all over the sheet."""
    width, height = page.size
    if random.random() < 0.3:
        step = log_uniform(random, 6, 24)
        for y in np.arange(random.uniform(0, step), height, step):
            for x in np.arange(random.uniform(0, step), width, step):
                page.line([(x, y), (x + 1, y)], 1)
        return
    step, length, depth = log_uniform(random, 4, 14), log_uniform(random, 12, 90), random.uniform(1, 7)
    x, slope = np.arange(-4, width + 5, 4.0), random.normal(0, 0.4)
    turn = random.uniform(0, 0.6)
    for index, y in enumerate(np.arange(-height, 2 * height, step)):
        wave = y + slope * x + depth * np.sin(2 * np.pi * x / length + index * turn)
        if wave.max() > 0 and wave.min() < height:
            page.line(list(zip(x.tolist(), wave.tolist(), strict=True)), log_uniform(random, 0.4, 1))


def words(page: Print, cells: Sequence[Box], random: np.random.Generator) -> None:
    """Print lines of small text beside the writing: labels, instructions, other questions."""
    width, height = page.size
    _, top, _, bottom = around(cells)
    tall = min(log_uniform(random, 5, 18), 0.45 * max(bottom - top, 12))
    for _ in range(int(random.integers(1, 5))):
        y = random.choice(
            [random.uniform(-4, max(top - 1.5 * tall, -3)), random.uniform(bottom + 2, max(height, bottom) + 8)]
        )
        x = random.uniform(-10, width * 0.7)
        letters = list(string.ascii_letters + string.digits + "    .,:-")
        page.text((x, y), "".join(random.choice(letters, int(random.integers(2, 24)))), tall)


def axes(page: Print, cells: Sequence[Box], random: np.random.Generator) -> None:
    """Print axes around the picture, with ticks and their labels, as a plot has."""
    left, top, right, bottom = around(cells, *random.uniform(4, 25, 2))
    thickness, tick, tall = random.uniform(0.5, 1.5), random.uniform(2, 4), random.uniform(5, 10)
    page.box((left, top, right, bottom), thickness)
    step = (right - left) / random.integers(3, 8)
    for index, x in enumerate(np.arange(left + step * random.uniform(0, 0.5), right, step)):
        page.line([(x, bottom), (x, bottom + tick)], thickness)
        page.text((x - tall / 2, bottom + tick), str(index * 5), tall)
    for index, y in enumerate(np.arange(top + step * random.uniform(0, 0.5), bottom, step)):
        page.line([(left - tick, y), (left, y)], thickness)
        page.text((left - tick - tall, y - tall / 2), str(index * 5), tall)


KINDS: Final[dict[Callable[[Print, Sequence[Box], np.random.Generator], None], float]] = {
    rules: 4, boxes: 7, comb: 6.5, writing_line: 3.5, table: 2.5, frame: 2.5, pattern: 1, words: 2, axes: 0.8,
}  # fmt: skip


def around(cells: Sequence[Box], across: float = 0, down: float = 0) -> Box:
    """Return the box around all `cells`, grown to both sides."""
    left, top, right, bottom = np.array(cells).reshape(-1, 4).T
    return left.min() - across, top.min() - down, right.max() + across, bottom.max() + down
