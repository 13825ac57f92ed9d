"""Scenes: one digit, a number, other writing or none, on a sheet with what is printed and lies around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from model.data import templates
from model.data.lines.signs import SIGNS, write_sign
from model.data.pen_digits import PenDigit
from model.data.sampling import log_uniform, rotation
from model.data.scenes import camera, pens, prints
from model.data.scenes.pens import Handwriting, Size
from model.data.scenes.prints import Box, Print
from model.data.stroke_variation import vary_strokes
from model.preprocessing.arrays import Doubles, Floats, Integers, Points

MARGIN: Final = 14  # in pixels: room for a photograph's perspective
MIN_HEIGHT: Final = 13  # in pixels of the file, of a digit: a smaller one is a smudge


What = Literal["digit", "row", "letters", "nothing"]  # is written
SHARES: Final = (0.54, 0.25, 0.08, 0.13)
STRAIGHT: Final = (
    "1 bar", "1 bar", "1 with a flag", "1 with a flag and a foot", "4 closed", "4 open", "7 plain", "7 crossed",
    "7 hooked", "5 in one stroke", "5 with a detached top", "2 angular",
)  # fmt: skip
RULED: Final = templates.Distortion(wobble=0.004, slant=0.1, rotation=2.0)  # nearly as straight as a printed line
DARK: Final = 0.45  # the lightness of a board, of 1: paper has more
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
class Scene:
    """A `picture` (H, W, 3) uint8 and its `truth` (H, W, 2) uint8: how far ink, and print, cover each pixel."""

    picture: NDArray[np.uint8]
    truth: NDArray[np.uint8]


def compose(sources: Sources, size: Size, random: np.random.Generator, what: What | None = None) -> Scene:
    """Compose a scene of `size`, as a photograph, a scan or a screenshot, with `what` is written or with anything."""
    photo = random.random() < 0.6
    longer_side = round(log_uniform(random, 24, 200)) if random.random() < 0.4 else 1600
    margin = MARGIN if photo else 0
    sheet = size[0] + 2 * margin, size[1] + 2 * margin
    written = _write(sources, sheet, margin, min(1.0, longer_side / max(size)), random, what)
    paper, colour, contrast = _colours(photo, random)
    dark = float(paper.mean()) < DARK
    picture = np.empty((sheet[1], sheet[0], 3), np.float32)
    picture[:] = paper
    if photo or random.random() < 0.3:
        picture += random.uniform(0, 0.025) * pens.cloud(sheet, log_uniform(random, 1, 30), random)[..., None]
    printed = _print(picture, written, paper, colour, photo, random)
    _soil(picture, written, paper, colour, random)
    if random.random() < (0.3 if dark else 0.08):
        _wipe(picture, sources, written, colour, random)
    for writing in (*written.others, written.writing):
        cover = writing.shape[..., None] * writing.density[..., None]
        picture += cover * (colour - picture)
    if photo:
        shine = camera.light(sheet, random)
        picture *= shine
        contrast *= float(shine.mean())
        if random.random() < 0.14:
            picture += camera.glare(sheet, random) * (1 - picture)
        if random.random() < 0.06:
            picture = 1 - picture
    image = Image.fromarray((picture.clip(0, 1) * 255).astype(np.uint8))
    ink = written.writing.shape
    bands = np.stack([ink, printed * (1 - ink), np.zeros_like(ink)], axis=-1)
    truth = Image.fromarray((bands * 255).astype(np.uint8))
    if random.random() < (0.15 if photo else 0.1):
        camera.table(image, truth, random)
    if photo and random.random() < 0.06:
        camera.finger(image, truth, random)
    if photo:
        image, truth = camera.warp(image, truth, margin, random)
    image, truth = camera.record(image, truth, longer_side, written.stroke, contrast, photo, random)
    return Scene(np.asarray(image), np.asarray(truth)[..., :2])


@dataclass(frozen=True)
class _Written:
    """The writing that is to be found, other writing that is not, the box of each character, the thinnest stroke."""

    writing: Handwriting
    others: tuple[Handwriting, ...]
    cells: tuple[Box, ...]
    stroke: float


def _write(
    sources: Sources, size: Size, margin: int, scale: float, random: np.random.Generator, what: What | None
) -> _Written:
    """Write one digit, a row of digits, letters, or nothing. `scale` is how many pixels of the file a pixel has."""
    inner = size[0] - 2 * margin, size[1] - 2 * margin
    kind = what or random.choice(get_args(What), p=SHARES)
    count = {"digit": 1, "row": int(random.integers(2, 8)), "letters": int(random.integers(1, 6)), "nothing": 0}[kind]
    least = min(MIN_HEIGHT / scale, 0.8 * min(inner))
    most = min(0.97 * inner[1], 1.5 * inner[0] / max(count, 1)) if count != 1 else 0.97 * min(inner)
    least = min(max(0.1 * inner[1], least), most)
    height = (
        random.uniform(max(least, 0.4 * most), most) if random.random() < 0.65 else log_uniform(random, least, most)
    )
    pitch = min(height * random.uniform(0.55, 1.1), inner[0] / max(count, 1))
    across = max(inner[0] - pitch * max(count, 1), 0)
    down = max(inner[1] - height, 0)
    left = margin + across * random.beta(1.5, 1.5) - random.choice([0, 0.04]) * height * random.uniform(-1, 1)
    top = margin + down * random.beta(1.5, 1.5) - random.choice([0, 0.04]) * height * random.uniform(-1, 1)
    cells = [(left + k * pitch, top, left + (k + 1) * pitch, top + height) for k in range(count)]
    if kind == "nothing":
        count = int(random.integers(1, 6))
        cells = [(left + k * pitch, top, left + (k + 1) * pitch, top + height) for k in range(count)]
    width = max(log_uniform(random, 0.025, 0.24 if count < 2 else 0.16) * height, 0.6, 0.5 / scale)
    blank = np.zeros(size[::-1], np.float32)
    if kind == "nothing":
        return _Written(Handwriting(blank, blank), (), tuple(cells), width)
    often = random.choice([1, 0.8, 0.5], p=[0.7, 0.2, 0.1]) if count > 1 and kind == "row" else 1
    filled = [cell for cell in cells if random.random() < often] or cells[:1]
    if random.random() < 0.35 and kind != "letters":
        shape = blank
        for cell in filled:
            image = sources.images[random.integers(len(sources.images))]
            middle = (cell[0] + cell[2]) / 2, (cell[1] + cell[3]) / 2 + random.normal(0, 0.04) * height
            tall = height * random.uniform(0.8, 1)
            np.maximum(shape, pens.write_image(image, tall, middle, size, random), out=shape)
        writing, width = pens.of_shape(shape, 0.1 * height, random), 0.08 * height
    else:
        strokes = [
            stroke for cell in filled for stroke in _in_cell(_character(sources, kind, random), cell, width, random)
        ]
        if kind == "row" and random.random() < 0.4:
            strokes += _signs(cells, random)
        writing = pens.write(strokes, width, size, random)
    count = int(random.integers(1, 5)) if random.random() < (0.4 if kind == "digit" else 0.2) else 0
    whole = kind == "digit" and random.random() < 0.5
    others = [_at_the_edge(sources, size, margin, cells, height, width, whole, random) for _ in range(count)]
    return _Written(writing, tuple(filter(None, others)), tuple(cells), width)


def _character(sources: Sources, kind: str, random: np.random.Generator) -> Sequence[Points]:
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


def _in_cell(strokes: Sequence[Points], cell: Box, width: float, random: np.random.Generator) -> list[Doubles]:
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
    names = list(SIGNS)
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
        return pens.write(_in_cell([pens.loops(random, wide / tall)], box, width, random), width, size, random)
    strokes = _in_cell(_character(sources, str(random.choice(["row", "letters"])), random), box, width, random)
    return pens.write(strokes, width, size, random)


def _colours(photo: bool, random: np.random.Generator) -> tuple[Floats, Floats, float]:
    """Choose the colours of paper and ink, each (3,) from 0 to 1, and return how far apart they are at most."""
    kind = random.choice(["paper", "board", "any", "digital"], p=[0.62, 0.16, 0.14, 0.08])
    if kind == "paper":
        paper = random.uniform(0.72, 1) + random.normal(0, 0.025, 3)
        ink = random.uniform(0, 0.35) + random.uniform(0, 0.25, 3)
        if random.random() < 0.35:  # a coloured pen
            ink = np.array([0.1, 0.2, 0.7])[random.permutation(3)] + random.uniform(-0.1, 0.3, 3)
    elif kind == "board":
        paper = random.uniform(0.05, 0.35) + random.normal(0, 0.06, 3)
        ink = random.uniform(0.6, 1) + random.normal(0, 0.08, 3)
    elif kind == "any":
        paper, ink = random.uniform(0, 1, 3), random.uniform(0, 1, 3)
        if random.random() < 0.5:  # equally light
            ink += paper.mean() - ink.mean()
    else:
        paper, ink = np.zeros(3) + random.uniform(0, 0.04), np.ones(3) * random.uniform(0.5, 1)
        if random.random() < 0.4:
            paper, ink = ink, paper
    if not photo and kind == "paper" and random.random() < 0.5:
        paper = np.ones(3)
    paper, ink = paper.clip(0, 1), ink.clip(0, 1)
    part = log_uniform(random, 0.2, 1) if random.random() < 0.25 else random.uniform(0.7, 1)
    ink = paper + part * (ink - paper)
    apart = float(np.abs(ink - paper).max())
    if apart < 0.12:
        return _colours(photo, random)
    return paper.astype(np.float32), ink.astype(np.float32), apart


def _print(
    picture: Floats, written: _Written, paper: Floats, colour: Floats, photo: bool, random: np.random.Generator
) -> Floats:
    """Print up to two kinds of things, in a colour of their own or in that of the ink. Returns where (H, W)."""
    size = picture.shape[1], picture.shape[0]
    room = random.uniform(-0.1, (0.35, 0.5))  # of the writing in its cells, which are alike
    cells = [_widened(cell, room) for cell in written.cells]
    if random.random() < 0.2:  # the writing misses its place, and crosses the lines
        aside = (random.uniform(-0.35, 0.35, 2) * (cells[0][3] - cells[0][1])).tolist()
        cells = [(cell[0] + aside[0], cell[1] + aside[1], cell[2] + aside[0], cell[3] + aside[1]) for cell in cells]
    printed = np.zeros(picture.shape[:2], np.float32)
    if not photo and random.random() < 0.2:
        _lay_pad(picture, printed, cells, random)
    names, shares = list(prints.KINDS), np.array(list(prints.KINDS.values()))
    least = 1 if not written.writing.shape.any() and random.random() < 0.6 else 0
    for _ in range(max(least, int(random.choice([0, 1, 2], p=[0.35, 0.45, 0.2])))):
        kind = names[random.choice(len(names), p=shares / shares.sum())]
        if kind is prints.axes and written.stroke < 2:
            continue
        if kind is prints.boxes and random.random() < 0.15:  # cells that drop out of a scan
            tint = paper + random.uniform(0.1, 0.35) * (random.uniform(0, 1, 3) - paper)
            for boxes, shade in (([prints.around(cells, 8, 8)], tint), (cells, paper)):
                page = Print(size)
                for box in boxes:
                    page.box(box, 1, fill=True)
                _tint(picture, page.mask(), shade)
            continue
        page = Print(size)
        kind(page, cells, random)
        mask = page.mask()
        hue = colour if random.random() < 0.3 else (random.uniform(0, 0.8) + random.normal(0, 0.1, 3)).clip(0, 1)
        strength = random.uniform(0.15, 1) if kind is not prints.pattern else random.uniform(0.1, 0.45)
        _tint(picture, mask, paper + strength * (hue - paper))
        np.maximum(printed, mask, out=printed)
    return printed


def _tint(picture: Floats, mask: Floats, colour: Doubles | Floats) -> None:
    picture += mask[..., None] * (colour.astype(np.float32) - picture)


def _lay_pad(picture: Floats, printed: Floats, cells: Sequence[Box], random: np.random.Generator) -> None:
    """Surround the paper with a page of another colour, as a screenshot of a drawing pad shows it."""
    size = picture.shape[1], picture.shape[0]
    left, top, right, bottom = prints.around(cells)
    room = np.array([left, top, size[0] - right, size[1] - bottom]).clip(2)
    inset = np.minimum(room - 1, random.uniform(0, 1, 4) * room)
    pad = (inset[0], inset[1], size[0] - inset[2], size[1] - inset[3])
    radius = random.choice([0, 0, random.uniform(2, 12)])
    page, text, border = Print(size), Print(size), Print(size)
    page.box(pad, 1, radius, fill=True)
    outside = 1 - page.mask()
    shades = (random.uniform(0, 1) + random.normal(0, 0.1, 3), np.ones(3), np.full(3, 0.1), random.uniform(0, 1, 3))
    shade = shades[random.integers(4)].clip(0, 1)
    _tint(picture, outside, shade)
    if random.random() < 0.6:
        prints.words(text, [pad], random)
        words = text.mask() * outside
        _tint(picture, words, 1 - shade)
        np.maximum(printed, words, out=printed)
    if random.random() < 0.7:
        border.box(pad, log_uniform(random, 0.6, 5), radius)
        _tint(picture, border.mask(), random.uniform(0, 1, 3))
        np.maximum(printed, border.mask(), out=printed)


def _soil(picture: Floats, written: _Written, paper: Floats, colour: Floats, random: np.random.Generator) -> None:
    """Leave specks, smears and writing that shows through from the other side."""
    size = picture.shape[1], picture.shape[0]
    canvas = Image.new("L", size)
    pencil = ImageDraw.Draw(canvas)
    if random.random() < 0.25:  # specks of dirt, hardly broader than the pen
        for x, y in random.uniform(0, 1, (int(random.integers(1, 15)), 2)) * size:
            radius = random.uniform(0.4, max(0.6, min(3.5, 0.5 * written.stroke)))
            pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        specks = np.asarray(canvas, np.float32)[..., None] / 255 * random.uniform(0.3, 1)
        picture += specks * (random.uniform(0, 0.6) * paper - picture)
        canvas.paste(0, (0, 0, *size))
    if random.random() < (0.5 if float(paper.mean()) < DARK else 0.08):  # what an eraser or a sponge left
        for _ in range(int(random.integers(1, 8))):
            ends = random.uniform(-0.1, 1.1, (3, 2)) * size
            pencil.line(
                [tuple(end) for end in ends.tolist()], fill=255, width=int(random.integers(4, 50)), joint="curve"
            )
        soft = canvas.filter(ImageFilter.GaussianBlur(random.uniform(2, 12)))
        smear = (
            np.asarray(soft, np.float32)
            / 255
            * (1 + 0.4 * pens.cloud(size, random.uniform(1.5, 8), random)).clip(0.2, 2)
        )
        picture += smear[..., None] * random.uniform(0.05, 0.25) * (colour - picture)
    if random.random() < 0.06 and written.writing.shape.any():  # from the other side of the sheet
        faint = np.roll(written.writing.shape[:, ::-1], tuple(random.integers(-40, 40, 2)), (0, 1))
        picture += faint[..., None] * random.uniform(0.05, 0.18) * (colour - picture)


def _wipe(picture: Floats, sources: Sources, written: _Written, colour: Floats, random: np.random.Generator) -> None:
    """Leave the streaks of a sponge along a bend, and ghosts of digits that were wiped away."""
    size = picture.shape[1], picture.shape[0]
    canvas = Image.new("L", size)
    pencil = ImageDraw.Draw(canvas)
    for _ in range(int(random.integers(0, 5))):
        ends = random.uniform(-0.1, 1.1, (2, 2)) * size
        path = np.linspace(ends[0], ends[1], 9)
        across = (ends[1] - ends[0])[::-1] * (-1, 1) / max(float(np.hypot(*(ends[1] - ends[0]))), 1)
        path += np.sin(np.linspace(0, np.pi, 9))[:, None] * across * random.uniform(-0.3, 0.3) * min(size)
        breadth, level = random.uniform(0.06, 0.35) * min(size), random.uniform(25, 255)
        streak = log_uniform(random, 1.5, 6)
        for offset in np.arange(-breadth / 2, breadth / 2, streak):
            line = [tuple(point) for point in (path + offset * across).tolist()]
            pencil.line(line, fill=int(level * random.uniform(0.2, 1)), width=round(streak) + 1, joint="curve")
    soft = canvas.filter(ImageFilter.GaussianBlur(log_uniform(random, 0.4, 4)))
    picture += np.asarray(soft, np.float32)[..., None] / 255 * random.uniform(0.08, 0.3) * (colour - picture)
    for _ in range(int(random.integers(0, 3))):
        tall = random.uniform(0.3, 0.8) * min(size)
        left, top = random.uniform(-0.3, 0.9, 2) * size
        width = max(written.stroke * random.uniform(0.7, 1.3), 1)
        strokes = _in_cell(_character(sources, "row", random), (left, top, left + tall, top + tall), width, random)
        ghost = Image.fromarray((pens.write(strokes, width, size, random).density * 255).astype(np.uint8))
        faint = ghost.filter(ImageFilter.GaussianBlur(log_uniform(random, 0.3, 4)))
        picture += np.asarray(faint, np.float32)[..., None] / 255 * random.uniform(0.04, 0.2) * (colour - picture)


def _widened(cell: Box, room: Doubles) -> Box:
    """Widen a cell to both sides by `room`, parts of its height, so that the writing has room, or crosses its sides."""
    left, top, right, bottom = cell
    across, down = room * (bottom - top)
    across = min(across, 0.2 * (right - left))
    return left - across, top - down, right + across, bottom + down
