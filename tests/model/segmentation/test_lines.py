"""Lines are told apart, and each character's ink is its own."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model.preprocessing.components import find_components
from model.segmentation.characters import cut_out
from model.segmentation.lines import find_lines
from tests.helpers.number_images import row_image


def ink_of_lines(*texts: str, turn: float = 0, step: int = 150, aside: int = 0) -> np.ndarray:
    """Write lines of about 90 pixels of height below one another, turned by `turn` degrees."""
    images = [255 - np.asarray(row_image(text, margin=0)) for text in texts]
    page = np.zeros((step * len(texts) + 60, max(image.shape[1] for image in images) + aside * len(texts)), np.uint8)
    for number, image in enumerate(images):
        top, left = step * number + 20, aside * number
        here = page[top : top + image.shape[0], left : left + image.shape[1]]
        np.maximum(here, image, out=here)
    return np.asarray(Image.fromarray(np.pad(page, 120)).rotate(turn, Image.Resampling.BILINEAR))


def parts(ink: np.ndarray) -> int:
    return len(find_components(ink > 100))


@pytest.mark.parametrize("turn", [0, 4, -4])
@pytest.mark.parametrize("aside", [0, 60])
def test_lines_from_top_to_bottom(turn, aside):
    lines = find_lines(ink_of_lines("2024", "7", "31506", turn=turn, aside=aside))
    assert [parts(line.ink) for line in lines] == [4, 1, 5]
    assert all(earlier.top < later.top for earlier, later in pairwise(lines))


@pytest.mark.parametrize("aside", [-6, 0, 6])
@pytest.mark.parametrize("lower", [0, 35])
def test_the_rings_of_an_eight_are_one_line(aside, lower):
    """Some people write them one above the other without joining them, and perhaps above the digit before."""
    page = Image.new("L", (220, 140))
    draw = ImageDraw.Draw(page)
    draw.line([(40, 20 + lower), (30, min(115 + lower, 139))], fill=255, width=8)
    draw.ellipse((100 + aside, 20, 140 + aside, 66), outline=255, width=8)
    draw.ellipse((98, 70, 142, 118), outline=255, width=8)
    (line,) = find_lines(np.asarray(page))
    assert parts(line.ink) == 3


def test_points_and_signs_stay_with_their_line():
    lines = find_lines(ink_of_lines("-3.14", "0.5", "-20"))
    assert [parts(line.ink) for line in lines] == [5, 3, 3]


def test_a_long_comma_stays_with_its_line():
    page = Image.new("L", (300, 200))
    draw = ImageDraw.Draw(page)
    for x in (40, 90, 200, 250):
        draw.line([(x, 20), (x, 110)], fill=255, width=8)
    draw.line([(150, 100), (135, 155)], fill=255, width=8)
    (line,) = find_lines(np.asarray(page))
    assert parts(line.ink) == 5


def test_digits_far_apart_are_one_line():
    """As in a row of cells, of which those in the middle are empty."""
    digit = 255 - np.asarray(row_image("6", margin=0))
    height, width = digit.shape
    for below, count in ((20, 1), (height, 2)):  # the other is a little below it, or in the next line
        page = np.zeros((2 * height, 10 * height), np.uint8)
        page[:height, :width] = digit
        page[below : below + height, -width:] = digit
        assert len(find_lines(page)) == count


def test_a_line_is_the_ink_at_its_place():
    ink = ink_of_lines("2024")
    (line,) = find_lines(ink)
    height, width = line.ink.shape
    assert np.array_equal(ink[line.top : line.top + height, line.left : line.left + width], line.ink)
    assert line.parts == 4


def test_no_ink_has_no_line_and_grain_none_either():
    assert find_lines(np.zeros((50, 80), np.uint8)) == []
    grain = np.random.default_rng(0).choice([0, 255], (400, 400), p=[0.96, 0.04]).astype(np.uint8)
    assert find_lines(grain) is None


def test_each_character_has_its_own_ink():
    ink = ink_of_lines("204", step=100)
    columns = np.flatnonzero(np.diff((ink > 100).any(axis=0).astype(int)))
    spans = columns.reshape(-1, 2)
    middles = [float(a + b) / 2 for (_, a), (b, _) in pairwise(spans)]
    ends = [0.0, *middles, float(ink.shape[1])]
    cut = cut_out(ink, list(pairwise(ends)))
    assert [parts(character.ink) for character in cut] == [1, 1, 1]
    for character, (left, right) in zip(cut, spans.tolist(), strict=True):
        x, _, width, _ = character.box
        assert abs(x - left) <= 3
        assert abs(x + width - right) <= 3


def test_an_end_that_is_a_little_off_cuts_no_digit():
    ink = ink_of_lines("204", step=100)
    spans = np.flatnonzero(np.diff((ink > 100).any(axis=0).astype(int))).reshape(-1, 2)
    end = float(spans[0, 1]) - 4  # within the 2
    cut = cut_out(ink, [(0.0, end), (end, float(spans[2, 0]) - 5), (float(spans[2, 0]) - 5, float(ink.shape[1]))])
    assert parts(cut[1].ink) == 1
    assert cut[0].box[0] + cut[0].box[2] > spans[0, 1] - 2


def test_touching_characters_are_cut_where_one_ends():
    ink = np.zeros((60, 120), np.uint8)
    ink[20:40, 10:110] = 255
    left, right = cut_out(ink, [(0.0, 60.0), (60.0, 120.0)])
    assert left.box == (10, 20, 50, 20)
    assert right.box == (60, 20, 50, 20)
