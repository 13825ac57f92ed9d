"""The readable convolution gives the same numbers as torch."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.explain.convolution import KERNELS, convolve, parse_kernel

sizes = st.integers(1, 9)


@given(
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), sizes, sizes, st.integers(1, 5), st.integers(1, 5),
    st.integers(1, 4), st.integers(0, 4), st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_it_equals_torch(batch, channels, maps, rows, columns, height, width, stride, padding, seed):
    random = np.random.default_rng(seed)
    images = random.normal(size=(batch, channels, rows, columns))
    kernels = random.normal(size=(maps, channels, height, width))
    if height > rows + 2 * padding or width > columns + 2 * padding:
        with pytest.raises(ValueError, match="does not fit"):
            convolve(images, kernels, stride, padding)
        return
    expected = torch.nn.functional.conv2d(torch.tensor(images), torch.tensor(kernels), stride=stride, padding=padding)
    np.testing.assert_allclose(convolve(images, kernels, stride, padding), expected.numpy(), atol=1e-12)


def test_channels_must_agree():
    with pytest.raises(ValueError, match="2 channels and the kernels 3"):
        convolve(np.zeros((1, 2, 5, 5)), np.zeros((1, 3, 3, 3)))


def test_named_kernels_do_what_they_are_called():
    flat = np.ones((1, 1, 6, 6))
    sums = {name: convolve(flat, np.array(kernel)[None, None])[0, 0, 2, 2] for name, kernel in KERNELS.items()}
    expected = {"identity": 1, "blur": 1, "sharpen": 1, "edge": 0, "sobel-x": 0, "sobel-y": 0, "emboss": 1}
    assert sums == pytest.approx(expected)
    step = np.tile([0.0, 0, 0, 1, 1, 1], (6, 1))[None, None]  # dark left, bright right
    assert convolve(step, np.array(KERNELS["sobel-x"])[None, None]).max() == 4
    assert not convolve(step, np.array(KERNELS["sobel-y"])[None, None]).any()


def test_kernels_are_parsed():
    assert parse_kernel("0 1; 2.5 -1").tolist() == [[0, 1], [2.5, -1]]
    assert parse_kernel("blur").sum() == pytest.approx(1)
    for wrong in ("nonsense", "1 2; 3", "", "1 nan", ";"):
        with pytest.raises(ValueError, match="no kernel"):
            parse_kernel(wrong)
