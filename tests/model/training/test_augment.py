"""Augmentation keeps shapes, ranges and digits, and does to the ink what it says."""

import dataclasses

import pytest
import torch

from model.preprocessing.normalize import normalize
from model.training.augment import Augmentation, add_noise, augment, blur, deform, slash_zeros, vary_thickness
from tests.helpers.drawings import DRAWINGS, ink_of

NOTHING = Augmentation(rotation=0, scale=0, shear=0, shift=0, warp=0, thickness=0, thickened=0, slashed=0)
EVERYTHING = Augmentation(blurred=0.3, noisy=0.3)
LABELS = torch.arange(10)
IMAGES = torch.stack([torch.from_numpy(normalize(ink_of(label))) for label in sorted(DRAWINGS)])


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_nothing_switched_on_changes_nothing():
    assert torch.allclose(augment(IMAGES, LABELS, NOTHING, random()), IMAGES / 255, atol=1e-5)


def test_shape_range_and_seed():
    first, again, other = (augment(IMAGES, LABELS, EVERYTHING, random(seed)) for seed in (1, 1, 2))
    assert first.shape == (10, 28, 28)
    assert first.min() >= 0
    assert first.max() <= 1
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("name", ["rotation", "scale", "shear", "shift", "warp"])
def test_each_part_of_the_geometry_does_something_and_keeps_the_ink(name):
    how = dataclasses.replace(NOTHING, **{name: getattr(Augmentation(), name)})
    ink = IMAGES.float() / 255
    bent = deform(ink, how, random())
    assert not torch.allclose(bent, ink, atol=0.05)
    ratio = bent.sum(dim=(1, 2)) / ink.sum(dim=(1, 2))
    assert ratio.min() > 0.7
    assert ratio.max() < 1.4


def test_a_rotation_turns_about_the_middle():
    ink = torch.zeros(200, 28, 28)
    ink[:, 4:24, 13:15] = 1
    turned = deform(ink, dataclasses.replace(NOTHING, rotation=45), random())
    rows = torch.arange(28.0)
    centre = (turned.sum(dim=2) @ rows) / turned.sum(dim=(1, 2))
    assert (centre - 13.5).abs().max() < 0.3
    assert turned[:, 4, 13].min() < 0.2


def test_thickness_goes_both_ways():
    ink = (IMAGES.float() / 255).repeat(20, 1, 1)
    varied = vary_thickness(ink, dataclasses.replace(NOTHING, thickness=0.8, thickened=1), random())
    ratio = varied.sum(dim=(1, 2)) / ink.sum(dim=(1, 2))
    assert ratio.min() < 0.85
    assert ratio.max() > 1.2


def test_blur_softens_edges_and_keeps_full_contrast():
    ink = (IMAGES / 255).repeat(20, 1, 1)
    soft = blur(ink, 1.0, random())
    assert torch.allclose(soft.amax(dim=(1, 2)), ink.amax(dim=(1, 2)), atol=0.05)
    assert (soft.diff(dim=2).abs().sum(dim=(1, 2)) < ink.diff(dim=2).abs().sum(dim=(1, 2))).all()
    unchanged = (blur(ink, 0.25, random()) == ink).all(dim=2).all(dim=1).float().mean()
    assert unchanged == pytest.approx(0.75, abs=0.1)


def test_noise_is_as_strong_as_it_is_told():
    grey = torch.full((200, 28, 28), 0.5)
    change = add_noise(grey, dataclasses.replace(NOTHING, noisy=1.0, noise=0.1), random()) - grey
    deviations = change.std(dim=(1, 2))
    assert change.mean() == pytest.approx(0, abs=0.01)
    assert deviations.max() < 0.11
    assert deviations.mean() == pytest.approx(0.05, abs=0.01)
    ink = (IMAGES / 255).repeat(20, 1, 1)
    noisy = add_noise(ink, dataclasses.replace(NOTHING, noisy=0.25), random())
    assert (noisy.min(), noisy.max()) == (0, 1)
    assert (noisy == ink).all(dim=2).all(dim=1).float().mean() == pytest.approx(0.75, abs=0.1)


def test_only_zeros_are_slashed():
    ink = IMAGES.float() / 255
    slashed = slash_zeros(ink, LABELS, 1.0, random())
    assert slashed[0].sum() > ink[0].sum()
    assert slashed[0, 12:16, 12:16].max() > 0.9  # the slash goes through the middle
    assert torch.equal(slashed[1:], ink[1:])
    assert torch.equal(slash_zeros(ink, LABELS, 0.0, random()), ink)


def test_about_the_part_of_the_zeros_that_was_asked_for_is_slashed():
    ink = (IMAGES[:1].float() / 255).repeat(2000, 1, 1)
    slashed = slash_zeros(ink, torch.zeros(2000, dtype=torch.int64), 0.15, random())
    part = (slashed != ink).any(dim=2).any(dim=1).float().mean()
    assert float(part) == pytest.approx(0.15, abs=0.03)
