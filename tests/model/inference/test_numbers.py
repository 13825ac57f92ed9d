"""Numbers are segmented and read, by committed weights with and without rejection."""

import dataclasses

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model.inference import numbers
from model.inference.recognizer import Recognizer
from model.preprocessing import strokes
from model.preprocessing.components import find_components
from tests.helpers import photographs
from tests.helpers.drawings import ROOT, encode
from tests.helpers.number_images import row_image, row_png, strokes_of


def read(recognizer: Recognizer, data: bytes) -> numbers.Number:
    return numbers.read_files(recognizer, [data])[0]


@pytest.mark.parametrize(
    "text", ["7", "44", "2024", "90210", "0123456789", "123456789012", "-7", "3.14", "-12.5", "0.5", "5555"]
)
def test_numbers_are_read(recognizer, text):
    number = read(recognizer, row_png(text))
    assert number.text == text
    assert number.verdict in ("sure", "unsure")
    assert "".join(digit.label for digit in number.digits) == text.replace(".", "").replace("-", "")
    for digit in number.digits:
        probabilities = digit.reading.probabilities
        assert sum(probabilities.values()) == pytest.approx(1)
        assert digit.reading.confidence == max(probabilities.values()) == probabilities[digit.label]
    assert 0 < number.confidence <= min(digit.reading.confidence for digit in number.digits)


@pytest.mark.parametrize(
    "drawn",
    [
        pytest.param({"drops": (0, 20, -15, 10)}, id="uneven"),
        pytest.param({"width": 4}, id="thin"),
        pytest.param({"width": 14}, id="thick"),
        pytest.param({"height": 40}, id="small"),
        pytest.param({"height": 400}, id="large"),
        pytest.param({"margin": 300}, id="on a large sheet"),
        pytest.param({"margin": 1}, id="up to the edges"),
        pytest.param({"gap": 80}, id="far apart"),
    ],
)
def test_size_pen_and_spacing_do_not_matter(recognizer, drawn):
    assert read(recognizer, row_png("2024", **drawn)).text == "2024"


def test_touching_digits_are_separated(recognizer):
    image = row_image("2024", gap=2)
    assert len(find_components(np.asarray(image) < 128)) == 2  # the first three touch
    assert read(recognizer, encode(image)).text == "2024"


def test_digits_that_touch_are_sure_where_their_line_is(recognizer):
    """What was cut out of its neighbours is short of something: its own network may refuse it."""
    number = read(recognizer, row_png("2024", gap=-8))
    assert (number.text, number.verdict) == ("2024", "sure")
    assert {digit.reading.verdict for digit in number.digits} == {"sure"}
    assert all(digit.reading.alternatives == () for digit in number.digits)


def test_what_may_miss_a_point_is_unsure(recognizer):
    """A photographed 22:28 without its colon would be a clear 2228."""
    scan = recognizer.scan(row_png("2024"))
    scan = dataclasses.replace(scan, paper=(), scale=2.0, left=10.0)
    nothing, above, unsure = (
        numbers.read_scan_of_number(recognizer, dataclasses.replace(scan, misses=misses))
        for misses in ((), ((40, 2, 2, 3),), ((40, 50, 2, 3),))
    )
    for sure in (nothing, above):
        assert (sure.text, sure.verdict) == ("2024", "sure")
    assert (unsure.text, unsure.verdict) == ("2024", "unsure")
    assert "missed" not in sure.document()
    assert unsure.document()["missed"] == [(90, 100, 4, 6)]


def test_light_ink_on_a_dark_board(recognizer):
    assert read(recognizer, encode(Image.eval(row_image("2024"), lambda value: 255 - value))).text == "2024"


def test_specks_are_ignored(recognizer):
    image = row_image("2024", margin=60)
    random = np.random.default_rng(0)
    for x, y in random.uniform(0, 1, (30, 2)) * image.size:
        ImageDraw.Draw(image).point((x, y), 0)
    assert read(recognizer, encode(image)).text == "2024"


def boxes_of(image: Image.Image, count: int) -> list[list[int]]:
    """Find the boxes of separate digits from the columns that have ink."""
    ink = np.asarray(image.convert("L")) < 128
    columns = np.flatnonzero(np.diff(ink.any(axis=0).astype(int), prepend=0))
    spans = columns.reshape(-1, 2)
    assert len(spans) == count
    boxes = []
    for left, right in spans.tolist():
        rows = np.flatnonzero(ink[:, left:right].any(axis=1))
        boxes.append([left, int(rows[0]), right - left, int(rows[-1] + 1 - rows[0])])
    return boxes


@pytest.mark.parametrize(("height", "margin"), [(90, 30), (350, 40), (900, 500)])
def test_boxes_in_pixels_of_the_image(recognizer, height, margin):
    image = row_image("2024", height=height, margin=margin)
    number = read(recognizer, encode(image))
    assert number.text == "2024"
    found, expected = np.array([digit.box for digit in number.digits]), np.array(boxes_of(image, 4))
    assert np.abs(found - expected).max() <= 2 + 0.04 * height


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_boxes_in_the_upright_image(recognizer, orientation):
    image = row_image("2024", height=300)
    turned = image.rotate({3: 180, 6: 90, 8: -90}[orientation], expand=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    number = read(recognizer, encode(turned, "JPEG", exif=exif, quality=95))
    assert number.text == "2024"
    found, expected = np.array([digit.box for digit in number.digits]), np.array(boxes_of(image, 4))
    assert np.abs(found - expected).max() <= 14


def test_boxes_in_a_photograph(recognizer):
    taken = photographs.Conditions(size=(1600, 1200), digit=0.5, noise=3, gradient=0.3)
    drawing = [np.array(stroke) for stroke in strokes_of("314")]
    photograph = photographs.photograph(drawing, taken, np.random.default_rng(1))
    number = read(recognizer, encode(photograph, "JPEG", quality=85))
    assert number.text == "314"
    rows, columns = np.nonzero(np.asarray(photograph.convert("L")) < 110)
    lefts, tops, widths, heights = np.array([digit.box for digit in number.digits]).T
    corners = lefts.min(), tops.min(), (lefts + widths).max(), (tops + heights).max()
    assert corners == pytest.approx((columns.min(), rows.min(), columns.max(), rows.max()), abs=12)


@pytest.mark.parametrize("unit", [0.01, 1, 250])
def test_boxes_in_the_unit_of_the_strokes(recognizer, unit):
    drawing = [[(x * unit - 7 * unit, y * unit) for x, y in stroke] for stroke in strokes_of("-20.24")]
    number = numbers.read_drawing(recognizer, drawing, 8 * unit)
    assert number.text == "-20.24"
    assert numbers.read_drawing(recognizer, drawing).text == "-20.24"
    for digit, place in zip(number.digits, (1, 2, 4, 5), strict=True):
        before = len(strokes_of("-20.24"[:place]))
        points = np.concatenate(strokes_of("-20.24"[: place + 1])[before:]) - (7, 0)
        left, top, width, height = (side / unit for side in digit.box)
        assert np.abs(np.array((left, top)) - (points.min(axis=0) - 4)).max() < 4
        assert np.abs(np.array((left + width, top + height)) - (points.max(axis=0) + 4)).max() < 4


@pytest.mark.parametrize("empty", [[], [[]]])
def test_blank(recognizer, empty):
    assert numbers.read_drawing(recognizer, empty) == numbers.Number(None, 0.0, (), "blank")
    assert read(recognizer, encode(Image.new("L", (200, 100), 255))).verdict == "blank"


def test_not_a_number(recognizer):
    grain = np.pad(np.random.default_rng(0).choice([0, 255], (200, 300)).astype(np.uint8), 20, constant_values=255)
    assert read(recognizer, encode(Image.fromarray(grain))).text is None
    dash = numbers.read_drawing(recognizer, [[(0, 0), (50, 0)]], 5)
    assert (dash.text, dash.verdict) == (None, "not-a-number")


@pytest.mark.parametrize("drawing", [[[(0, 0)]], [[(5, 5), (5, 5)]], [[(0, 0), (1e6, 0)]], [[(0, 0), (0, 1e-9)]]])
def test_degenerate_drawings_are_answered(recognizer, drawing):
    assert numbers.read_drawing(recognizer, drawing).verdict in ("sure", "unsure", "not-a-number")
    assert strokes.draw_row(drawing).ink.any()


def test_a_network_without_rejection_reads_numbers():
    assert read(Recognizer.load(ROOT / "weights" / "lenet5.safetensors"), row_png("90210")).text == "90210"
