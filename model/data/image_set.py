"""A data set in memory: one uint8 tensor of images, and their labels."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from model.errors import UsageError

CLASSES: Final = tuple("0123456789")
OTHER: Final = len(CLASSES)  # the label of what is no digit, where a network has an output for it


@dataclass(frozen=True)
class ImageSet:
    """Images in memory and their classes: `images` uint8 and `labels` (N,) int64.

    Digits are (N, 28, 28), 0 for paper and 255 for ink; photographs are (N, 3, H, W).
    """

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, which: Tensor | slice) -> "ImageSet":
        return ImageSet(self.images[which], self.labels[which])

    def to(self, device: torch.device) -> "ImageSet":
        """Put the whole set on `device`."""
        return ImageSet(self.images.to(device), self.labels.to(device))

    def statistics(self) -> tuple[float, float]:
        """Return the mean and the standard deviation of all pixels, from 0 to 1."""
        counts = np.zeros(256)
        for some in torch.split(self.images.cpu(), 1000):  # counting wants eight bytes a pixel
            counts += np.bincount(some.numpy().ravel(), minlength=256)
        levels, parts = np.arange(256) / 255, counts / counts.sum()
        mean = float(parts @ levels)
        return mean, float(np.sqrt(parts @ (levels - mean) ** 2))

    def digest(self) -> str:
        """Name the content, for the record that a weights file keeps of what it was made from."""
        content = hashlib.sha256(self.images.numpy().tobytes())
        content.update(self.labels.numpy().tobytes())
        return f"sha256:{content.hexdigest()}"


def concatenate(parts: Sequence[ImageSet]) -> ImageSet:
    """Put sets of digits together, in order."""
    return ImageSet(torch.cat([part.images for part in parts]), torch.cat([part.labels for part in parts]))


def pick(images: ImageSet, index: int) -> ImageSet:
    """Return the one image at `index`, as a set of its own. Raises UsageError where there is none."""
    if not 0 <= index < len(images):
        raise UsageError(f"There is no image {index}: the indices run from 0 to {len(images) - 1:,}.")
    return images[index : index + 1]


def first_line(error: Exception) -> str:
    """Return what an error says in its first line, or its name where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(":")
