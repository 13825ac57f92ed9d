"""Augmentation of whole batches, on their device.

Every function maps images (B, 28, 28), float from 0 (paper) to 1 (ink), to the same shape. Randomness comes from the
generator that it is given. Photographs (B, 3, H, W) can be deformed and mirrored, too.
"""

import functools
import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Augmentation:
    """How far a digit may be deformed and still be the same digit.

    The defaults are a first guess that trained well. None has been tuned alone.
    """

    rotation: float = 10.0  # in degrees, either way
    scale: float = 0.12  # each side by a factor of 1 ± this
    shear: float = 0.2  # tangent of the slant
    shift: float = 1.0  # in pixels
    warp: float = 0.5  # in pixels, standard deviation of the elastic displacement
    warp_grid: int = 5  # control points a side, between which the displacement is interpolated
    thickness: float = 0.8  # the largest weight of the dilated or eroded image in the mixture
    thickened: float = 0.5  # probability of another thickness
    slashed: float = 0.15  # probability, of zeros only
    blurred: float = 0.0  # probability
    noisy: float = 0.0  # probability
    noise: float = 0.12  # largest standard deviation; full ink is 1
    mirrored: float = 0.0  # probability; 0 for digits


PHOTOGRAPHS: Final = Augmentation(shear=0.1, shift=2.0, warp=0.0, thickened=0.0, slashed=0.0, mirrored=0.5)


def augment(images: Tensor, labels: Tensor, how: Augmentation, random: torch.Generator) -> Tensor:
    """Augment a batch: slashed zeros, pen thickness, geometry in one resampling, blur and noise.

    `images` is (B, 28, 28) or (B, 3, H, W) uint8 on any device, `labels` (B,). Returns the same shape in float32, from
    0 to 1.
    """
    ink = images.float().div_(255)
    if how.slashed:
        ink = slash_zeros(ink, labels, how.slashed, random)
    if how.thickened:
        ink = vary_thickness(ink, how, random)
    if how.mirrored:
        ink = mirror(ink, how.mirrored, random)
    ink = deform(ink, how, random)
    if how.blurred:
        ink = blur(ink, how.blurred, random)
    if how.noisy:
        ink = add_noise(ink, how, random)
    return ink


def mirror(images: Tensor, chance: float, random: torch.Generator) -> Tensor:
    """Flip some of the images horizontally."""
    chosen = _uniform(images, random, 0, 1) < chance
    return torch.where(chosen.view(-1, *[1] * (images.ndim - 1)), images.flip(-1), images)


def vary_thickness(ink: Tensor, how: Augmentation, random: torch.Generator) -> Tensor:
    """Mix each image with its dilation or its erosion, as if drawn with a wider or a finer pen."""
    amount = _uniform(ink, random, -how.thickness, how.thickness)
    amount = amount * (_uniform(ink, random, 0, 1) < how.thickened)
    target = torch.where(amount[:, None, None] > 0, _dilate(ink), -_dilate(-ink))
    return torch.lerp(ink, target, amount.abs()[:, None, None])


def blur(ink: Tensor, chance: float, random: torch.Generator) -> Tensor:
    """Blur some of the images by up to 1.5 pixels, and restore full contrast as the normaliser does."""
    chosen = torch.nonzero(_uniform(ink, random, 0, 1) < chance)[:, 0]
    if not len(chosen):
        return ink
    some = ink[chosen][:, None]  # (B, 1, 28, 28)
    soft = F.avg_pool2d(F.avg_pool2d(some, 3, stride=1, padding=1), 3, stride=1, padding=1)
    soft = soft * (some.amax(dim=(2, 3), keepdim=True) / soft.amax(dim=(2, 3), keepdim=True).clamp(min=1e-3))
    return ink.index_copy(0, chosen, torch.lerp(some, soft, _uniform(some, random, 0, 1)[:, None, None, None])[:, 0])


def add_noise(ink: Tensor, how: Augmentation, random: torch.Generator) -> Tensor:
    """Add Gaussian noise to some of the images, each with its own standard deviation."""
    chosen = torch.nonzero(_uniform(ink, random, 0, 1) < how.noisy)[:, 0]
    some = ink[chosen]
    deviation = _uniform(some, random, 0, how.noise)[:, None, None]
    noise = torch.randn(some.shape, generator=random, device=ink.device)
    return ink.index_copy(0, chosen, (some + deviation * noise).clamp(0, 1))


def deform(ink: Tensor, how: Augmentation, random: torch.Generator) -> Tensor:
    """Rotate, scale, shear, shift and warp each image in one bilinear resampling.

    The warp is the elastic distortion of Simard, Steinkraus and Platt (2003), with a displacement
    that is drawn on a coarse grid and interpolated, instead of drawn for each pixel and blurred: equally smooth, for
    far less work.
    """
    channels = ink if ink.ndim == 4 else ink[:, None]  # (B, C, H, W)
    count, side = ink.shape[0], ink.shape[-1]
    angle = _uniform(ink, random, -how.rotation, how.rotation) * (math.pi / 180)
    stretch_x, stretch_y = (1 / (1 + _uniform(ink, random, -how.scale, how.scale)) for _ in range(2))
    slant = _uniform(ink, random, -how.shear, how.shear)
    step = 2 / side  # one pixel, in the coordinates of grid_sample, which run from -1 to 1
    shift_x, shift_y = (_uniform(ink, random, -how.shift, how.shift) * step for _ in range(2))
    rows = affine(angle, stretch_x, stretch_y, slant, shift_x, shift_y)
    grid = F.affine_grid(rows, list(channels.shape), align_corners=False)  # (B, H, W, 2)
    if how.warp:
        coarse = torch.randn(count, 2, how.warp_grid, how.warp_grid, generator=random, device=ink.device)
        spread = _interpolation(how.warp_grid, side, ink.device)  # (28, 5)
        grid = grid + (spread @ (coarse * (how.warp * step)) @ spread.T).permute(0, 2, 3, 1)
    return F.grid_sample(channels, grid, mode="bilinear", align_corners=False).view_as(ink)


def affine(
    angle: Tensor, stretch_x: Tensor, stretch_y: Tensor, slant: Tensor, shift_x: Tensor, shift_y: Tensor
) -> Tensor:
    """Build the matrices (B, 2, 3) for `affine_grid` from one value (B,) of each kind for each image.

    They say where each pixel of the result comes from: the angle is in radians, a stretch of more than 1 makes the
    image smaller, and shifts are parts of half its side.
    """
    cos, sin = torch.cos(angle), torch.sin(angle)
    x = torch.stack([cos * stretch_x, (slant * cos - sin) * stretch_x, shift_x], dim=1)
    y = torch.stack([sin * stretch_y, (slant * sin + cos) * stretch_y, shift_y], dim=1)
    return torch.stack([x, y], dim=1)


def slash_zeros(ink: Tensor, labels: Tensor, chance: float, random: torch.Generator) -> Tensor:
    """Draw a slash through some of the zeros, as many people write them, but hardly any in MNIST."""
    zeros = torch.nonzero(labels == 0)[:, 0]
    zeros = zeros[torch.rand(len(zeros), generator=random, device=ink.device) < chance]
    if not len(zeros):
        return ink
    some = ink[zeros]  # (Z, 28, 28)
    side = ink.shape[-1]
    middle = (side - 1) / 2
    angle = _uniform(some, random, math.radians(35), math.radians(75))
    reach = _uniform(some, random, 7.0, 12.0)  # in pixels, from the middle to either end
    width = _uniform(some, random, 1.2, 3.0)
    along_x, along_y = torch.cos(angle), -torch.sin(angle)  # from the lower left to the upper right
    axis = torch.arange(side, device=ink.device) - middle
    x, y = axis[None, None, :], axis[None, :, None]
    along = x * along_x[:, None, None] + y * along_y[:, None, None]
    across = x * along_y[:, None, None] - y * along_x[:, None, None]
    beyond = (along.abs() - reach[:, None, None]).clamp(min=0)
    distance = torch.hypot(across, beyond)
    slash = (width[:, None, None] / 2 - distance + 0.5).clamp(0, 1)
    return ink.index_copy(0, zeros, torch.maximum(some, slash))


def _dilate(ink: Tensor) -> Tensor:
    """Replace each pixel by the maximum of itself and its four neighbours."""
    wider = ink.clone()
    for there, here in ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))):
        wider[:, here] = torch.maximum(wider[:, here], ink[:, there])
        wider[:, :, here] = torch.maximum(wider[:, :, here], ink[:, :, there])
    return wider


@functools.cache
def _interpolation(points: int, side: int, device: torch.device) -> Tensor:
    """Return bicubic interpolation as a matrix (side, points), so that two small products interpolate a whole batch."""
    bumps = torch.eye(points)[None]  # one control point at a time
    table = F.interpolate(bumps[:, :, None], size=(1, side), mode="bicubic", align_corners=True)[0, :, 0].T
    return table.contiguous().to(device)


def _uniform(like: Tensor, random: torch.Generator, low: float, high: float) -> Tensor:
    """Draw one number from `low` to `high` for each image of `like`: (B,)."""
    return torch.rand(like.shape[0], generator=random, device=like.device) * (high - low) + low
