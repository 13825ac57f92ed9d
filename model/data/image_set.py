"""A data set in memory: a uint8 tensor of images, and their labels."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from model.errors import UsageError

CLASSES: Final = tuple("0123456789")
AT_ONCE: Final = 10**6  # pixels that are counted: it takes eight bytes for each
OTHER: Final = len(CLASSES)  # the label for no digit, in networks that have an output for it


@dataclass(frozen=True)
class ImageSet:
    """Images, uint8, and their class numbers, `labels` (N,) int64.

    Digits are (N, 28, 28), 0 for paper and 255 for ink; photographs are (N, 3, H, W).
    """

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, which: Tensor | slice) -> "ImageSet":
        return ImageSet(self.images[which], self.labels[which])

    def to(self, device: torch.device) -> "ImageSet":
        """Move the set to `device`."""
        return ImageSet(self.images.to(device), self.labels.to(device))

    def statistics(self) -> tuple[float, float]:
        """Return the mean and the standard deviation of all pixels, on a scale from 0 to 1."""
        counts = np.zeros(256)
        for part in torch.split(self.images.cpu().flatten(), AT_ONCE):
            counts += np.bincount(part.numpy(), minlength=256)
        levels, parts = np.arange(256) / 255, counts / counts.sum()
        mean = float(parts @ levels)
        return mean, float(np.sqrt(parts @ (levels - mean) ** 2))

    def digest(self) -> str:
        """Return a digest of the content: weights files record those of their training data."""
        content = hashlib.sha256(self.images.numpy().ravel().data)
        content.update(self.labels.numpy().ravel().data)
        return f"sha256:{content.hexdigest()}"


def concatenate(parts: Sequence[ImageSet]) -> ImageSet:
    """Concatenate sets of images."""
    if len(parts) == 1:
        return parts[0]  # without a copy: photographs are large
    return ImageSet(torch.cat([part.images for part in parts]), torch.cat([part.labels for part in parts]))


def pick(images: ImageSet, index: int) -> ImageSet:
    """Return the image at `index` as a set of one. Raises UsageError where there is none."""
    if not 0 <= index < len(images):
        raise UsageError(f"There is no image {index}: the indices run from 0 to {len(images) - 1:,}.")
    return images[index : index + 1]


def first_line(error: Exception) -> str:
    """Return the first line of an error's message, or the error's name if it has none."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(":")
