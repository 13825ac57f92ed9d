"""A second look at what is doubtful: the same ink, turned, slanted, scaled and shifted a little.

A network that hesitates over a digit often hesitates over where it lies, and not over what it is. Where its first
answer is not certain, the probabilities are averaged over a dozen slightly moved copies. Most images need no second
look, and cost nothing more. docs/training.md says what it is worth.

This is test-time augmentation, as in Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural
Networks" (2012), but only where there is doubt.
"""

import functools
import math
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model.augment import affine
from model.evaluation import predict_logits
from model.inputs import Input

DOUBTFUL: Final = 0.8  # the network's own probability of its answer, below which it looks again
ROTATION: Final = math.radians(8)
SLANT: Final = 0.15
SCALE: Final = 1.1
SHIFT: Final = 1 / 14  # of half the side: one pixel of 28
AT_ONCE: Final = 100  # images


def read_logits(network: nn.Module, images: Tensor, to_input: Input) -> Tensor:
    """Run `network` over images (N, 28, 28), and over copies of the doubtful ones. Returns logits (N, C)."""
    return look_again(network, images, predict_logits(network, images, to_input), to_input)


@torch.inference_mode()
def look_again(network: nn.Module, images: Tensor, logits: Tensor, to_input: Input) -> Tensor:
    """Put the logits (N, C) of a second look in place of those that are doubtful; the others stay as they are.

    Where it looked again they are logarithms of probabilities, so that their size tells nothing any more. Photographs
    (N, 3, H, W) are looked at once.
    """
    if images.ndim > 3:
        return logits
    logits = logits.clone()
    doubtful = torch.nonzero(logits.softmax(dim=1).amax(dim=1) < DOUBTFUL)[:, 0]
    if not len(doubtful):
        return logits
    for some in torch.split(doubtful, AT_ONCE):
        copies = move(images[some])
        looks = predict_logits(network, copies.flatten(0, 1), to_input).view(*copies.shape[:2], logits.shape[1])
        looks = torch.cat([logits[some, None], looks], dim=1).log_softmax(dim=2)
        logits[some] = looks.logsumexp(dim=1) - math.log(looks.shape[1])  # the logarithm of the mean probability
    return logits


def move(images: Tensor) -> Tensor:
    """Make the copies of images (N, 28, 28) uint8 that a second look sees: (N, 12, 28, 28) float from 0 to 1."""
    ink = images.float().div(255)
    matrices = _matrices(images.device)
    copies = ink[:, None].expand(-1, len(matrices), -1, -1)  # the channels of each image are its copies
    grid = F.affine_grid(matrices, [len(matrices), 1, *ink.shape[1:]], align_corners=False)
    moved = F.grid_sample(copies.transpose(0, 1), grid, mode="bilinear", align_corners=False)  # (12, N, 28, 28)
    return moved.transpose(0, 1)


@functools.cache
def _matrices(device: torch.device) -> Tensor:
    """Tabulate the moves, each in both directions: (12, 2, 3)."""
    none = (0.0, 1.0, 1.0, 0.0, 0.0, 0.0)  # angle, stretches, slant, shifts
    steps = {0: (ROTATION, -ROTATION), 1: (SCALE, 1 / SCALE), 2: (SCALE, 1 / SCALE), 3: (SLANT, -SLANT)}
    steps |= {4: (SHIFT, -SHIFT), 5: (SHIFT, -SHIFT)}
    moves = [(*none[:kind], step, *none[kind + 1 :]) for kind, both in steps.items() for step in both]
    return affine(*torch.tensor(moves).unbind(dim=1)).to(device)
