"""MNIST and pen strokes → tensors.

A whole data set sits in memory as one uint8 tensor. Validation digits are held out of the training split by a rule
that no option changes, so that figures of different runs can be compared.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from model import glyphs, nondigits, touching
from model.pendigits import HELD_OUT_WRITERS, WRITERS, PenDigit
from model.preprocessing import strokes
from model.preprocessing.normalize import normalize

CLASSES: Final = tuple("0123456789")
OTHER: Final = len(CLASSES)  # the label of what is no digit, where a network has an output for it
VALIDATION_PART: Final = 12  # one in twelve: 5,000 of MNIST's 60,000
SPLIT_SEED: Final = 20  # its own seed: --seed varies the training, not what it is judged by

# Pen width as a part of the drawing's longer side. On a 280-pixel canvas, digits of a third to nearly all of the side
# drawn with pens of 8 to 26 pixels lie between 0.03 and 0.27.
THINNEST: Final = 0.03
THICKEST: Final = 0.27
THICKEST_TEMPLATE: Final = 0.18  # a wider pen fills the zeros that have something inside, and they could be anything


class DataMissing(Exception):
    """A data set is not there and cannot be fetched. The message says which files to put where."""


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


def load_mnist(folder: Path, train: bool) -> ImageSet:
    """Load MNIST's training or test split from `folder`/MNIST/raw, downloading it first where it is not there.

    Raises DataMissing when it is neither there nor to be had.
    """
    from torchvision.datasets import MNIST  # seconds to import, and only training needs it

    try:
        data = MNIST(str(folder), train=train, download=True)
        return ImageSet(data.data, data.targets.long())
    except (OSError, RuntimeError, ValueError) as error:
        raise DataMissing(
            f"MNIST is not in {folder} and could not be downloaded ({first_line(error)}): put "
            "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte "
            f"into {folder / 'MNIST' / 'raw'}."
        ) from error


def pick(images: ImageSet, index: int) -> ImageSet:
    """Return the one image at `index`, as a set of its own. Raises DataMissing where there is none."""
    if not 0 <= index < len(images):
        raise DataMissing(f"There is no image {index}: the indices run from 0 to {len(images) - 1:,}.")
    return images[index : index + 1]


def split_validation(digits: ImageSet, fold: int = 0) -> tuple[ImageSet, ImageSet]:
    """Split `digits` into training and validation digits: every class gives a twelfth, always the same ones.

    Training holds out fold 0. The eleven other folds, which share no digit, are for comparisons on more digits.
    """
    random = torch.Generator().manual_seed(SPLIT_SEED)
    order = torch.randperm(len(digits), generator=random)
    held_out = torch.zeros(len(digits), dtype=torch.bool)
    for label in torch.unique(digits.labels):
        members = order[digits.labels[order] == label]
        size = max(1, round(len(members) / VALIDATION_PART))
        held_out[members[fold * size : (fold + 1) * size]] = True
    return digits[~held_out], digits[held_out]


def split_writers(digits: Sequence[PenDigit], fold: int = 0) -> tuple[list[PenDigit], list[PenDigit]]:
    """Split pen digits by writer. Fold 0 holds out those whom no training sees, the four others as many more."""
    held_out = {(writer + fold) % WRITERS or WRITERS for writer in HELD_OUT_WRITERS}
    training = [digit for digit in digits if digit.writer not in held_out]
    return training, [digit for digit in digits if digit.writer in held_out]


def draw_pen_digits(
    digits: Sequence[PenDigit], seed: int, progress: Callable[[], object] = lambda: None, thickest: float = THICKEST
) -> ImageSet:
    """Draw each digit once, with a pen and at a size of its own, and normalise it as any drawing is."""
    random = np.random.default_rng(seed)
    images = np.empty((len(digits), 28, 28), np.uint8)
    for index, digit in enumerate(digits):
        points = np.concatenate(digit.strokes)
        extent = float(np.ptp(points, axis=0).max())
        part = np.exp(random.uniform(np.log(THINNEST), np.log(thickest)))
        ink = strokes.draw(digit.strokes, width=part * extent / (1 - part), longer_side=int(random.integers(28, 113)))
        images[index] = normalize(ink)
        progress()
    return ImageSet(torch.from_numpy(images), torch.tensor([digit.label for digit in digits], dtype=torch.int64))


def make_nondigits(
    count: int,
    digits: Sequence[PenDigit],
    seed: int,
    kinds: Sequence[str] = tuple(nondigits.KINDS),
    progress: Callable[[], object] = lambda: None,
) -> ImageSet:
    """Make images of what is no digit, some of them out of `digits`, and normalise them as any drawing is."""
    random, sources = np.random.default_rng(seed), nondigits.by_label(digits)
    images = np.empty((count, 28, 28), np.uint8)
    for image in images:
        image[:] = normalize(nondigits.make(kinds, sources, random))
        progress()
    return ImageSet(torch.from_numpy(images), torch.full((count,), OTHER))


def cut_digits(
    count: int, digits: Sequence[PenDigit], seed: int, progress: Callable[[], object] = lambda: None
) -> ImageSet:
    """Make images that are cut out of rows of `digits` that touch: some are digits, some are none."""
    random, digits = np.random.default_rng(seed), glyphs.or_templates(digits)
    images, labels = np.empty((count, 28, 28), np.uint8), np.full(count, OTHER)
    done = 0
    while done < count:
        for ink, label in touching.write_and_cut(digits, random)[: count - done]:
            images[done] = normalize(ink)
            labels[done] = OTHER if label is None else label
            done += 1
            progress()
    return ImageSet(torch.from_numpy(images), torch.from_numpy(labels))


def first_line(error: Exception) -> str:
    """Return what an error says in its first line, or its name where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(":")
