"""Sources of training images: MNIST with pen digits, CIFAR-10, or a folder of images."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from model.data import folders, image_set, mnist, pen_digits
from model.data.folders import DRY_RUN_IMAGES
from model.data.image_set import ImageSet
from model.data.rendering import draw_pen_digits
from model.errors import DataMissing
from model.preprocessing.arrays import Ink
from model.preprocessing.image_files import read_photo
from model.preprocessing.network_input import Input
from model.preprocessing.normalize import normalize

FOLDER = "folder:"
ReadInk = Callable[[bytes], Ink]  # from an image file


@dataclass(frozen=True)
class Data:
    """All images of a training. `held_out` has the validation sets, and the test split if there is one."""

    training: ImageSet
    variants: list[ImageSet]  # synthetic images, each set drawn anew; may be empty
    held_out: dict[str, ImageSet]
    classes: tuple[str, ...] = image_set.CLASSES
    others: ImageSet | None = None  # held-out non-digits
    shown: tuple[str, ...] = ()  # the held-out sets whose examples weights files may hold: never a user's folder

    @property
    def choosing(self) -> list[str]:
        """The names of the held-out sets that choices are made on."""
        return [name for name in self.held_out if name != "test"]

    @property
    def chooser(self) -> ImageSet:
        """The validation images of all kinds."""
        return image_set.concatenate([self.held_out[name] for name in self.choosing])

    def digests(self) -> dict[str, str]:
        """Return the digest of each part."""
        parts = {"training": self.training, **self.held_out}
        if self.variants:
            parts["pen"] = image_set.concatenate(self.variants)
        return {name: images.digest() for name, images in parts.items()}


def title(source: str) -> str:
    """Return the title of a source, for people."""
    return {"mnist": "MNIST", "cifar10": "CIFAR-10"}.get(source, source)


def load_cifar10(folder: Path, dry_run: bool) -> Data:
    """Load CIFAR-10 from `folder`, and download it first if it is missing. Raises DataMissing."""
    from torchvision.datasets import CIFAR10

    parts = []
    for train in (True, False):
        try:
            data = CIFAR10(str(folder), train=train, download=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise DataMissing(
                f"CIFAR-10 is not in {folder} and could not be downloaded ({image_set.first_line(error)}): put "
                f"cifar-10-python.tar.gz into {folder}."
            ) from error
        images = torch.from_numpy(data.data.transpose(0, 3, 1, 2).copy())
        parts.append(ImageSet(images, torch.tensor(data.targets))[: DRY_RUN_IMAGES if dry_run else None])
    training, validation = mnist.split_validation(parts[0])
    return Data(training, [], {"validation": validation, "test": parts[1]}, tuple(data.classes))


def load_folder(folder: Path, form: Input, read_ink: ReadInk, dry_run: bool, quiet: bool = False) -> Data:
    """Load a folder of images, as folders.list_parts splits it, for a network with the input `form`.

    Colour networks get photographs, others normalised ink, which `read_ink` separates from the paper. Raises
    DataMissing if the folder has no such images, or a file cannot be read.
    """
    listing, read = folders.list_parts(folder), reader(form, read_ink)
    if len(listing.classes) < 2:
        raise DataMissing(
            f"{folder} has one class, {listing.classes[0]}: there is nothing to tell apart. It must hold a sub-folder "
            "of images for each class."
        )
    parts = {
        name: folders.read_samples(samples, read, f"reading {folder}, {name}", dry_run, quiet)
        for name, samples in {"training": listing.training, **listing.held_out}.items()
    }
    return Data(parts.pop("training"), [], parts, listing.classes)


def load_images(
    source: str, folder: Path, form: Input, read_ink: ReadInk, dry_run: bool = False, quiet: bool = False
) -> Data:
    """Load CIFAR-10 from `folder`, or the folder of images that `source` names. Raises DataMissing."""
    if source == "cifar10":
        return load_cifar10(folder, dry_run)
    return load_folder(Path(source.removeprefix(FOLDER)), form, read_ink, dry_run, quiet)


def load_held_out(source: str, folder: Path, form: Input, read_ink: ReadInk) -> dict[str, ImageSet]:
    """Load only the held-out sets of `source`. Raises DataMissing and PenDigitsError."""
    if source.startswith(FOLDER):
        named, read = Path(source.removeprefix(FOLDER)), reader(form, read_ink)
        return {
            name: folders.read_samples(samples, read, f"reading {named}, {name}", dry_run=False, quiet=False)
            for name, samples in folders.list_parts(named).held_out.items()
        }
    if source == "cifar10":
        return load_cifar10(folder, dry_run=False).held_out
    held_out = {
        "validation": mnist.split_validation(mnist.load(folder, train=True))[1],
        "test": mnist.load(folder, train=False),
    }
    path = folder / "pen-digits" / pen_digits.FILE
    if path.exists():
        unseen = pen_digits.split_writers(pen_digits.load(path))[1]
        held_out["pen validation"] = draw_pen_digits(unseen, mnist.SPLIT_SEED)
    return held_out


def reader(form: Input, read_ink: ReadInk) -> Callable[[bytes], torch.Tensor]:
    """Return a function from an image file to an image for a network with the input `form`."""
    if form.channels == 3:
        return lambda data: torch.from_numpy(read_photo(data, form.size))
    return lambda data: torch.from_numpy(normalize(read_ink(data)))
