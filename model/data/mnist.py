"""MNIST, and the part of its training split that is held out for validation.

No option changes that part, so that results of different runs can be compared.
"""

from pathlib import Path
from typing import Final

import torch

from model.data.image_set import ImageSet, first_line
from model.errors import DataMissing

VALIDATION_PART: Final = 12  # one in twelve: 5,000 of MNIST's 60,000
SPLIT_SEED: Final = 20  # fixed: --seed varies the training, not the validation set


def load(folder: Path, train: bool) -> ImageSet:
    """Load MNIST's training or test split from `folder`/MNIST/raw, and download it first if it is missing.

    Raises DataMissing when the download fails.
    """
    from torchvision.datasets import MNIST  # takes seconds to import, and only training needs it

    try:
        data = MNIST(str(folder), train=train, download=True)
        return ImageSet(data.data, data.targets.long())
    except (OSError, RuntimeError, ValueError) as error:
        raise DataMissing(
            f"MNIST is not in {folder} and could not be downloaded ({first_line(error)}): put "
            "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte "
            f"into {folder / 'MNIST' / 'raw'}."
        ) from error


def split_validation(digits: ImageSet, fold: int = 0) -> tuple[ImageSet, ImageSet]:
    """Split `digits` into training and validation digits, always in the same way: a twelfth of each class validates.

    Training holds out fold 0. The other eleven folds, disjoint from it and each other, are for comparisons on more
    digits.
    """
    random = torch.Generator().manual_seed(SPLIT_SEED)
    order = torch.randperm(len(digits), generator=random)
    held_out = torch.zeros(len(digits), dtype=torch.bool)
    for label in torch.unique(digits.labels):
        members = order[digits.labels[order] == label]
        size = max(1, round(len(members) / VALIDATION_PART))
        held_out[members[fold * size : (fold + 1) * size]] = True
    return digits[~held_out], digits[held_out]
