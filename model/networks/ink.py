"""The ink network: a picture of paper → for each pixel, whether it is ink that a hand left, or print.

An encoder and a decoder with connections between the same sizes (Ronneberger et al., "U-Net", 2015), small enough for a
processor: the first convolution halves the picture, each level halves it again, and the last one gives the four pixels
of each half-size pixel at once (Shi et al. 2016).
"""

import math
from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTHS: Final = (16, 24, 40, 56, 72)
PRIOR: Final = 0.07  # the part of all pixels that is ink


class InkNetwork(nn.Module):
    """Maps pictures (B, 3, H, W) to logits (B, 2, H, W): of ink, and of what is printed.

    A picture (B, 3, 192, 192) becomes (B, 16, 96, 96), at the lowest level (B, 72, 6, 6), and in the end
    (B, 8, 96, 96), four pixels in each.
    """

    def __init__(self, widths: Sequence[int] = WIDTHS, classes: int = 2) -> None:
        super().__init__()
        self.stem = _convolution(3, widths[0], 5, 2)
        self.encoder = nn.ModuleList(
            nn.Sequential(_convolution(before, after, 3, 1 if before == after else 2), _convolution(after, after))
            for before, after in zip((widths[0], *widths), widths, strict=False)
        )
        self.decoder = nn.ModuleList(
            nn.Sequential(_convolution(lower + upper, upper), _convolution(upper, upper))
            for lower, upper in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.head = nn.Conv2d(widths[0], 4 * classes, 3, padding=1)
        # Most pixels are paper. A network that had to learn this first would learn nothing else (Lin et al. 2017).
        nn.init.normal_(self.head.weight, std=0.05)
        nn.init.constant_(self.head.bias, math.log(PRIOR / (1 - PRIOR)))  # type: ignore[arg-type]

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the logits of each pixel, for each class apart: both sides must be multiples of INK_STEP."""
        features = self.stem(pictures)
        levels = []
        for stage in self.encoder:
            features = stage(features)
            levels.append(features)
        for stage, skipped in zip(self.decoder, levels[-2::-1], strict=True):
            features = stage(torch.cat([F.interpolate(features, scale_factor=2.0), skipped], dim=1))
        return F.pixel_shuffle(self.head(features), 2)


def _convolution(inputs: int, outputs: int, size: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )
