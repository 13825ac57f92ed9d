"""Forms: digits in boxes, cells and combs, on lines and on drop-out colour, scanned or photographed; and empty ones."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.scenes.files import INKS, Colour, photographed, pick, put, scanned, sheet
from benchmarks.scenes.hand import Hand, Random, Scene, number
from benchmarks.tally import BLANK
from model.preprocessing.arrays import Ink

Cell = tuple[int, int, int, int]  # left, top, right, bottom

LINES: tuple[Colour, ...] = (
    (0, 0, 0), (30, 30, 30), (60, 60, 60), (120, 120, 120), (165, 165, 165), (60, 90, 160), (110, 150, 210),
    (200, 60, 50), (225, 130, 70), (70, 140, 90),
)  # fmt: skip
DROP_OUT: tuple[Colour, ...] = (
    (255, 205, 195), (255, 222, 190), (250, 190, 200), (196, 226, 250), (205, 238, 205), (255, 240, 180),
    (222, 222, 222),
)  # fmt: skip
ON_A_LINE = ("comb", "underlined", "lines")  # kinds in which digits stand on the line


class Form:
    """A printed row of cells on a page, and what is written into it."""

    def __init__(self, kind: str, count: int, height: int, random: Random, tight: bool = False) -> None:
        self.kind, self.height, self.random = kind, height, random
        width = round(height * random.uniform(0.72, 1.1))
        gap = round(height * random.uniform(0.12, 0.5)) if kind == "boxes" else 0
        margins = random.uniform(0.25, 1.1, 4) * (0 if tight else height)
        left, top, right, bottom = margins.astype(int).tolist()
        self.cells = [(x, top, x + width, top + height) for x in range(left, left + count * (width + gap), width + gap)]
        self.page = sheet((self.cells[-1][2] + 1 + right, top + height + 1 + bottom), random)
        self.paper = self.page.getpixel((0, 0))
        self.line = max(1, round(height * random.uniform(0.012, 0.05)))
        self.colour = pick(random, LINES)
        PAINT[kind](self, ImageDraw.Draw(self.page))

    def write(self, inks: Sequence[Ink | None]) -> None:
        """Write a digit into each cell where there is one."""
        colour = pick(self.random, INKS)
        for (left, top, right, bottom), ink in zip(self.cells, inks, strict=True):
            if ink is not None:
                middle = np.array((left + right, top + bottom)) / 2 + self.random.normal(0, 0.04, 2) * self.height
                if self.kind in ON_A_LINE:
                    middle[1] = bottom - ink.shape[0] / 2 - self.random.uniform(-0.04, 0.1) * self.height
                put(self.page, ink, (middle[0], middle[1]), colour)


def _boxes(form: Form, pencil: ImageDraw.ImageDraw) -> None:
    for cell in form.cells:
        pencil.rectangle(cell, outline=form.colour, width=form.line)


def _cells(form: Form, pencil: ImageDraw.ImageDraw) -> None:
    """Print a row of cells: the lines between them may be thinner, or dotted."""
    top, bottom = form.cells[0][1], form.cells[0][3]
    thin = form.line if form.random.random() < 0.6 else 1
    dotted = form.random.random() < 0.15
    for left, *_ in form.cells[1:]:
        for start in range(top, bottom, 3 * thin + 3) if dotted else (top,):
            pencil.line((left, start, left, min(bottom, start + 2 * thin) if dotted else bottom), form.colour, thin)
    pencil.rectangle((form.cells[0][0], top, form.cells[-1][2], bottom), outline=form.colour, width=form.line)


def _comb(form: Form, pencil: ImageDraw.ImageDraw) -> None:
    """Print a base line with a tooth at each end of each cell."""
    left, right, bottom = form.cells[0][0], form.cells[-1][2], form.cells[0][3]
    tooth = form.random.uniform(0.12, 0.5) * form.height
    high = form.random.random() < 0.3  # the first and the last tooth
    for x in (left, *(cell[2] for cell in form.cells)):
        reach = form.height if high and x in (left, right) else tooth
        pencil.line((x, bottom - reach, x, bottom), form.colour, form.line)
    beyond = form.page.width if len(form.cells) == 1 and form.random.random() < 0.5 else 0  # cut out of a longer one
    pencil.line((left - beyond, bottom, right + beyond, bottom), form.colour, form.line)


def _drop_out(form: Form, pencil: ImageDraw.ImageDraw) -> None:
    """Print white cells on a coloured ground, or coloured cells, so that a scanner may filter the form out."""
    colour = pick(form.random, DROP_OUT)
    left, top, right, bottom = form.cells[0][0], form.cells[0][1], form.cells[-1][2], form.cells[0][3]
    white_cells = form.random.random() < 0.5
    if white_cells:
        reach = round(0.2 * form.height)
        pencil.rectangle((left - reach, top - reach, right + reach, bottom + reach), fill=colour)
    for x, y, end, low in form.cells:
        pencil.rectangle((x + form.line, y, end - form.line, low), fill=form.paper if white_cells else colour)


def _underlined(form: Form, pencil: ImageDraw.ImageDraw) -> None:
    """Print one line below all cells, or a dash below each."""
    left, right, bottom = form.cells[0][0], form.cells[-1][2], form.cells[0][3]
    inset = round(0.1 * form.height)
    dashes = [(cell[0] + inset, cell[2] - inset) for cell in form.cells]
    for start, end in dashes if form.random.random() < 0.4 else [(left, right)]:
        pencil.line((start, bottom, end, bottom), form.colour, form.line)


def _lines(form: Form, pencil: ImageDraw.ImageDraw) -> None:
    """Rule the page above and below the cells, from one edge to the other."""
    for y in (form.cells[0][1], form.cells[0][3]):
        pencil.line((0, y, form.page.width, y), form.colour, form.line)


PAINT: dict[str, Callable[[Form, ImageDraw.ImageDraw], None]] = {
    "plain": lambda _form, _pencil: None,
    "boxes": _boxes,
    "cells": _cells,
    "comb": _comb,
    "drop-out": _drop_out,
    "underlined": _underlined,
    "lines": _lines,
}
Send = Callable[[Form, Random], bytes]


def on_plain_paper(hand: Hand, random: Random, send: Send) -> Scene:
    """Write one digit on paper without any print."""
    return _one("plain", hand, random, send)


def in_box(hand: Hand, random: Random, send: Send) -> Scene:
    """Write one digit into a printed box that ends the image, or has a margin around it."""
    return _one("boxes", hand, random, send, tight=random.random() < 0.4)


def in_comb(hand: Hand, random: Random, send: Send) -> Scene:
    """Write one digit into a field of a comb."""
    return _one("comb", hand, random, send)


def over_the_box(hand: Hand, random: Random, send: Send) -> Scene:
    """Write one digit that crosses a line of its box by 5 to 25 % of the box's height."""
    height = int(random.integers(60, 220))
    form = Form("boxes", 1, height, random)
    label, ink = hand.digit(random, height * random.uniform(0.6, 0.95))
    left, top, right, bottom = form.cells[0]
    axis, sign = int(random.integers(2)), int(random.choice((-1, 1)))
    beyond = min(random.uniform(0.05, 0.25) * height, 0.6 * ink.shape[1 - axis])
    middle = np.array((left + right, top + bottom)) / 2
    edge = ((left, right), (top, bottom))[axis][sign > 0]
    middle[axis] = edge + sign * (beyond - ink.shape[1 - axis] / 2)
    put(form.page, ink, (middle[0], middle[1]), pick(random, INKS))
    return label, send(form, random)


def on_a_line(hand: Hand, random: Random, send: Send) -> Scene:
    """Write one digit on a writing line, which it may touch or cross."""
    return _one("lines" if random.random() < 0.3 else "underlined", hand, random, send)


def code(hand: Hand, random: Random, send: Send, kind: str) -> Scene:
    """Write a code of five digits into a form."""
    text = number(random, 5)
    return text, send(_filled(kind, text, hand, random), random)


def partly_empty(hand: Hand, random: Random, send: Send) -> Scene:
    """Write into one to four cells of five."""
    filled = set(random.permutation(5)[: int(random.integers(1, 5))].tolist())
    text = "".join(digit if place in filled else " " for place, digit in enumerate(number(random, 5)))
    kind = str(random.choice(("boxes", "cells", "comb", "drop-out")))
    return text.replace(" ", ""), send(_filled(kind, text, hand, random), random)


def empty_cell(_hand: Hand, random: Random, send: Send) -> Scene:
    """Leave a box, a field of a comb or a coloured cell empty."""
    kind = str(random.choice(("boxes", "boxes", "comb", "drop-out")))
    form = Form(kind, 1, int(random.integers(60, 220)), random, tight=kind == "boxes" and random.random() < 0.3)
    return BLANK, send(form, random)


def empty_row(_hand: Hand, random: Random, send: Send) -> Scene:
    """Leave a row of three to eight boxes, cells or fields empty."""
    kind = str(random.choice(("boxes", "cells", "comb", "drop-out")))
    return BLANK, send(Form(kind, int(random.integers(3, 9)), int(random.integers(40, 100)), random), random)


def flat(form: Form, random: Random) -> bytes:
    """Scan a form."""
    return scanned(form.page, random)


def photo(form: Form, random: Random) -> bytes:
    """Photograph a form with some paper around it, in the shape that a camera's images have or closely cut."""
    shape = float(random.choice((4 / 3, 3 / 4, 1.0, 0.0)))
    width, height = (np.array(form.page.size) * random.uniform(1.1, 1.4)).tolist()
    height += 0.1 * width  # so that no end leaves the image when the camera is turned
    if shape:
        width, height = max(width, height * shape), max(height, width / shape)
    scale = random.uniform(700, 1300) / max(width, height)
    size = tuple(max(1, round(length * scale)) for length in form.page.size)
    around = Image.new("RGB", (round(width * scale), round(height * scale)), form.paper)
    left, top = ((whole - part) // 2 for whole, part in zip(around.size, size, strict=True))
    around.paste(form.page.resize(size, Image.Resampling.BICUBIC), (left, top))
    return photographed(around, random)


def _one(kind: str, hand: Hand, random: Random, send: Send, tight: bool = False) -> Scene:
    height = int(random.integers(60, 220))
    form = Form(kind, 1, height, random, tight)
    label, ink = hand.digit(random, height * random.uniform(0.45, 0.78))
    form.write([ink])
    return label, send(form, random)


def _filled(kind: str, text: str, hand: Hand, random: Random) -> Form:
    """Make a form with a cell for each character of `text`, and write its digits; a space leaves a cell empty."""
    height = int(random.integers(44, 110))
    form = Form(kind, len(text), height, random)
    inks = iter(hand.write(text.replace(" ", ""), random, height * random.uniform(0.5, 0.78)))
    form.write([None if character == " " else next(inks) for character in text])
    return form
