"""Drawings whose edge is not paper: borders, rests of lines, pages around a pad, scanner margins, axes."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from benchmarks.scenes.files import (
    INKS,
    TABLES,
    Colour,
    any_colour,
    cloud,
    photographed,
    pick,
    put,
    scanned,
    screenshot,
    sheet,
)  # fmt: skip
from benchmarks.scenes.hand import Hand, Random, Scene
from model.preprocessing.normalize import normalize

CANVAS_PENS = (0.05, 0.24)  # as the page's pens are, as a part of the digit's longer side
BORDERS: tuple[Colour, ...] = (
    (0, 0, 0), (51, 51, 51), (128, 128, 128), (204, 204, 204), (221, 221, 221), (255, 0, 0), (0, 0, 255), (0, 128, 0),
    (13, 110, 253), (255, 165, 0),
)  # fmt: skip
PAGES: tuple[Colour, ...] = (
    (240, 240, 240), (221, 221, 221), (128, 128, 128), (30, 30, 30), (18, 18, 18), (43, 43, 43), (15, 23, 42),
    (33, 150, 243), (13, 71, 161), (52, 73, 94), (102, 126, 234),
)  # fmt: skip
FIGURE = (640, 480)  # as matplotlib saves it
AXES = (143, 58, 513, 428)  # the square of its axes
COLOUR_MAPS: dict[str, tuple[Colour, ...]] = {  # from the lowest value to the highest
    "gray": ((0, 0, 0), (255, 255, 255)),
    "gray_r": ((255, 255, 255), (0, 0, 0)),
    "viridis": ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)),
}


def border(hand: Hand, random: Random) -> Scene:
    """Capture a canvas with its CSS border of 1 to 4 pixels."""
    label, pad = _pad(hand, random, dark=random.random() < 0.15)
    return label, screenshot(_bordered(pad, random), random)


def border_number(hand: Hand, random: Random) -> Scene:
    """Capture a wide canvas with a number on it and its CSS border."""
    text, line = hand.row(random, int(random.integers(2, 7)), random.uniform(60, 140))
    margins = random.uniform(12, 90, 4)
    size = (int(line.shape[1] + margins[0] + margins[1]), int(line.shape[0] + margins[2] + margins[3]))
    pad = Image.new("RGB", size, "white")
    put(pad, line, (margins[0] + line.shape[1] / 2, margins[2] + line.shape[0] / 2), _screen_ink(random))
    return text, screenshot(_bordered(pad, random), random)


def cell(hand: Hand, random: Random) -> Scene:
    """Cut a cell out of a table or a sudoku, with rests of its lines on one to three sides."""
    side = int(random.integers(60, 320))
    label, ink = hand.digit(random, side * random.uniform(0.4, 0.72))
    page = sheet((side, side), random)
    shift = random.uniform(-0.06, 0.06, 2) * side
    put(page, ink, (side / 2 + shift[0], side / 2 + shift[1]), pick(random, INKS))
    colour = pick(random, ((0, 0, 0), (40, 40, 40), (110, 110, 110), (160, 160, 165), (60, 90, 160)))
    sides = random.permutation(4)[: int(random.integers(1, 4))]
    for turn in range(4):
        if turn in sides:
            thickness = max(1, round(side * random.uniform(0.008, 0.05)))
            top, bottom = (thickness / 2 + random.uniform(-0.01, 0.035, 2) * side).tolist()
            ImageDraw.Draw(page).line((top, 0, bottom, side), colour, thickness)
        page = page.transpose(Image.Transpose.ROTATE_90)
    return label, scanned(page, random, skew=0.6)


def white_pad(hand: Hand, random: Random) -> Scene:
    """Take a screenshot of a white pad on a grey, dark or blue page, with and without a border."""
    label, pad = _pad(hand, random)
    pad = _bordered(pad, random) if random.random() < 0.5 else pad
    return label, screenshot(_on_page(pad, pick(random, PAGES), random), random)


def black_pad(hand: Hand, random: Random) -> Scene:
    """Take a screenshot of a black pad with white ink on a white page."""
    label, pad = _pad(hand, random, dark=True)
    pad = _bordered(pad, random) if random.random() < 0.3 else pad
    level = int(random.integers(244, 256))
    return label, screenshot(_on_page(pad, (level, level, level), random), random)


def scanner_margin(hand: Hand, random: Random) -> Scene:
    """Scan a sheet that is smaller than the scanner's bed, so that one to four sides are dark."""
    label, page = _beyond(hand, random, lambda size: Image.new("RGB", size, (int(random.integers(70)),) * 3))
    return label, scanned(page, random, skew=0.3)


def table_beside(hand: Hand, random: Random) -> Scene:
    """Photograph a sheet with the table that it lies on beside it, on one to four sides."""

    def table(size: tuple[int, int]) -> Image.Image:
        grain = cloud(size, (size[0] / 3, 6), random) * 9 + cloud(size, (3, 3), random) * 3  # as wood has it
        return Image.fromarray((np.array(pick(random, TABLES)) + grain[..., None]).clip(0, 255).astype(np.uint8))

    label, page = _beyond(hand, random, table)
    return label, photographed(page, random)


def plot(hand: Hand, random: Random) -> Scene:
    """Save a plot of a digit's 28×28 pixels with its axes and tick labels."""
    label, ink = hand.digit(random, 112, CANVAS_PENS)
    stops = COLOUR_MAPS[str(random.choice(list(COLOUR_MAPS), p=(0.5, 0.25, 0.25)))]
    bands = [np.interp(normalize(ink), np.linspace(0, 255, len(stops)), band) for band in zip(*stops, strict=True)]
    levels = np.stack(bands, axis=-1)
    figure = Image.new("RGB", FIGURE, "white")
    left, top, right, bottom = AXES
    side = right - left
    figure.paste(Image.fromarray(levels.astype(np.uint8)).resize((side, side), Image.Resampling.NEAREST), (left, top))
    pencil, font = ImageDraw.Draw(figure), ImageFont.load_default(size=13)
    pencil.rectangle(AXES, outline="black")
    for tick in range(0, 28, 5):
        along = (tick + 0.5) * side / 28
        pencil.line((left + along, bottom, left + along, bottom + 4), "black")
        pencil.line((left - 4, top + along, left, top + along), "black")
        pencil.text((left + along, bottom + 7), str(tick), "black", font, anchor="mt")
        pencil.text((left - 8, top + along), str(tick), "black", font, anchor="rm")
    if random.random() < 0.4:  # as bbox_inches="tight" saves it
        figure = figure.crop((left - 32, top - 10, right + 10, bottom + 30))
    return label, screenshot(figure, random)


def _screen_ink(random: Random) -> Colour:
    return (0, 0, 0) if random.random() < 0.7 else any_colour(random, 0, 140)


def _pad(hand: Hand, random: Random, dark: bool = False) -> tuple[str, Image.Image]:
    """Draw a digit at any place of a canvas, black on white or white on black."""
    width = int(random.integers(140, 420))
    height = width if random.random() < 0.7 else int(width * random.uniform(0.7, 1.3))
    label, ink = hand.digit(random, min(width, height) * random.uniform(0.35, 0.8), CANVAS_PENS)
    room = np.array((width, height)) - ink.shape[::-1]
    left, top = random.uniform(np.minimum(6, room / 2), np.maximum(room - 6, room / 2))
    paper = (0, 0, 0) if random.random() < 0.7 else any_colour(random, 0, 35)
    pad = Image.new("RGB", (width, height), paper if dark else "white")
    put(pad, ink, (left + ink.shape[1] / 2, top + ink.shape[0] / 2), (255, 255, 255) if dark else _screen_ink(random))
    return label, pad


def _bordered(pad: Image.Image, random: Random) -> Image.Image:
    """Draw a CSS border of 1 to 4 pixels of any colour around a pad: solid, dashed, or with round corners."""
    width = int(random.integers(1, 5))
    colour = pick(random, BORDERS) if random.random() < 0.6 else any_colour(random)
    style = random.choice(("solid", "dashed", "round"), p=(0.7, 0.12, 0.18))
    size = (pad.width + 2 * width, pad.height + 2 * width)
    framed = Image.new("RGB", size, colour if style == "solid" else pad.getpixel((0, 0)))
    pencil = ImageDraw.Draw(framed)
    for start in range(0, max(size), 6 * width) if style == "dashed" else ():
        end = start + 3 * width - 1
        for near in (0, size[1] - width):
            pencil.rectangle((start, near, end, near + width - 1), fill=colour)
        for near in (0, size[0] - width):
            pencil.rectangle((near, start, near + width - 1, end), fill=colour)
    framed.paste(pad, (width, width))
    if style == "round":
        radius = float(random.uniform(4, 16))
        pencil.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius, outline=colour, width=width)
    return framed


def _on_page(pad: Image.Image, colour: Colour, random: Random) -> Image.Image:
    """Lay a pad on a page, now and then with a shadow around it or on a gradient."""
    left, top, right, bottom = (random.uniform(0.02, 0.5, 4) * max(pad.size)).astype(int).tolist()
    size = (left + pad.width + right, top + pad.height + bottom)
    page = Image.new("RGB", size, colour)
    if random.random() < 0.2:
        other = tuple(int(band * random.uniform(0.6, 0.95)) for band in colour)
        page = Image.composite(Image.new("RGB", size, other), page, Image.linear_gradient("L").resize(size))
    if random.random() < 0.25:
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).rectangle((left, top + 4, left + pad.width, top + pad.height + 4), fill=90)
        page.paste((0, 0, 0), mask=mask.filter(ImageFilter.GaussianBlur(8)))
    page.paste(pad, (left, top))
    return page


def _beyond(hand: Hand, random: Random, ground: Callable[[tuple[int, int]], Image.Image]) -> tuple[str, Image.Image]:
    """Lay a sheet with a digit on a ground, which is seen on one to four sides along edges that are a little askew."""
    longer = int(random.integers(320, 900))
    shorter = int(longer * random.uniform(0.65, 1))
    size = (longer, shorter) if random.random() < 0.5 else (shorter, longer)
    seen = np.zeros(4)  # the part of the sides left, top, right, bottom
    chosen = random.permutation(4)[: int(random.integers(1, 5))]
    seen[chosen] = random.uniform(0.03, 0.14, len(chosen))
    left, top, right, bottom = np.where(seen > 0, seen, -0.1)  # elsewhere the sheet goes on beyond the image
    corners = np.array([(left, top), (1 - right, top), (1 - right, 1 - bottom), (left, 1 - bottom)])
    corners += random.uniform(-0.012, 0.012, (4, 2))
    page, mask = ground(size), Image.new("L", size)
    ImageDraw.Draw(mask).polygon([tuple(corner) for corner in corners * size], fill=255)
    page.paste(sheet(size, random), mask=mask)
    clear = (1 - seen[:2] - seen[2:]) * size
    label, ink = hand.digit(random, clear.min() * random.uniform(0.3, 0.65))
    middle = (1 + seen[:2] - seen[2:]) / 2 * size + random.uniform(-0.08, 0.08, 2) * clear
    put(page, ink, (middle[0], middle[1]), pick(random, INKS))
    return label, page
