"""Photographs and forms are read in any light; paper without writing is blank."""

import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from model.preprocessing.flat import flat_ink
from model.preprocessing.image_files import decode
from model.preprocessing.normalize import is_blank, normalize
from tests.helpers import paper_sheets, photographs
from tests.helpers.drawings import DRAWINGS, difference, encode, ink_of
from tests.helpers.paper import finder, read_ink
from tests.helpers.photographs import Conditions

# A photograph in good light: a little noise, and the light not quite even.
GOOD = Conditions(size=(400, 300), gradient=0.1, noise=1.5, blur=0.3)
EFFECTS = {
    "good light": {},
    "uneven light": {"gradient": 0.45, "vignette": 0.25},
    "shadow of a hand": {"shadow": "corner", "depth": 0.5},
    "shadow of a phone": {"shadow": "phone", "depth": 0.5, "penumbra": 0.005},
    "shadow across": {"shadow": "band", "depth": 0.5},
    "dim": {"exposure": 0.4, "noise": 3.0},
    "overexposed": {"exposure": 1.2},
    "warm light": {"warmth": 0.15},
    "grey paper": {"paper": "grey"},
    "squared paper": {"paper": "squared"},
    "small squares": {"paper": "squared", "height": 25.0},
    "lined paper": {"paper": "lined"},
    "ballpoint": {"pen": "ballpoint"},
    "pencil": {"pen": "pencil"},
    "felt tip": {"pen": "felt", "height": 30.0},
    "pencil on squared paper": {"pen": "pencil", "paper": "squared"},
    "small": {"digit": 0.2},
    "off the middle": {"offset": (0.15, -0.1)},
    "blur": {"blur": 2.0},
    "sharpening": {"sharpening": 1.0},
    "noise": {"noise": 6.0},
    "JPEG": {"quality": 30},
    "turned": {"rotation": 8.0, "paper": "squared"},
    "turned the other way": {"rotation": -8.0, "paper": "lined"},
    "aslant": {"perspective": 0.06, "paper": "squared"},
    "bent": {"bend": 0.006, "paper": "squared"},
    **{f"{mark} at the edges": {"marks": (mark,)} for mark in photographs.MARKS},
}


def photo(drawing, conditions: Conditions, seed: int = 0) -> bytes:
    image = photographs.photograph(drawing, conditions, np.random.default_rng(seed))
    return photographs.encode(image, conditions.quality)


@pytest.mark.parametrize("effect", EFFECTS)
def test_digits_are_read_with_each_effect(effect, recognizer):
    conditions = replace(GOOD, **EFFECTS[effect])
    labels = ["2", "5", "8"]
    photos = [photo(DRAWINGS[label], conditions, seed) for seed, label in enumerate(labels)]
    if effect != "overexposed":  # paper is then as white as a canvas
        assert all(flat_ink(decode(data)) is None for data in photos)
    assert [reading.label for reading in recognizer.read_files(photos)] == labels


@pytest.mark.parametrize("effect", [effect for effect in EFFECTS if effect != "writing at the edges"])
def test_paper_without_writing_is_blank(effect):
    conditions = replace(GOOD, **EFFECTS[effect])
    # The sharp edge of a shadow, or a mark far from the edges, may pass for a stroke.
    assert sum(is_blank(read_ink(photo([], conditions, seed))) for seed in range(3)) >= 2


def test_light_on_dark_is_read_too(recognizer):
    for label in "0123456789":
        chalk = ImageOps.invert(photographs.photograph(DRAWINGS[label], GOOD, np.random.default_rng(0)))
        assert recognizer.read_files([encode(chalk, "JPEG", quality=80)])[0].label == label


@pytest.mark.parametrize("mark", photographs.MARKS)
def test_marks_at_the_edges_are_left_out(mark):
    conditions = replace(GOOD, noise=0.5, pen="black")
    for seed in range(3):
        without = normalize(read_ink(photo(DRAWINGS["5"], conditions, seed)))
        marked = normalize(read_ink(photo(DRAWINGS["5"], replace(conditions, marks=(mark,)), seed)))
        assert difference(without, marked) < 0.15


def test_the_ink_has_soft_edges():
    ink = read_ink(photo(DRAWINGS["3"], replace(GOOD, pen="black", blur=1.5)))
    assert ink.max() == 255
    assert (ink[:20] == 0).all()
    between = np.mean((ink > 20) & (ink < 235)) / np.mean(ink > 20)
    assert 0.1 < between < 0.7


def test_a_photograph_is_normalised_as_its_strokes_are(recognizer):
    conditions = replace(GOOD, pen="felt", height=30.0, size=(800, 600))
    seen = normalize(read_ink(photo(DRAWINGS["5"], conditions)))
    closest = min(difference(seen, normalize(ink_of("5", width=width))) for width in range(4, 20))
    assert closest < 0.15


def test_faint_pencil_on_a_grainy_scan_is_ink():
    grain = np.random.default_rng(0).normal(0, 2.5, (600, 500))
    faint = np.zeros((600, 500))
    ink = ink_of("3", 260)
    faint[150 : 150 + ink.shape[0], 150 : 150 + ink.shape[1]] = ink * (30 / 255)
    scan = Image.fromarray((240 + grain - faint).astype(np.uint8))
    assert flat_ink(scan) is None
    assert difference(normalize(finder().find(scan).ink), normalize(ink_of("3"))) < 0.25


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 900), (900, 1), (8, 8), (23, 900), (24, 24), (25, 1000), (1023, 30), (60, 60)]
)
@pytest.mark.parametrize("content", ["noise", "grey", "gradient", "black and white"])
def test_odd_images_neither_fail_nor_take_long(shape, content):
    random = np.random.default_rng(0)
    pixels = {
        "noise": random.integers(0, 256, shape),
        "grey": np.full(shape, 119),
        "gradient": np.indices(shape).sum(axis=0) * 255 // sum(shape),
        "black and white": 255 * random.integers(0, 2, shape),
    }[content]
    started = time.process_time()
    ink = finder().find(Image.fromarray(pixels.astype(np.uint8))).ink
    normalize(ink)
    assert time.process_time() - started < 2
    assert ink.dtype == np.uint8
    assert max(ink.shape) <= 192
    if content == "grey":
        assert not ink.any()


@pytest.mark.parametrize("side", [30, 600, 2000])
def test_noise_does_not_take_long(side):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side, 3)).astype(np.uint8))
    started = time.process_time()
    finder().find(noise)
    assert time.process_time() - started < 2


def test_a_photograph_of_twelve_megapixels_does_not_take_long():
    small = photographs.photograph(DRAWINGS["5"], replace(GOOD, paper="squared"), np.random.default_rng(0))
    jpeg = encode(small.resize(photographs.TWELVE_MEGAPIXELS), "JPEG", quality=90)
    started = time.process_time()
    ink = read_ink(jpeg)
    assert time.process_time() - started < 2  # ten times what it takes
    assert max(ink.shape) <= 1023
    assert not is_blank(ink)


def test_all_papers_and_shadows_are_tried():
    tried = [replace(GOOD, **changes) for changes in EFFECTS.values()]
    assert {conditions.paper for conditions in tried} == set(paper_sheets.PAPERS)
    assert {conditions.shadow for conditions in tried} == {"none", "corner", "phone", "band"}
