"""MNIST, and the part of its training split that is held out for validation.

No option changes that part, so that results of different runs can be compared.
"""

import hashlib
import math
import struct
from pathlib import Path
from typing import Final

import torch

from model.data.image_set import ImageSet, first_line
from model.errors import DataMissing
from model.files import read_whole

VALIDATION_PART: Final = 12  # one in twelve: 5,000 of MNIST's 60,000
KNOWN: Final[dict[str, set[str]]] = {  # SHA-256 of the files, unpacked
    "train-images-idx3-ubyte": {"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
    "train-labels-idx1-ubyte": {"65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
    "t10k-images-idx3-ubyte": {"0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
    "t10k-labels-idx1-ubyte": {"ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
}
SPLIT_SEED: Final = 20  # fixed: --seed varies the training, not the validation set


def load(folder: Path, train: bool) -> ImageSet:
    """Load MNIST's training or test split from `folder`/MNIST/raw, and download it first if it is missing.

    Raises DataMissing when the download fails, or a file that is there is not MNIST's.
    """
    from torchvision.datasets import MNIST  # takes seconds to import, and only training needs it

    raw = folder / "MNIST" / "raw"
    for name in KNOWN:
        if name.startswith("train" if train else "t10k") and (raw / name).is_file():
            _check(raw / name)
    try:
        data = MNIST(str(folder), train=train, download=True)
        return ImageSet(data.data, data.targets.long())
    except (OSError, RuntimeError, ValueError) as error:
        raise DataMissing(
            f"MNIST is not in {folder} and could not be downloaded ({first_line(error)}): "
            f"put {', '.join(KNOWN)} into {raw}."
        ) from error


def _check(path: Path) -> None:
    """Raise DataMissing for a file with other content than MNIST's: what is trained on it would read nothing right."""
    try:
        content = read_whole(path)
    except OSError as error:
        raise DataMissing(f"{path} cannot be read ({error.strerror or error}).") from error
    if hashlib.sha256(content).hexdigest() not in KNOWN[path.name]:
        raise DataMissing(
            f"{path} is not MNIST's file ({_what_it_is(content)}): delete it, and it is downloaded again, or put the "
            "right one in its place."
        )


def _what_it_is(content: bytes) -> str:
    if content.lstrip()[:1] == b"<":
        return "it is a web page"
    if not content.strip(b"\0"):
        return f"it holds {len(content):,} zeros" if content else "it is empty"
    if content[:3] == b"\0\0\x08" and len(content) >= 4:  # such files begin so; then the number of sides, and each
        header = 4 + 4 * content[3]
        if len(content) < header:
            return f"it is cut short: it has {len(content)} bytes"
        expected = header + math.prod(struct.unpack_from(f">{content[3]}I", content, 4))
        if len(content) < expected:
            return f"it is cut short: {len(content):,} bytes of {expected:,}"
    return "it is damaged, or of another data set"


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
