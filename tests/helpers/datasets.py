"""Data sets that the tests make from their own drawings, in the forms that the real ones have."""

import hashlib
import struct
from pathlib import Path

import numpy as np

from model.data import mnist, pen_digits
from model.preprocessing.normalize import normalize
from tests.helpers.drawings import DRAWINGS, ink_of

FEW = ("--batch-size", "32", "--glyphs", "40", "--nondigits", "40")  # options of train.py


def write_mnist(
    folder: Path, images: np.ndarray, labels: np.ndarray, test_images: np.ndarray, test_labels: np.ndarray
) -> None:
    """Write files as MNIST's four are, and let `mnist.load` take them for MNIST's."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, pictures, classes in (("train", images, labels), ("t10k", test_images, test_labels)):
        header = struct.pack(">iiii", 2051, len(pictures), 28, 28)
        (raw / f"{name}-images-idx3-ubyte").write_bytes(header + pictures.astype(np.uint8).tobytes())
        header = struct.pack(">ii", 2049, len(classes))
        (raw / f"{name}-labels-idx1-ubyte").write_bytes(header + classes.astype(np.uint8).tobytes())
    know_mnist(folder)


def know_mnist(folder: Path) -> None:
    """Let `mnist.load` take the files in `folder` for MNIST's, in this process."""
    for path in (folder / "MNIST" / "raw").iterdir():
        mnist.KNOWN[path.name].add(hashlib.sha256(path.read_bytes()).hexdigest())


def some_mnist(count: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(count)
    images = [normalize(ink_of(str(label % 10), width=float(random.uniform(6, 14)))) for label in range(count)]
    return np.stack(images), np.arange(count) % 10


def some_pen_digits() -> str:
    """Write the UNIPEN file with our own drawings, as many digits by as many writers as the real one has."""
    lines = []
    for number in range(pen_digits.DIGITS):
        label = number % 10
        lines += [
            f'.SEGMENT DIGIT {number} ? "{label}"',
            f".COMMENT {label} {number % pen_digits.WRITERS + 1} {number}",
        ]
        for stroke in DRAWINGS[str(label)]:
            points = [f" {round(5 * x)} {round(500 - 5 * y)}" for x, y in stroke]
            lines += [".PEN_DOWN", *points, ".PEN_UP"]
    return "\n".join(lines)
