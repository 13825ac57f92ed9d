"""Where the images of a training come from: MNIST with pen digits, CIFAR-10, or a folder of images."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from model.data import image_set, mnist, pen_digits
from model.data.drawn import draw_pen_digits
from model.data.image_set import ImageSet
from model.errors import DataMissing
from model.preprocessing.image_files import InkError, read_photo
from model.preprocessing.ink import read_ink
from model.preprocessing.network_input import Input
from model.preprocessing.normalize import normalize

DRY_RUN_IMAGES = 600  # of each kind
FOLDER = "folder:"


@dataclass(frozen=True)
class Data:
    """All the images of a training. `held_out` has the validation sets, which choose, and the test split if any."""

    training: ImageSet
    variants: list[ImageSet]  # drawings of the pen digits, each with other pens; empty without pen digits
    held_out: dict[str, ImageSet]
    classes: tuple[str, ...] = image_set.CLASSES
    others: ImageSet | None = None  # held-out images of what is no digit
    shown: tuple[str, ...] = ()  # the held-out sets of which a weights file may keep a few: a folder is its owner's

    @property
    def choosing(self) -> list[str]:
        """The names of the held-out sets that choices are made on."""
        return [name for name in self.held_out if name != "test"]

    @property
    def chooser(self) -> ImageSet:
        """The validation images of all kinds."""
        return image_set.concatenate([self.held_out[name] for name in self.choosing])

    def digests(self) -> dict[str, str]:
        """Name the content of each part."""
        parts = {"training": self.training, **self.held_out}
        if self.variants:
            parts["pen"] = image_set.concatenate(self.variants)
        return {name: images.digest() for name, images in parts.items()}


def title(source: str) -> str:
    """Name a source as people do."""
    return {"mnist": "MNIST", "cifar10": "CIFAR-10"}.get(source, source)


def check(name: str) -> str:
    """Return `name` if it is that of a source: mnist, cifar10 or folder:PATH. Raises ValueError."""
    if name in ("mnist", "cifar10") or (name.startswith(FOLDER) and name != FOLDER):
        return name
    raise ValueError(f"{name!r} is no data set: use mnist, cifar10 or folder:PATH")


def load_cifar10(folder: Path, dry_run: bool) -> Data:
    """Load CIFAR-10 from `folder`, downloading it first where it is not there. Raises DataMissing."""
    from torchvision.datasets import CIFAR10

    parts = []
    for train in (True, False):
        try:
            found = CIFAR10(str(folder), train=train, download=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise DataMissing(
                f"CIFAR-10 is not in {folder} and could not be downloaded ({image_set.first_line(error)}): put "
                f"cifar-10-python.tar.gz into {folder}."
            ) from error
        images = torch.from_numpy(found.data.transpose(0, 3, 1, 2).copy())
        parts.append(ImageSet(images, torch.tensor(found.targets))[: DRY_RUN_IMAGES if dry_run else None])
    training, validation = mnist.split_validation(parts[0])
    return Data(training, [], {"validation": validation, "test": parts[1]}, tuple(found.classes))


def load_folder(folder: Path, form: Input, dry_run: bool, quiet: bool = False) -> Data:
    """Load a folder of images with a sub-folder for each class, as the network with the input `form` reads them.

    Colour networks see photographs; the others see ink, normalised as any drawing is. A validation part is held out
    of every class, always the same one. Raises DataMissing for a folder that holds no such images, and names the file
    that cannot be read.
    """
    samples, classes = list_folder(folder)
    if dry_run:
        samples = samples[:: max(1, len(samples) // DRY_RUN_IMAGES)]
    bar = tqdm(samples, desc=f"reading {folder}", unit=" images", disable=quiet)
    images = torch.stack(list(_read(bar, reader(form))))
    training, validation = split_samples(samples, classes)
    labels = torch.tensor([label for _, label in samples])
    everything = ImageSet(images, labels)
    return Data(everything[training], [], {"validation": everything[validation]}, classes)


def load_images(source: str, folder: Path, form: Input, dry_run: bool = False, quiet: bool = False) -> Data:
    """Load CIFAR-10 from `folder`, or the folder of images that `source` names. Raises DataMissing."""
    if source == "cifar10":
        return load_cifar10(folder, dry_run)
    return load_folder(Path(source.removeprefix(FOLDER)), form, dry_run, quiet)


def load_held_out(source: str, folder: Path, form: Input) -> dict[str, ImageSet]:
    """Load only what `source` holds out of training. Raises DataMissing and PenDigitsError."""
    if source != "mnist":
        return load_images(source, folder, form).held_out
    found = {
        "validation": mnist.split_validation(mnist.load(folder, train=True))[1],
        "test": mnist.load(folder, train=False),
    }
    path = folder / "pen-digits" / pen_digits.FILE
    if path.exists():
        unseen = pen_digits.split_writers(pen_digits.load(path))[1]
        found["pen validation"] = draw_pen_digits(unseen, mnist.SPLIT_SEED)
    return found


def reader(form: Input) -> Callable[[bytes], torch.Tensor]:
    """Return what makes an image file into an image for a network with the input `form`."""
    if form.channels == 3:
        return lambda data: torch.from_numpy(read_photo(data, form.size))
    return lambda data: torch.from_numpy(normalize(read_ink(data)))


def list_folder(folder: Path) -> tuple[list[tuple[Path, int]], tuple[str, ...]]:
    """List the image files under `folder` with the numbers of their classes, and the classes' names."""
    from torchvision.datasets import ImageFolder

    try:
        found = ImageFolder(str(folder))
    except OSError as error:
        raise DataMissing(
            f"{folder} cannot be used ({image_set.first_line(error)}): it must hold a sub-folder of images a class."
        ) from error
    return [(Path(name), label) for name, label in found.samples], tuple(found.classes)


def split_samples(
    samples: Sequence[tuple[Path, int]], classes: Sequence[str], part: float = 0.2, seed: int = mnist.SPLIT_SEED
) -> tuple[torch.Tensor, torch.Tensor]:
    """Split samples into training and validation indices, each in order: every class gives `part` of its images.

    Raises DataMissing when a class has a single image, which cannot be in both.
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


def _read(samples: Iterable[tuple[Path, int]], read: Callable[[bytes], torch.Tensor]) -> Iterator[torch.Tensor]:
    for path, _ in samples:
        try:
            yield read(path.read_bytes())
        except InkError as error:
            raise DataMissing(f"{path}: {error}") from error
