"""Scenes: one digit, a number, other writing or none, on a sheet with what is printed and lies around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from model.data.sampling import log_uniform
from model.data.scenes import camera, pens, prints
from model.data.scenes.pens import Size
from model.data.scenes.prints import Box, Print
from model.data.scenes.writing import Sources, What, Written, character, in_cell, write
from model.preprocessing.arrays import Doubles, Floats

MARGIN: Final = 14  # in pixels: room for a photograph's perspective


DARK: Final = 0.45  # the lightness of a board, of 1: paper has more


@dataclass(frozen=True)
class Scene:
    """A `picture` (H, W, 3) uint8 and its `truth` (H, W, 2) uint8: how far ink, and print, cover each pixel."""

    picture: NDArray[np.uint8]
    truth: NDArray[np.uint8]


def compose(sources: Sources, size: Size, random: np.random.Generator, what: What | None = None) -> Scene:
    """Compose a scene of `size`, as a photograph, a scan or a screenshot, with `what` is written or with anything."""
    photo = random.random() < 0.6
    longer_side = 1600
    if random.random() < 0.4:
        longer_side = round(log_uniform(random, 24, 200) * max(1, size[0] / (2 * size[1])))
    margin = MARGIN if photo else 0
    sheet = size[0] + 2 * margin, size[1] + 2 * margin
    written = write(sources, sheet, margin, min(1.0, longer_side / max(size)), random, what)
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
    picture: Floats, written: Written, paper: Floats, colour: Floats, photo: bool, random: np.random.Generator
) -> Floats:
    """Print up to two kinds of things, in a colour of their own or in that of the ink. Returns where (H, W)."""
    size = picture.shape[1], picture.shape[0]
    room = random.uniform(-0.1, (0.35, 0.5))  # of the writing in its cells, which are alike
    if random.random() < 0.3:  # it fills them, and stands on the line
        room[1] = random.uniform(-0.05, 0.1)
    cells = [_widened(cell, room) for cell in written.cells]
    if random.random() < 0.25:  # the writing misses its place, and crosses the lines
        aside = (random.uniform(-0.6, 0.6, 2) * (cells[0][3] - cells[0][1])).tolist()
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


def _soil(picture: Floats, written: Written, paper: Floats, colour: Floats, random: np.random.Generator) -> None:
    """Leave specks, smears and writing that shows through from the other side."""
    size = picture.shape[1], picture.shape[0]
    canvas = Image.new("L", size)
    pencil = ImageDraw.Draw(canvas)
    if random.random() < 0.25 and not written.signs:  # specks of dirt, hardly broader than the pen: like points
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


def _wipe(picture: Floats, sources: Sources, written: Written, colour: Floats, random: np.random.Generator) -> None:
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
        strokes = in_cell(character(sources, "row", random), (left, top, left + tall, top + tall), width, random)
        ghost = Image.fromarray((pens.write(strokes, width, size, random).density * 255).astype(np.uint8))
        faint = ghost.filter(ImageFilter.GaussianBlur(log_uniform(random, 0.3, 4)))
        picture += np.asarray(faint, np.float32)[..., None] / 255 * random.uniform(0.04, 0.2) * (colour - picture)


def _widened(cell: Box, room: Doubles) -> Box:
    """Widen a cell to both sides by `room`, parts of its height, so that the writing has room, or crosses its sides."""
    left, top, right, bottom = cell
    across, down = room * (bottom - top)
    across = min(across, 0.2 * (right - left))
    return left - across, top - down, right + across, bottom + down
