"""Sliding windows, dilation, closing and smoothing, at the edges as well."""

import numpy as np
import pytest

from model.preprocessing import morphology

IMAGE = np.random.default_rng(0).integers(0, 256, (14, 23)).astype(np.uint8)


@pytest.mark.parametrize("direction", [morphology.DOWN, morphology.ACROSS, *morphology.DIAGONALS])
@pytest.mark.parametrize("size", [1, 3, 7, 31])
def test_each_window_is_centred_on_its_pixel(direction, size):
    rows, columns = np.indices(IMAGE.shape)
    steps = range(-(size // 2), size // 2 + 1)
    around = [
        IMAGE[(rows + step * direction[0]).clip(0, 13), (columns + step * direction[1]).clip(0, 22)] for step in steps
    ]
    assert np.array_equal(morphology.slide(np.maximum, IMAGE, size, direction), np.max(around, axis=0))
    assert np.array_equal(morphology.slide(np.minimum, IMAGE, size, direction), np.min(around, axis=0))


def test_closing_fills_a_stroke_and_leaves_a_shadow():
    image = np.full((80, 80), 200, np.uint8)
    image[:, 10:22] = 50  # a stroke
    image[np.add.outer(np.arange(80), np.arange(80)) > 110] = 120  # half a plane, aslant
    closed = morphology.close(image, 15)
    assert (closed[:40, :60] == 200).all()
    inside = np.s_[36:64, 36:64]
    assert np.array_equal(closed[inside], image[inside])


def test_growing_adds_a_square():
    mask = np.zeros((9, 9), bool)
    mask[4, 4] = True
    assert morphology.grow(mask, 2).sum() == 25


def test_smoothing_is_the_mean_of_nine():
    smooth = morphology.smooth(IMAGE.astype(np.float32))
    assert smooth.shape == IMAGE.shape
    assert smooth[5, 5] == pytest.approx(IMAGE[4:7, 4:7].mean(), rel=1e-5)
