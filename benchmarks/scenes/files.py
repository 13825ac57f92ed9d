"""From a drawn page to the file that is sent: a scan, a screenshot, or a photograph."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageFilter

from benchmarks.canvas import encode
from model.preprocessing.arrays import Floats, Ink
from tests.helpers import photographs

Random = np.random.Generator
Colour = tuple[int, int, int]

INKS: tuple[Colour, ...] = ((20, 20, 24), (35, 35, 38), (28, 44, 140), (40, 60, 170), (70, 70, 74), (130, 20, 30))
TABLES: tuple[Colour, ...] = ((120, 84, 56), (60, 58, 60), (150, 112, 78), (70, 80, 92), (30, 26, 24))
BITONAL = 0.15  # the part of the scans that have no greys


def pick(random: Random, choices: tuple[Colour, ...]) -> Colour:
    """Choose a colour."""
    return choices[int(random.integers(len(choices)))]


def any_colour(random: Random, low: int = 0, high: int = 256) -> Colour:
    """Choose any colour whose bands lie from `low` to below `high`."""
    red, green, blue = random.integers(low, high, 3).tolist()
    return red, green, blue


def sheet(size: tuple[int, int], random: Random, low: int = 236) -> Image.Image:
    """Make a sheet of nearly white paper."""
    level = int(random.integers(low, 256))
    warmth = int(random.integers(0, 8))
    return Image.new("RGB", size, (level, level, max(0, level - warmth)))


def put(page: Image.Image, ink: Ink, middle: tuple[float, float], colour: Colour) -> None:
    """Paint ink onto the page, around `middle`."""
    left, top = round(middle[0] - ink.shape[1] / 2), round(middle[1] - ink.shape[0] / 2)
    page.paste(colour, (left, top), Image.fromarray(ink))


def cloud(size: tuple[int, int], grain: tuple[float, float], random: Random) -> Floats:
    """Make smooth noise (H, W) with a deviation of about 1, in blotches of `grain` pixels across and down."""
    coarse = random.standard_normal((int(size[1] / grain[1]) + 2, int(size[0] / grain[0]) + 2), np.float32)
    return np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))


def scanned(page: Image.Image, random: Random, skew: float = 1.2) -> bytes:
    """Scan a page: turned by up to `skew` degrees, a little blurred, in colour, in greys or in black and white."""
    turned = page.rotate(random.uniform(-skew, skew), Image.Resampling.BICUBIC, fillcolor=page.getpixel((0, 0)))
    turned = turned.filter(ImageFilter.GaussianBlur(random.uniform(0, 0.6)))
    if random.random() < BITONAL:
        return encode(turned.convert("L").point(lambda value: 255 * (value > 160)).convert("1"))
    noise = random.normal(0, random.uniform(0, 3), (page.height, page.width, 1))
    image = Image.fromarray((np.asarray(turned) + noise).clip(0, 255).astype(np.uint8))
    image = image.convert("L") if random.random() < 0.4 else image
    return encode(image, "JPEG", quality=int(random.integers(60, 96))) if random.random() < 0.5 else encode(image)


def screenshot(page: Image.Image, random: Random) -> bytes:
    """Save a screenshot: as PNG, with or without an alpha band, or now and then as JPEG."""
    if random.random() < 0.12:
        return encode(page, "JPEG", quality=int(random.integers(75, 96)))
    return encode(page.convert("RGBA") if random.random() < 0.5 else page, compress_level=1)


def photographed(page: Image.Image, random: Random, glare: Floats | None = None, **changes: float) -> bytes:
    """Photograph a page that fills the frame, as JPEG; `glare`, (H, W) from 0 to 1, is light that blinds.

    `changes` are conditions that differ from those of photographs of paper.
    """
    conditions = replace(
        photographs.random_conditions(random),
        rotation=random.uniform(-4, 4),
        perspective=random.uniform(0, 0.03),
        marks=(),
        quality=int(random.integers(55, 93)),
        **changes,
    )
    image = photographs.photograph_page(page, conditions, random)
    if glare is not None:
        image.paste("white", mask=Image.fromarray((glare * 255).astype(np.uint8)))
    return photographs.encode(image, conditions.quality)
