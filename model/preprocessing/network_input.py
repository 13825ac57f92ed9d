"""A network's input, and how images become it: the same in training and in service."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # service may run without torch
    from torch import Tensor


@dataclass(frozen=True)
class Input:
    """Size, channels and normalisation of a network's input.

    An image smaller than `size` is padded with paper, as in LeCun et al. (1998). With `scaled` it is scaled up instead:
    for networks that halve their feature maps too often for 28×28 pixels.
    """

    size: tuple[int, int] = (28, 28)  # height, width, in pixels
    channels: int = 1  # 1 for ink, 3 for colour
    mean: float = 0.0  # of a pixel from 0 to 1
    std: float = 1.0
    scaled: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width."""
        return (self.channels, *self.size)

    def __call__(self, images: "Tensor") -> "Tensor":
        """Turn images (B, H, W) or (B, 3, H, W), uint8 or float from 0 to 1, into an input (B, C, height, width)."""
        import torch

        pixels = images.float().div(255) if images.dtype == torch.uint8 else images
        pixels = pixels[:, None] if pixels.ndim == 3 else pixels
        if pixels.shape[-2:] != self.size:
            pixels = self._resized(pixels)
        return self.normalized(pixels)

    def normalized(self, pixels: "Tensor") -> "Tensor":
        """Scale pixels (B, C, H, W), from 0 to 1, as the network expects them, whatever their height and width are."""
        import torch

        # Channels last: the fastest layout for convolutions, on CPUs and on recent GPUs.
        return ((pixels - self.mean) / self.std).contiguous(memory_format=torch.channels_last)

    def _resized(self, pixels: "Tensor") -> "Tensor":
        from torch.nn import functional as F

        if self.scaled:
            return F.interpolate(pixels, self.size, mode="bilinear", align_corners=False)
        (height, width), (wanted_height, wanted_width) = pixels.shape[-2:], self.size
        top, left = (wanted_height - height) // 2, (wanted_width - width) // 2
        return F.pad(pixels, (left, wanted_width - width - left, top, wanted_height - height - top))
