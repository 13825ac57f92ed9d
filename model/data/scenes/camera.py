"""What light, lens and file format leave of a sheet: shadows, folds, perspective, blur, noise, few pixels, JPEG.

A sheet is a picture and its truth, images of the same size in RGB: the truth has ink in its first band and print in
its second.
"""

import io
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from model.data.sampling import log_uniform
from model.data.scenes.pens import Size, cloud
from model.preprocessing.arrays import Floats

WARP: Final = 0.06  # of the longer side: the greatest displacement of a corner


def light(size: Size, random: np.random.Generator) -> Floats:
    """Compute the light on each pixel of a photograph, (H, W, 3): 1 leaves white paper white."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = 2 * x / width - 1, 2 * y / height - 1
    exposure = random.uniform(0.55, 1.08) if random.random() < 0.85 else random.uniform(0.2, 0.6)
    shine = exposure * (1 - random.uniform(0, 0.4) * (_along(x, y, random) + 1) / 2)
    shine *= 1 - random.uniform(0, 0.3) * (x**2 + y**2) / 2
    for _ in range(int(random.choice([0, 1, 1, 2]))):  # shadows, sharp or soft
        edge = _along(x, y, random) - random.uniform(-0.7, 0.7)
        shade = 1 / (1 + np.exp((edge / log_uniform(random, 0.004, 0.25)).clip(-30, 30)))
        if random.random() < 0.45:  # that of a phone, or a band
            shade *= 1 / (1 + np.exp(((_along(x, y, random) - random.uniform(-0.5, 0.7)) / 0.03).clip(-30, 30)))
        shine *= 1 - random.uniform(0.1, 0.55) * shade
    if random.random() < 0.25:  # folds and crumples
        for _ in range(int(random.integers(1, 7))):
            edge = (_along(x, y, random) - random.uniform(-1, 1)) / log_uniform(random, 0.01, 0.4)
            shine *= 1 + random.normal(0, 0.05) * np.tanh(edge)
    if random.random() < 0.3:
        shine *= 1 + random.uniform(0.005, 0.03) * cloud(size, log_uniform(random, 3, 60), random)
    warmth = random.normal(0, 0.06)
    colour = np.array([1 + warmth, 1 + random.normal(0, 0.015), 1 - warmth], np.float32)
    return shine[..., None].astype(np.float32) * colour


def glare(size: Size, random: np.random.Generator) -> Floats:
    """Compute up to three reflections, (H, W, 1) from 0 to 1, as lamps leave on a whiteboard: spots and bars."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    shine = np.zeros((height, width), np.float32)
    for _ in range(int(random.integers(1, 4))):
        angle, (a, b) = random.uniform(0, np.pi), np.exp(random.uniform(np.log(0.03), np.log(0.4), 2)) * max(size)
        dx, dy = x - random.uniform(0, 1) * width, y - random.uniform(0, 1) * height
        across, along = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
        far = (across / a) ** 2 + (along / b) ** 2
        # The greater the power, the sharper the edge.
        shine = np.maximum(shine, random.uniform(0.2, 0.85) * np.exp(-(far ** random.uniform(0.8, 3)).clip(0, 80)))
    return shine[..., None].astype(np.float32)


def warp(
    picture: Image.Image, truth: Image.Image, margin: int, random: np.random.Generator
) -> tuple[Image.Image, Image.Image]:
    """See a sheet at a slight angle. `margin` pixels on each side of it are room for that, and are cut off."""
    width, height = picture.width - 2 * margin, picture.height - 2 * margin
    corners = np.array([[0, 0], [0, height], [width, height], [width, 0]], float) + margin
    if random.random() < 0.7:
        turn = np.radians(random.uniform(-6, 6))
        matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        middle = corners.mean(axis=0)
        moved = (corners - middle) @ matrix + middle + random.uniform(-1, 1, (4, 2)) * WARP * max(width, height) / 2
        corners = moved.clip(0, (picture.width, picture.height))
    quad = tuple(corners.ravel().tolist())
    how = (Image.Transform.QUAD, quad, Image.Resampling.BILINEAR)
    return picture.transform((width, height), *how), truth.transform((width, height), *how)


def record(
    picture: Image.Image,
    truth: Image.Image,
    longer_side: int,
    stroke: float,
    contrast: float,
    photo: bool,
    random: np.random.Generator,
) -> tuple[Image.Image, Image.Image]:
    """Record a picture with `longer_side` pixels, of which the image is an enlargement if they are fewer.

    `stroke` is the width of the thinnest stroke in pixels, and `contrast` the ink's, of 1: neither blur nor noise may
    hide the ink. Returns the picture and the truth as they are left.
    """
    size = picture.size
    scale = longer_side / max(size)
    if scale < 1:
        fewer = max(2, round(size[0] * scale)), max(2, round(size[1] * scale))
        picture, truth = (image.resize(fewer, Image.Resampling.BOX) for image in (picture, truth))
        stroke *= scale
    if photo or random.random() < 0.3:
        most = 0.9 * stroke + 0.5 if random.random() < 0.2 else 0.35 * stroke + 0.3
        picture = picture.filter(ImageFilter.GaussianBlur(random.uniform(0, min(most, 4))))
    if photo and random.random() < 0.4:
        picture = picture.filter(ImageFilter.UnsharpMask(random.uniform(0.6, 3), int(random.uniform(30, 150)), 0))
    if photo or random.random() < 0.15:
        picture = _noisy(picture, min(random.uniform(0, 9), 70 * contrast), random)
    if photo or random.random() < 0.5:
        picture = _compressed(picture, int(random.integers(25, 96)), random)
    if not photo and random.random() < 0.08:
        picture = _two_levels(picture, random)
    if scale < 1:
        how = random.choice(
            [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.NEAREST], p=[0.8, 0.15, 0.05]
        )
        picture, truth = picture.resize(size, how), truth.resize(size, Image.Resampling.BILINEAR)
    return picture, truth


def table(picture: Image.Image, truth: Image.Image, random: np.random.Generator) -> None:
    """Let the sheet end before the image does, on one to four sides: the table, or a scanner's dark margin."""
    width, height = picture.size
    mask = Image.new("L", picture.size)
    box = truth.getchannel(0).point(lambda level: 255 * (level > 60)).getbbox()
    left, top, right, bottom = box or (0.3 * width, 0.3 * height, 0.7 * width, 0.7 * height)
    room = np.array([left, top, width - right, height - bottom])  # that the writing leaves
    sides = random.permutation(4)[: random.choice([1, 1, 2, 3, 4])]
    pencil = ImageDraw.Draw(mask)
    skew = random.normal(0, 0.03) * (random.random() < 0.7)
    for side in sides.tolist():
        reach = min(random.uniform(0, 0.3) * (width, height)[side % 2], room[side] - 3)
        if reach < 1:
            continue
        length = (height, width)[side % 2]
        a, b = reach - skew * length / 2, reach + skew * length / 2
        if max(a, b) > room[side] - 2:
            a = b = reach
        corners = [(-9, -9), (a, -9), (b, length + 9), (-9, length + 9)]  # of the left side
        if side == 1:
            corners = [(y, x) for x, y in corners]
        elif side == 2:
            corners = [(width - x, y) for x, y in corners]
        elif side == 3:
            corners = [(y, height - x) for x, y in corners]
        pencil.polygon(corners, fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(random.uniform(0, 1.5)))
    level = random.uniform(0, 0.3) if random.random() < 0.5 else random.uniform(0, 1)
    colour = level + random.normal(0, 0.08, 3)
    wood = colour + random.uniform(0, 0.06) * cloud(picture.size, log_uniform(random, 2, 30), random)[..., None]
    picture.paste(Image.fromarray((wood.clip(0, 1) * 255).astype(np.uint8)), mask=mask)
    truth.paste((0, 0, 0), mask=mask)


def finger(picture: Image.Image, truth: Image.Image, random: np.random.Generator) -> None:
    """Lay a fingertip over an edge of the picture, where there is no ink."""
    place = random.uniform(0, 1, 2)
    place[random.integers(2)] = random.integers(2)
    x, y = place * picture.size
    a, b = (float(radius) for radius in random.uniform(0.05, 0.13, 2) * max(picture.size))
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((x - a, y - b, x + a, y + b), fill=255)
    if (np.asarray(mask) * (np.asarray(truth)[..., 0] > 60)).any():
        return
    skin = np.array([224, 172, 140]) * random.uniform(0.3, 1)
    picture.paste((30, 26, 26), mask=mask.filter(ImageFilter.GaussianBlur(a / 4)).point(lambda level: level * 0.3))
    picture.paste(tuple(skin.astype(int).tolist()), mask=mask.filter(ImageFilter.GaussianBlur(random.uniform(0.5, 2))))
    truth.paste((0, 0, 0), mask=mask)


def _along(x: Floats, y: Floats, random: np.random.Generator) -> Floats:
    angle = random.uniform(0, 2 * np.pi)
    return x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))


def _noisy(picture: Image.Image, deviation: float, random: np.random.Generator) -> Image.Image:
    levels = np.asarray(picture, np.float32)
    shape = levels.shape if random.random() < 0.5 else (*levels.shape[:2], 1)
    return Image.fromarray(
        (levels + deviation * random.standard_normal(shape, np.float32)).clip(0, 255).astype(np.uint8)
    )


def _compressed(picture: Image.Image, quality: int, random: np.random.Generator) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, subsampling=int(random.choice([0, 2])))
    return Image.open(file).convert("RGB")


def _two_levels(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    grey = np.asarray(picture.convert("L"), np.float32)
    low, high = np.quantile(grey, (0.005, 0.995))
    levels = 255 * (grey > low + random.uniform(0.4, 0.6) * (high - low))
    return Image.fromarray(levels.astype(np.uint8)).convert("RGB")
