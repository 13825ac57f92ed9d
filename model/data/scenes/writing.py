"""What is written on a scene's sheet: digits, a number, letters, and other writing beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from model.data import templates
from model.data.lines.signs import SIGNS, write_sign
from model.data.pen_digits import PenDigit
from model.data.sampling import log_uniform, rotation
from model.data.scenes import pens
from model.data.scenes.pens import Handwriting, Size
from model.data.scenes.prints import Box
from model.data.stroke_variation import vary_strokes
from model.preprocessing.arrays import Doubles, Integers, Points

MIN_HEIGHT: Final = 13  # in pixels of the file, of a digit: a smaller one is a smudge
What = Literal["digit", "row", "letters", "nothing"]  # is written
SHARES: Final = (0.54, 0.25, 0.08, 0.13)
STRAIGHT: Final = (
    "1 bar", "1 bar", "1 with a flag", "1 with a flag and a foot", "4 closed", "4 open", "7 plain", "7 crossed",
    "7 hooked", "5 in one stroke", "5 with a detached top", "2 angular",
)  # fmt: skip
RULED: Final = templates.Distortion(wobble=0.004, slant=0.1, rotation=2.0)  # nearly as straight as a printed line
LIKE_PRINT: Final = ("square", "hash", "equals")  # signs that nobody can tell from what is printed


@dataclass(frozen=True)
class Sources:
    """What is written: strokes of `digits`, MNIST's `images` (N, 28, 28) with `labels` (N,), templates of `kinds`."""

    digits: Sequence[PenDigit]
    images: NDArray[np.uint8]
    labels: Integers
    kinds: tuple[str, ...] = tuple(templates.DIGITS)

    def only(self, label: int) -> "Sources":
        """Return those of one digit."""
        mine = self.labels == label
        return Sources(
            [digit for digit in self.digits if digit.label == label], self.images[mine], self.labels[mine],
            tuple(kind for kind in self.kinds if kind.startswith(str(label))),
        )  # fmt: skip


@dataclass(frozen=True)
class Written:
    """The writing that is to be found, other writing that is not, the box of each character, the thinnest stroke.

    With `signs`, points and the like stand between the digits.
    """

    writing: Handwriting
    others: tuple[Handwriting, ...]
    cells: tuple[Box, ...]
    stroke: float
    signs: bool = False


def write(
    sources: Sources, size: Size, margin: int, scale: float, random: np.random.Generator, what: What | None
) -> Written:
    """Write one digit, rows of digits, letters, or nothing. `scale` is how many pixels of the file a pixel has."""
    inner = size[0] - 2 * margin, size[1] - 2 * margin
    kind = what or random.choice(get_args(What), p=SHARES)
    count = {"digit": 1, "row": int(random.integers(2, 8)), "letters": int(random.integers(1, 6)), "nothing": 0}[kind]
    least = min(MIN_HEIGHT / scale, 0.8 * min(inner))
    most = min(0.97 * inner[1], 1.5 * inner[0] / max(count, 1)) if count != 1 else 0.97 * min(inner)
    least = min(max(0.1 * inner[1], least), most)
    height = (
        random.uniform(max(least, 0.4 * most), most) if random.random() < 0.65 else log_uniform(random, least, most)
    )
    spacing = random.uniform(0.55, 1.1) if random.random() < 0.6 else random.uniform(0.9, 2.2)  # wide in forms
    pitch = min(height * spacing, inner[0] / max(count, 1))
    across = max(inner[0] - pitch * max(count, 1), 0)
    down = max(inner[1] - height, 0)
    left = margin + across * random.beta(1.5, 1.5) - random.choice([0, 0.04]) * height * random.uniform(-1, 1)
    top = margin + down * random.beta(1.5, 1.5) - random.choice([0, 0.04]) * height * random.uniform(-1, 1)
    cells = [(left + k * pitch, top, left + (k + 1) * pitch, top + height) for k in range(count)]
    if kind == "nothing":
        count = int(random.integers(1, 6))
        cells = [(left + k * pitch, top, left + (k + 1) * pitch, top + height) for k in range(count)]
    if kind == "row":
        cells += _further_lines(cells, size[1] - margin, random)
    width = max(log_uniform(random, 0.025, 0.24 if count < 2 else 0.16) * height, 0.6, 0.5 / scale)
    blank = np.zeros(size[::-1], np.float32)
    if kind == "nothing":
        return Written(Handwriting(blank, blank), (), tuple(cells), width)
    signs = kind == "row" and random.random() < 0.4
    often = random.choice([1, 0.8, 0.5], p=[0.7, 0.2, 0.1]) if count > 1 and kind == "row" else 1
    filled = [cell for cell in cells if random.random() < often] or cells[:1]
    if random.random() < 0.35 and kind != "letters" and not signs:
        shape = blank
        for cell in filled:
            image = sources.images[random.integers(len(sources.images))]
            middle = (cell[0] + cell[2]) / 2, (cell[1] + cell[3]) / 2 + random.normal(0, 0.04) * height
            tall = height * random.uniform(0.8, 1)
            np.maximum(shape, pens.write_image(image, tall, middle, size, random), out=shape)
        writing, width = pens.of_shape(shape, 0.1 * height, random), 0.08 * height
    else:
        strokes = [
            stroke for cell in filled for stroke in in_cell(character(sources, kind, random), cell, width, random)
        ]
        if signs:
            strokes += _signs(cells, random)
        writing = pens.write(strokes, width, size, random)
    count = int(random.integers(1, 5)) if random.random() < (0.4 if kind == "digit" else 0.2) else 0
    whole = kind == "digit" and random.random() < 0.5
    others = [_at_the_edge(sources, size, margin, cells, height, width, whole, random) for _ in range(count)]
    return Written(writing, tuple(filter(None, others)), tuple(cells), width, signs)


def _further_lines(cells: Sequence[Box], bottom: float, random: np.random.Generator) -> list[Box]:
    """Repeat a row of cells below itself, where there is room above `bottom`, in some of the scenes."""
    height = cells[0][3] - cells[0][1]
    pitch = height * random.uniform(1.05, 1.9)
    room = int((bottom - cells[0][3]) / pitch)
    if room < 1 or random.random() < 0.5:
        return []
    lines = range(1, 1 + min(room, int(random.integers(1, 4))))
    aside = random.normal(0, 0.15 * height, 1 + len(lines))
    return [
        (left + aside[line], top + line * pitch, right + aside[line], below + line * pitch)
        for line in lines for left, top, right, below in cells[: int(random.integers(1, len(cells) + 1))]
    ]  # fmt: skip


def character(sources: Sources, kind: str, random: np.random.Generator) -> Sequence[Points]:
    """Write a digit, or with the kind `letters` something that is none: strokes about 1 high."""
    if kind == "letters":
        names = [name for name in templates.OTHERS if name not in LIKE_PRINT]
        return templates.write(templates.OTHERS[names[random.integers(len(names))]], random)
    if random.random() < 0.45:
        some = [name for name in STRAIGHT if name in sources.kinds] or sources.kinds
        straight = random.random() < 0.4
        names = list(some if straight else sources.kinds)
        distortion = RULED if random.random() < (0.6 if straight else 0.1) else templates.DEFAULT
        return templates.write(templates.DIGITS[names[random.integers(len(names))]], random, distortion)
    strokes = sources.digits[int(random.integers(len(sources.digits)))].strokes
    return vary_strokes(strokes, random) if random.random() < 0.7 else strokes


def in_cell(strokes: Sequence[Points], cell: Box, width: float, random: np.random.Generator) -> list[Doubles]:
    """Move strokes into a cell: to its height, or to its width if that is less."""
    turn = rotation(np.radians(random.normal(0, 5)))
    turned = [np.asarray(stroke) @ turn for stroke in strokes]
    points = np.concatenate(turned)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    room = np.array([cell[2] - cell[0], cell[3] - cell[1]]) - width
    scale = max(room[1], 2) / max(extent[1], 0.35 * extent[0], 1e-6) * random.uniform(0.8, 1)
    scale = min(scale, 1.25 * max(room[0], 2) / max(extent[0], 1e-6))
    offset = (room - extent * scale) * (0.5, random.uniform(0.2, 0.8)) + width / 2 + (cell[0], cell[1])
    return [(stroke - low) * scale + offset for stroke in turned]


def _signs(cells: Sequence[Box], random: np.random.Generator) -> list[Doubles]:
    """Write signs between some of the digits, and perhaps one before them."""
    names = list(SIGNS) if random.random() < 0.6 else [".", ":", ","]
    strokes: list[Doubles] = []
    for left, top, right, bottom in cells:
        if random.random() < 0.35:
            sign = [stroke * 0.85 * (bottom - top) for stroke in write_sign(str(random.choice(names)), random)]
            middle = np.ptp(np.concatenate(sign)[:, 0]) / 2
            x = left + random.choice([0, right - left]) - middle
            place = np.array((x, top + 0.07 * (bottom - top)))
            strokes += [stroke + place for stroke in sign]
    return strokes


def _at_the_edge(
    sources: Sources,
    size: Size,
    margin: int,
    cells: Sequence[Box],
    height: float,
    width: float,
    whole: bool,
    random: np.random.Generator,
) -> Handwriting | None:
    """Write a digit, a letter or a scribble that the image's edge cuts, where that leaves the others alone.

    With `whole`, it may also be near the edge as a whole: smaller than the digit in the middle, or a word.
    """
    around = np.array(cells)
    side = int(random.integers(4))
    word = random.random() < 0.5
    tall = height * (random.uniform(0.15, 0.5) if whole else random.uniform(0.5, 1))
    wide, seen = random.uniform(0.5, 6 if word and whole else 2) * tall, random.uniform(0.08, 0.6)
    if whole:
        seen = random.uniform(0.4, 1.15)
        width *= random.uniform(0.5, 1)
    x = random.uniform(margin, max(margin, size[0] - margin - wide))
    y = random.uniform(margin, max(margin, size[1] - margin - tall))
    if side == 0:
        x = margin - (1 - seen) * wide
    elif side == 1:
        y = margin - (1 - seen) * tall
    elif side == 2:
        x = size[0] - margin - seen * wide
    else:
        y = size[1] - margin - seen * tall
    box = (x, y, x + wide, y + tall)
    apart = (
        (around[:, 0] > box[2] + 4)
        | (around[:, 2] < box[0] - 4)
        | (around[:, 1] > box[3] + 4)
        | (around[:, 3] < box[1] - 4)
    )
    if not apart.all():
        return None
    if word:
        return pens.write(in_cell([pens.loops(random, wide / tall)], box, width, random), width, size, random)
    strokes = in_cell(character(sources, str(random.choice(["row", "letters"])), random), box, width, random)
    return pens.write(strokes, width, size, random)
