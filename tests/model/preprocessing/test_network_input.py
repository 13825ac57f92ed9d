"""Images become a network's input: normalised, and padded or scaled up if it is larger."""

import pytest
import torch

from model.preprocessing.network_input import Input

IMAGES = torch.randint(0, 256, (3, 28, 28), dtype=torch.uint8)


def test_bytes_and_floats_are_normalised_alike():
    to_input = Input(mean=0.13, std=0.31)
    made = to_input(IMAGES)
    assert made.shape == (3, *to_input.shape)
    assert torch.allclose(made, to_input(IMAGES / 255))
    assert torch.allclose(made[:, 0], (IMAGES / 255 - 0.13) / 0.31)


def test_a_larger_input_is_padded_with_paper():
    made = Input((32, 33), mean=0.2, std=0.5)(IMAGES)
    assert made.shape == (3, 1, 32, 33)
    assert torch.allclose(made[:, 0, 2:30, 2:30], (IMAGES / 255 - 0.2) / 0.5)
    assert torch.allclose(made[:, 0, 0], torch.tensor(-0.2 / 0.5))
    assert torch.allclose(made[:, 0, :, -3:], torch.tensor(-0.2 / 0.5))


def test_with_scaled_the_image_is_scaled_up():
    made = Input((56, 56), scaled=True)(torch.full((2, 28, 28), 255, dtype=torch.uint8))
    assert made.shape == (2, 1, 56, 56)
    assert torch.all(made == 1)


@pytest.mark.parametrize("size", [(32, 32), (64, 48)])
def test_colour_stays_colour(size):
    to_input = Input(size, channels=3)
    photos = torch.randint(0, 256, (2, 3, *size), dtype=torch.uint8)
    assert torch.allclose(to_input(photos), photos / 255)
