"""Folders of images: a sub-folder for each class, or such folders for training, validation and test."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from model.data import mnist
from model.data.image_set import ImageSet, first_line
from model.errors import DataMissing
from model.preprocessing.image_files import InkError

DRY_RUN_IMAGES: Final = 600  # of each kind
VALIDATION: Final = ("validation", "val", "valid")  # names that people give to such a folder
TRAINING, TEST = "train", "test"

Sample = tuple[Path, int]  # an image file, and the number of its class
Read = Callable[[bytes], Tensor]  # an image from the bytes of a file


@dataclass(frozen=True)
class Listing:
    """The image files of a folder: those of the training, and those of `held_out`: validation, and test if there is."""

    training: list[Sample]
    held_out: dict[str, list[Sample]]
    classes: tuple[str, ...]


def list_parts(folder: Path) -> Listing:
    """List the images of `folder`, which holds classes, or train/ beside test/ or validation/ (or val/) with classes.

    What validates is always the same part of each class, where no folder says it. Raises DataMissing where a folder has
    no images, or the folders have different classes.
    """
    validating = next((name for name in VALIDATION if (folder / name).is_dir()), None)
    tests = (folder / TEST).is_dir()
    if not (folder / TRAINING).is_dir() or not (validating or tests):
        samples, classes = list_folder(folder)
        return Listing(*_hold_out(samples, classes), classes)
    training, classes = list_folder(folder / TRAINING)
    held_out = {}
    if validating:
        held_out["validation"] = _list_like(folder / validating, folder / TRAINING, classes)
    else:
        training, held_out = _hold_out(training, classes)
    if tests:
        held_out["test"] = _list_like(folder / TEST, folder / TRAINING, classes)
    return Listing(training, held_out, classes)


def list_folder(folder: Path) -> tuple[list[Sample], tuple[str, ...]]:
    """List the image files in `folder` with their class numbers, and the names of the classes. Raises DataMissing."""
    from torchvision.datasets import ImageFolder

    try:
        images = ImageFolder(str(folder))
    except OSError as error:
        raise DataMissing(
            f"{folder} cannot be used ({first_line(error)}): it must hold a sub-folder of images a class."
        ) from error
    return [(Path(name), label) for name, label in images.samples], tuple(images.classes)


def split_samples(
    samples: Sequence[Sample], classes: Sequence[str], part: float = 0.2, seed: int = mnist.SPLIT_SEED
) -> tuple[Tensor, Tensor]:
    """Split samples into training and validation indices, in order: `part` of each class validates.

    Raises DataMissing when a class has fewer than two images, since one must be in each.
    """
    random = np.random.default_rng(seed)
    held_out = np.zeros(len(samples), bool)
    labels = np.array([label for _, label in samples])
    for label, name in enumerate(classes):
        members = random.permutation(np.flatnonzero(labels == label))
        if len(members) < 2:
            raise DataMissing(f"class {name} has {len(members)} image: it needs at least two, one to validate with.")
        held_out[members[: min(len(members) - 1, max(1, round(part * len(members))))]] = True
    return torch.from_numpy(np.flatnonzero(~held_out)), torch.from_numpy(np.flatnonzero(held_out))


def read_samples(samples: Sequence[Sample], read: Read, title: str, dry_run: bool, quiet: bool) -> ImageSet:
    """Read image files behind a progress bar with `title`. Raises DataMissing for a file that cannot be read."""
    if dry_run:
        samples = samples[:: max(1, len(samples) // DRY_RUN_IMAGES)]
    bar = tqdm(samples, desc=title, unit=" images", disable=quiet)
    return ImageSet(torch.stack(list(_read(bar, read))), torch.tensor([label for _, label in samples]))


def _read(samples: "tqdm[Sample]", read: Read) -> Iterator[Tensor]:
    for path, _ in samples:
        try:
            yield read(path.read_bytes())
        except (OSError, InkError) as error:
            raise DataMissing(f"{path}: {error}") from error


def _hold_out(samples: Sequence[Sample], classes: Sequence[str]) -> tuple[list[Sample], dict[str, list[Sample]]]:
    training, validation = (
        [samples[index] for index in indices.tolist()] for indices in split_samples(samples, classes)
    )
    return training, {"validation": validation}


def _list_like(folder: Path, training: Path, expected: tuple[str, ...]) -> list[Sample]:
    """List a folder that must have the classes of the training's."""
    samples, classes = list_folder(folder)
    if classes != expected:
        differ = ", ".join(sorted(set(classes) ^ set(expected)))
        raise DataMissing(
            f"{folder} and {training} must have the same sub-folders, one a class; these differ: {differ}."
        )
    return samples
