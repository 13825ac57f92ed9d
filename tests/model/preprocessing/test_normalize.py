"""Properties of the normaliser, over seeded strokes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.files import WEIGHTS
from model.networks import description
from model.preprocessing.normalize import BOX, SIDE, normalize, place
from tests.helpers.drawings import DRAWINGS, difference, ink_of

labels = st.sampled_from(sorted(DRAWINGS))


def extent(image: np.ndarray, edge: int = 32) -> tuple[int, int]:
    rows, columns = np.flatnonzero((image > edge).any(axis=1)), np.flatnonzero((image > edge).any(axis=0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@given(label=labels, top=st.integers(0, 300), left=st.integers(0, 300))
def test_the_place_on_the_canvas_does_not_matter(label, top, left):
    ink = ink_of(label)
    canvas = np.zeros((ink.shape[0] + 300, ink.shape[1] + 300), np.uint8)
    canvas[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    assert np.array_equal(normalize(canvas), normalize(ink))


@given(label=labels, side=st.integers(80, 1000))
def test_size_does_not_matter_beyond_antialiasing(label, side):
    assert difference(normalize(ink_of(label, longer_side=side)), normalize(ink_of(label, longer_side=280))) < 0.25


@given(label=labels, darkest=st.integers(30, 250))
def test_pale_ink_gets_full_contrast(label, darkest):
    pale = (ink_of(label) * (darkest / 255)).round().astype(np.uint8)
    assert difference(normalize(pale), normalize(ink_of(label))) < 0.05


@given(label=labels, width=st.floats(2, 26), side=st.integers(30, 500))
def test_size_and_centre_are_those_of_mnist(label, width, side):
    image = normalize(ink_of(label, width=width, longer_side=side))
    assert image.shape == (SIDE, SIDE)
    assert image.dtype == np.uint8
    assert image.max() >= 250
    assert BOX - 1 <= max(extent(image)) <= BOX
    mass = image.astype(float) / image.sum()
    row, column = mass.sum(axis=1) @ np.arange(SIDE), mass.sum(axis=0) @ np.arange(SIDE)
    assert abs(row - 14) <= 0.5 + 1e-6
    assert abs(column - 14) <= 0.5 + 1e-6


@given(label=labels)
def test_a_normalised_image_stays_as_it_is(label):
    once = normalize(ink_of(label))
    assert np.array_equal(normalize(once), once)


def test_an_image_of_mnists_size_keeps_the_faint_edges_of_strokes():
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 12:16] = 255
    image[4:24, 11] = image[4:24, 16] = 20
    assert np.array_equal(normalize(image), image)


def test_lopsided_ink_keeps_all_of_its_ink():
    ink = np.zeros((100, 100), np.uint8)
    ink[:10, :] = 255
    ink[99, 99] = 255  # its centre of mass is far from its middle
    image = normalize(ink)
    assert max(extent(image, edge=1)) == BOX
    assert image[-1].max() > 0 or image[-2].max() > 0


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (5, 300), (280, 280)])
def test_no_ink_gives_an_empty_image(shape):
    assert not normalize(np.zeros(shape, np.uint8)).any()


def test_a_line_one_pixel_wide_survives():
    ink = np.zeros((600, 600), np.uint8)
    ink[20:580, 300] = 255
    assert extent(normalize(ink)) == (BOX, 1)


def test_the_frame_of_a_normalised_image_is_the_image():
    image = normalize(ink_of("3"))
    assert place(image).frame == pytest.approx((0, 0, 28))


@given(label=labels, side=st.integers(60, 400), top=st.integers(0, 90))
def test_the_frame_maps_the_centre_of_mass_to_the_ink(label, side, top):
    ink = np.pad(ink_of(label, longer_side=side), ((top, 5), (7, 90)))
    placed = place(ink)
    left, upper, whole = placed.frame
    for axis, start in ((1, upper), (0, left)):
        seen, sent = placed.image.sum(axis, dtype=float), ink.sum(axis, dtype=float)
        middle = seen @ (np.arange(28) + 0.5) / seen.sum()
        assert start + middle * whole / 28 == pytest.approx(
            sent @ (np.arange(len(sent)) + 0.5) / sent.sum(), abs=whole / 100
        )


def test_mnist_comes_out_as_it_is():
    files = [description.read(path) for path in sorted(WEIGHTS.glob("*.safetensors"))]
    examples = [example for file in files for example in zip(file.description.examples, file.pictures, strict=True)]
    digits = [picture for example, picture in examples if example.set == "validation"]  # the others are pen digits
    assert len(digits) > 300
    assert all(np.array_equal(normalize(digit), digit) for digit in digits)
