"""Quantised arrays come back as they were, up to half a step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.explain.quantise import Quantised, quantise, quantise_signed

values = arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(-1e3, 1e3, width=32))


def back(quantised: Quantised) -> np.ndarray:
    bytes_ = np.frombuffer(quantised.data, np.uint8).reshape(quantised.shape)
    return quantised.low + bytes_ * ((quantised.high - quantised.low) / 255)


@given(values)
@pytest.mark.parametrize("how", [quantise, quantise_signed])
def test_values_come_back_to_half_a_step(how, values):
    quantised = how(values)
    step = (quantised.high - quantised.low) / 255
    np.testing.assert_allclose(back(quantised), values, atol=0.51 * step + 1e-3)


@given(values)
def test_zero_is_the_byte_128(values):
    quantised = quantise_signed(values)
    bytes_ = np.frombuffer(quantised.data, np.uint8).reshape(values.shape)
    assert (bytes_[values == 0] == 128).all()
    assert quantised.low + 128 * (quantised.high - quantised.low) / 255 == pytest.approx(0, abs=1e-4)
    assert (np.sign(bytes_.astype(int) - 128) * np.sign(values) >= 0).all()
