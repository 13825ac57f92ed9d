"""The frame maps the 28×28 image to what was sent: a dot at a known place is found there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from model.explain import inspection
from model.explain.inspection import Wanted
from tests.helpers.drawings import encode, ink_of

# An L leaves its upper right free for the dot.
CORNER = [[(10, 5), (10, 90), (70, 90)]]
places = st.tuples(st.floats(42, 68), st.floats(10, 60))


def check_dot(found: inspection.Inspection, x: float, y: float) -> None:
    """Find the dot, drawn at (x, y), at the corresponding place of the 28×28 image."""
    left, top, side = found.frame
    column, row = 28 * (x - left) / side, 28 * (y - top) / side
    rows, columns = np.mgrid[:28, :28] + 0.5  # the middles of the pixels
    near = found.reading.seen * (np.hypot(rows - row, columns - column) < 3.5)
    assert found.reading.seen[int(row), int(column)] > 60
    assert (near * rows).sum() / near.sum() == pytest.approx(row, abs=0.4)
    assert (near * columns).sum() / near.sum() == pytest.approx(column, abs=0.4)


def picture(side: int, dot: tuple[float, float], at: tuple[int, int] = (0, 0), size: tuple[int, int] = (100, 100)):
    """Draw the L and the dot black on white, `side` pixels for a hundred units, `at` units from the corner."""
    unit = side / 100
    image = Image.new("L", (round(size[0] * unit), round(size[1] * unit)), 255)
    pencil = ImageDraw.Draw(image)
    moved = [((x + at[0]) * unit, (y + at[1]) * unit) for x, y in CORNER[0]]
    pencil.line(moved, fill=0, width=round(8 * unit))
    x, y = ((place + by) * unit for place, by in zip(dot, at, strict=True))
    pencil.ellipse((x - 4 * unit, y - 4 * unit, x + 4 * unit, y + 4 * unit), fill=0)
    return image, x, y


@given(dot=places, scale=st.floats(0.001, 100), x=st.floats(-500, 500), y=st.floats(-500, 500))
def test_of_strokes_in_any_unit(recognizer, dot, scale, x, y):
    moved = [[(scale * (a + x), scale * (b + y)) for a, b in stroke] for stroke in (*CORNER, [dot])]
    found = inspection.inspect_drawing(recognizer, moved, 8 * scale, Wanted())
    check_dot(found, scale * (dot[0] + x), scale * (dot[1] + y))


@given(dot=places, x=st.integers(0, 300), y=st.integers(0, 150))
def test_of_a_file(recognizer, dot, x, y):
    image, *where = picture(120, dot, (x, y), (420, 260))
    check_dot(inspection.inspect_file(recognizer, encode(image), Wanted()), *where)


@pytest.mark.parametrize("side", [1500, 2047, 2048, 3100])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_of_a_file_that_is_reduced(recognizer, side, kind):
    image, *where = picture(side, (60, 30), (13, 7), (120, 110))
    check_dot(inspection.inspect_file(recognizer, encode(image, kind), Wanted()), *where)


def test_of_a_photograph(recognizer):
    ink = ink_of("8", 200)
    height, width = ink.shape
    paper = np.full((500, 600), 225.0)
    paper[180 : 180 + height, 310 : 310 + width] -= 0.75 * ink
    paper = paper * np.linspace(0.7, 1, 600) + np.random.default_rng(0).normal(0, 3, paper.shape)
    photo = Image.fromarray(paper.clip(0, 255).astype(np.uint8))
    left, top, side = inspection.inspect_file(recognizer, encode(photo, "JPEG"), Wanted()).frame
    assert left + side / 2 == pytest.approx(310 + width / 2, abs=12)
    assert top + side / 2 == pytest.approx(180 + height / 2, abs=12)
    assert side == pytest.approx(height * 28 / 20, rel=0.1)


def test_of_a_file_that_is_turned_upright(recognizer):
    image, *where = picture(300, (60, 30), (13, 7), (150, 110))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90° clockwise
    data = encode(image.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)
    check_dot(inspection.inspect_file(recognizer, data, Wanted()), *where)


def test_empty_paper_has_no_frame(recognizer):
    assert inspection.inspect_drawing(recognizer, [], None, Wanted()).frame is None
