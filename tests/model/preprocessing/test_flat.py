"""Drawings and screenshots are left exactly as they are; photographs and forms are told from them."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from model.preprocessing.arrays import bounds
from model.preprocessing.flat import flat_ink, has_print
from model.preprocessing.image_files import decode
from model.preprocessing.normalize import normalize
from tests.helpers.drawings import canvas_of, encode, ink_of

CANVAS = canvas_of("7")
PIXELS = np.asarray(CANVAS)
EDGES = np.pad(ink_of("1"), ((0, 200), (300, 300)))
# Clean images, and their ink.
CLEAN = {
    "canvas": (CANVAS, 255 - PIXELS),
    "light on dark": (ImageOps.invert(CANVAS), 255 - PIXELS),
    "image of MNIST's": (Image.fromarray(normalize(ink_of("5"))), normalize(ink_of("5"))),
    "strokes up to the edges": (Image.fromarray(255 - ink_of("4", 280, 40)), ink_of("4", 280, 40)),
    "part of a digit": (canvas_of("0", at=(200, 60)), 255 - np.asarray(canvas_of("0", at=(200, 60)))),
    "two parts, both at edges": (Image.fromarray(255 - EDGES), EDGES),
    "broad pen": (Image.fromarray(255 - ink_of("8", 400, 40)), ink_of("8", 400, 40)),
    "faint pencil": (Image.fromarray(250 - np.asarray(ink_of("3", 400)) // 8), ink_of("3", 400) // 8),
    "large": (canvas_of("7", side=1000), 255 - np.asarray(canvas_of("7", side=1000))),
}


@pytest.mark.parametrize("name", CLEAN)
def test_clean_images_are_untouched(name):
    image, ink = CLEAN[name]
    assert np.array_equal(flat_ink(image), ink)
    assert np.array_equal(flat_ink(decode(encode(image.convert("RGB")))), ink)


@pytest.mark.parametrize("quality", [30, 60, 90])
def test_a_drawing_saved_as_jpeg_is_clean(quality):
    for label in "0123456789":
        jpeg = encode(canvas_of(label, longer_side=200, width=16), "JPEG", quality=quality)
        assert flat_ink(decode(jpeg)) is not None


@pytest.mark.parametrize(("paper", "pen", "deviation"), [(0, 255, 25), (0, 255, 8), (255, 0, 25), (120, 250, 10)])
def test_grain_in_a_small_image_neither_widens_the_crop_nor_wears_off_the_strokes(paper, pen, deviation):
    for seed, label in enumerate("0123456789"):
        clean = normalize(ink_of(label))
        image = paper + (pen - paper) * (clean / 255) + np.random.default_rng(seed).normal(0, deviation, clean.shape)
        ink = flat_ink(Image.fromarray(image.clip(0, 255).astype(np.uint8)))
        (around,), (crop,) = bounds(clean, 32), bounds(ink, 32)
        assert np.abs(np.subtract(around, crop)).max() <= 3  # grain beside a stroke
        assert np.count_nonzero(ink[clean > 200]) == np.count_nonzero(clean > 200)


def test_a_small_image_with_a_shadow_or_all_grain_needs_the_ink_network():
    clean, random = normalize(ink_of("7")), np.random.default_rng(0)
    shaded = 220 - clean * 0.7 - np.linspace(0, 120, 28)
    grain = 128 + random.normal(0, 25, clean.shape)
    for image in (shaded, grain):
        assert flat_ink(Image.fromarray(image.clip(0, 255).astype(np.uint8))) is None


@pytest.mark.parametrize(("grain", "is_drawing"), [(0, True), (0.5, True), (2.7, False)])
def test_a_small_photograph_with_a_margin_of_one_grey_is_no_drawing(grain, is_drawing):
    """Cells that are cut out and padded have such margins."""
    paper = 200 - np.pad(ink_of("7", 44, 4) // 3, ((8, 8), (30, 30)))
    noise = np.random.default_rng(1).normal(0, grain, paper.shape)
    image = Image.fromarray(np.pad(paper + noise, 2, constant_values=200).clip(0, 255).astype(np.uint8))
    assert (flat_ink(image) is not None) == is_drawing


ROWS, COLUMNS = np.indices(PIXELS.shape)
NOT_FLAT = {
    "uneven light": PIXELS * np.linspace(1, 0.9, 280),
    "band": PIXELS - 20 * (ROWS + COLUMNS > 400),
    "grain": PIXELS * 0.9 + np.random.default_rng(0).normal(0, 3, PIXELS.shape),
    "squares": np.minimum(PIXELS, np.where((ROWS % 40 // 2 == 10) | (COLUMNS % 40 // 2 == 10), 190, 255)),
}


@pytest.mark.parametrize("name", NOT_FLAT)
def test_a_background_that_is_not_flat_is_noticed(name):
    assert flat_ink(Image.fromarray(NOT_FLAT[name].clip(0, 255).astype(np.uint8))) is None


def printed(draw) -> Image.Image:
    """Draw a small 7 on a canvas, and then what is printed around it."""
    image = canvas_of("7", longer_side=120)
    draw(ImageDraw.Draw(image))
    return image


PRINTED = {
    "box": lambda pencil: pencil.rectangle((50, 40, 220, 240), outline=0, width=3),
    "thin box": lambda pencil: pencil.rectangle((60, 60, 215, 225), outline=0),
    "grey frame at the edges": lambda pencil: pencil.rectangle((0, 0, 279, 279), outline=150, width=2),
    "boxes that stand apart": lambda pencil: [
        pencil.rectangle((6 + 68 * k, 90, 72 + 68 * k, 190), outline=0, width=2) for k in range(4)
    ],
    "a box that a stroke leaves": lambda pencil: (
        pencil.rectangle((60, 80, 200, 230), outline=0, width=2),
        pencil.line((130, 40, 120, 200), fill=0, width=12),
    ),
    "a box whose side a stroke covers": lambda pencil: (
        pencil.rectangle((40, 90, 150, 200), outline=0, width=3),
        pencil.line((150, 70, 146, 130, 156, 150, 150, 215), fill=0, width=14),
    ),
    "underline": lambda pencil: pencil.line((30, 230, 250, 230), fill=0, width=2),
    "slightly slanted line": lambda pencil: pencil.line((30, 232, 250, 226), fill=0, width=2),
    "side of a table": lambda pencil: pencil.line((8, 0, 8, 280), fill=0, width=4),
    "dark page beside the pad": lambda pencil: pencil.rectangle((200, 0, 280, 280), fill=40),
}


@pytest.mark.parametrize("name", PRINTED)
def test_lines_frames_and_pages_are_noticed(name):
    assert flat_ink(printed(PRINTED[name])) is None


def test_fine_grey_cells_are_noticed():
    """Their lines lie between two rows of pixels in places, and are faint there."""
    image = Image.new("L", (1440, 560))
    pencil = ImageDraw.Draw(image)
    for k in range(5):
        left, right = 120 + 240 * k, 360 + 240 * k
        pencil.line([(left, 160 - k * 5), (left, 400 - k * 5), (right, 395 - k * 5), (right, 155 - k * 5)], 110, 4)
        pencil.line([(left, 160 - k * 5), (right, 155 - k * 5)], 110, 4)
        pencil.line([(left + 90, 240), (left + 140, 330)], 255, 24)
    assert has_print(np.asarray(image.reduce(4)))


EMPTY = {
    "comb": lambda pencil: [
        pencil.line((30, 80, 330, 82), fill=255, width=3),
        *(pencil.line((30 + 60 * k, 81, 30 + 60 * k, 60), fill=255, width=3) for k in range(6)),
    ],
    "cells": lambda pencil: [pencil.rectangle((30 + 60 * k, 40, 90 + 60 * k, 100), outline=255) for k in range(5)],
    "field of a comb": lambda pencil: pencil.line(((120, 60), (120, 90), (200, 90), (200, 60)), fill=255, width=2),
}


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_form_is_no_dash(name):
    image = Image.new("L", (360, 140))
    EMPTY[name](ImageDraw.Draw(image))
    assert has_print(np.asarray(image))


def test_dashes_alone_are_a_drawing():
    image = Image.new("L", (280, 280))
    for top in (100, 130):
        ImageDraw.Draw(image).line((60, top, 200, top + 6), fill=255, width=8)
        assert not has_print(np.asarray(image))


@pytest.mark.parametrize("side", range(4))
def test_the_end_of_a_sheet_beside_a_digit_is_not_drawn(side):
    """A scan of a card with round corners ends in a narrow, broken strip along one edge."""
    ink = np.zeros((140, 100), np.uint8)
    ink[50:90, 40:46] = 230
    for columns, expected in ((slice(4, None, 3), True), (slice(4, 40), False)):
        beside = np.rot90(ink, side).copy()
        beside[0, columns] = beside[1, columns] = 200
        assert has_print(np.rot90(beside, -side)) == expected


@pytest.mark.parametrize("level", [20, 60, 100])
@pytest.mark.parametrize("slope", [0, 0.05])
def test_a_row_of_dashes_is_a_line_above_or_below_digits_and_hyphens_between_them(level, slope):
    image = Image.new("L", (400, 140))
    pencil = ImageDraw.Draw(image)
    for k in range(5):
        x, y = 40 + 70 * k, 3.5 * k * (slope > 0)
        pencil.ellipse((x, 35 + y, x + 30, 88 + y), outline=255, width=5)
        if k < 4:
            pencil.line((x + 38, level + y, x + 62, level + y + 24 * slope), fill=255, width=3)
    assert has_print(np.asarray(image)) == (level != 60)


def test_dashes_one_above_the_other_are_no_line():
    image = Image.new("L", (400, 140))
    pencil = ImageDraw.Draw(image)
    for left in range(40, 320, 70):
        pencil.ellipse((left, 35, left + 30, 118), outline=255, width=5)
    for top in (36, 44, 52, 60):
        pencil.line((330, top, 350, top), fill=255, width=3)
    assert not has_print(np.asarray(image))


def test_straight_strokes_are_no_lines():
    for width in (3, 6, 12, 24, 40):
        for strokes in (
            [[(0, 0), (0, 80)]],
            [[(0, 0), (50, 0), (20, 80)]],
            [[(20, 0), (0, 50), (60, 50)], [(40, 20), (40, 80)]],
        ):
            image = Image.new("L", (280, 280))
            pencil = ImageDraw.Draw(image)
            for stroke in strokes:
                pencil.line([(2 * x + 80, 2 * y + 60) for x, y in stroke], fill=255, width=width)
            assert not has_print(np.asarray(image))
