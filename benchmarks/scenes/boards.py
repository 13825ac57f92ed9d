"""Photographs of light ink on dark boards, of colour on colour, and of whiteboards."""

import colorsys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.scenes.files import Colour, cloud, photographed, pick
from benchmarks.scenes.hand import Hand, Random, Scene
from model.preprocessing.arrays import Floats

BOARDS: tuple[Colour, ...] = ((22, 62, 45), (34, 74, 56), (44, 46, 48), (24, 25, 27), (38, 50, 62), (58, 66, 60))
CHALKS: tuple[Colour, ...] = ((240, 240, 232), (240, 240, 232), (244, 226, 130), (240, 178, 180), (170, 205, 240))
MARKERS: tuple[Colour, ...] = ((25, 25, 30), (30, 50, 160), (190, 30, 40), (20, 120, 70))
CHALK_WIDTHS = (0.03, 0.06)  # of the image's longer side
MARKER_WIDTHS = (0.008, 0.03)
PEN_WIDTHS = (0.008, 0.025)
BRIGHT = (0.8, 1.1)  # exposure of dark boards and colours: a camera makes up for them
SAME = 25.0  # in levels: how far the lightness of ink and paper may differ
APART = 60.0  # in levels of blue and red difference (Cb, Cr): how far their colours must


def chalk(hand: Hand, random: Random) -> Scene:
    """Photograph broad chalk on a clean blackboard."""
    return _chalked(hand, random, _board(random, _frame(random)))


def wiped_chalk(hand: Hand, random: Random) -> Scene:
    """Photograph broad chalk on a blackboard with the smears of what was wiped away."""
    size = _frame(random)
    board = _board(random, size)
    smears = Image.new("L", size)
    for _ in range(int(random.integers(2, 7))):
        _wipe(smears, random)
    smears = smears.filter(ImageFilter.GaussianBlur(0.006 * min(size)))
    if random.random() < 0.5:  # and the ghost of a digit
        _, ink = hand.digit(random, min(size) * random.uniform(0.3, 0.7))
        ghost = Image.fromarray(ink).point(lambda value: value * 0.22).filter(ImageFilter.GaussianBlur(6))
        smears.paste(255, tuple((random.uniform(0, 0.6, 2) * size).astype(int).tolist()), ghost)
    strength = np.asarray(smears, float)[..., None] / 255
    return _chalked(hand, random, board + strength * (np.array((225, 225, 218)) - board))


def same_lightness(hand: Hand, random: Random) -> Scene:
    """Photograph a digit in a colour of the paper's own lightness, such as grey on green or red on blue."""
    size = _frame(random)
    paper, ink = _colours_of_one_lightness(random)
    page = np.array(paper) + 1.5 * cloud(size, (3, 3), random)[..., None]
    label, coverage = _coverage(hand, random, size, PEN_WIDTHS)
    return label, photographed(
        _image(page + coverage[..., None] * (np.array(ink) - page)), random, exposure=random.uniform(*BRIGHT)
    )


def whiteboard(hand: Hand, random: Random) -> Scene:
    """Photograph marker on a whiteboard, with glare, and now and then a ghost of what was wiped away."""
    size = _frame(random)
    page = np.full((size[1], size[0], 3), random.uniform(205, 245)) + random.uniform(-5, 5, 3)
    colour = np.array(pick(random, MARKERS))
    if random.random() < 0.4:
        ghost = _coverage(hand, random, size, MARKER_WIDTHS)[1]
        page += 0.06 * ghost[..., None] * (np.array(pick(random, MARKERS)) - page)
    label, coverage = _coverage(hand, random, size, MARKER_WIDTHS)
    streaks = (1 - 0.12 * np.abs(cloud(size, (12, 12), random))).clip(0.6, 1)  # where the marker is dry
    page += (coverage * streaks * random.uniform(0.75, 0.98))[..., None] * (colour - page)
    return label, photographed(_image(page), random, _glare(size, random))


def _chalked(hand: Hand, random: Random, board: Floats) -> Scene:
    """Write on a board (H, W, 3) with chalk, whose grain leaves gaps."""
    size = (board.shape[1], board.shape[0])
    label, coverage = _coverage(hand, random, size, CHALK_WIDTHS)
    grain = cloud(size, (1.6, 1.6), random) + 0.6 * cloud(size, (5, 5), random)
    covered = coverage * (random.uniform(0.7, 1) + random.uniform(0.08, 0.3) * grain).clip(0, 1)
    pixels = board + covered[..., None] * (np.array(pick(random, CHALKS)) - board)
    return label, photographed(_image(pixels), random, exposure=random.uniform(*BRIGHT))


def _wipe(smears: Image.Image, random: Random) -> None:
    """Wipe with a sponge along a bend: it leaves streaks side by side."""
    path = np.linspace(random.uniform(-0.1, 1.1, 2), random.uniform(-0.1, 1.1, 2), 9) * smears.size
    across = np.array((path[0, 1] - path[-1, 1], path[-1, 0] - path[0, 0]))
    across /= max(1.0, np.hypot(*across))
    path += np.sin(np.linspace(0, np.pi, 9))[:, None] * across * random.uniform(-0.2, 0.2) * min(smears.size)
    breadth, strength = random.uniform(0.1, 0.3) * min(smears.size), random.uniform(15, 75)
    streak = breadth / 16
    for offset in np.arange(-breadth / 2, breadth / 2, streak):
        line = [tuple(point) for point in path + offset * across]
        ImageDraw.Draw(smears).line(line, int(strength * random.uniform(0.3, 1)), round(streak) + 1, joint="curve")


def _board(random: Random, size: tuple[int, int]) -> Floats:
    """Paint a blackboard (H, W, 3), a little uneven."""
    uneven = 2.5 * cloud(size, (80, 80), random) + 1.5 * cloud(size, (3, 3), random)
    return np.array(pick(random, BOARDS)) + uneven[..., None]


def _frame(random: Random) -> tuple[int, int]:
    longer, aspect = int(random.integers(480, 1000)), float(random.choice((4 / 3, 3 / 4, 1.0)))
    return (longer, round(longer / aspect)) if aspect >= 1 else (round(longer * aspect), longer)


def _coverage(hand: Hand, random: Random, size: tuple[int, int], widths: tuple[float, float]) -> tuple[str, Floats]:
    """Write a digit near the middle of an image: (H, W), 0 to 1. The pen's `widths` are parts of the longer side."""
    part = random.uniform(0.35, 0.75)
    side = part * min(size)
    label, ink = hand.digit(random, side, (widths[0] * max(size) / side, widths[1] * max(size) / side))
    room = np.array(size) - ink.shape[::-1]
    left, top = (room * random.uniform(0.35, 0.65, 2)).astype(int).tolist()
    coverage = np.zeros((size[1], size[0]), np.float32)
    coverage[top : top + ink.shape[0], left : left + ink.shape[1]] = ink / np.float32(255)
    return label, coverage


def _colours_of_one_lightness(random: Random) -> tuple[Colour, Colour]:
    """Choose the colour of a paper and one of an ink, which differ in hue or saturation, but not in lightness."""
    while True:
        paper, ink = (
            tuple(round(255 * band) for band in colorsys.hsv_to_rgb(random.random(), saturation, value))
            for saturation, value in (
                (random.uniform(0.2, 0.65), random.uniform(0.65, 1)),
                (random.choice((0, random.uniform(0.5, 1))), random.uniform(0.4, 0.95)),
            )
        )
        first, second = (Image.new("RGB", (1, 1), colour).convert("YCbCr").getpixel((0, 0)) for colour in (paper, ink))
        lightness, *difference = np.subtract(first, second).tolist()
        if abs(lightness) < SAME and np.hypot(*difference) > APART:
            return paper, ink


def _glare(size: tuple[int, int], random: Random) -> Floats:
    """Shine lamps on a glossy board: spots and bars, (H, W) from 0 to at most 0.8."""
    glare = np.zeros((size[1], size[0]), np.float32)
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    for _ in range(int(random.integers(1, 4))):
        middle, radii = random.uniform(0, 1, 2) * size, random.uniform(0.04, 0.22, 2) * min(size)
        angle = random.uniform(0, np.pi)
        along = (x - middle[0]) * np.cos(angle) + (y - middle[1]) * np.sin(angle)
        across = (y - middle[1]) * np.cos(angle) - (x - middle[0]) * np.sin(angle)
        spot = np.exp(-((np.hypot(along / radii[0], across / radii[1])) ** 3))
        glare = np.maximum(glare, random.uniform(0.35, 0.8) * spot)
    return glare


def _image(pixels: Floats) -> Image.Image:
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
