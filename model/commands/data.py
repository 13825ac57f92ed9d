"""python -m model data: show data sets and export them."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from model.commands.options import add_data_dir
from model.data import folders, image_set, mnist, non_digits, rendering, templates
from model.data.image_set import ImageSet
from model.data.stroke_variation import vary
from model.errors import FileError, UsageError
from model.evaluation import plots
from model.files import writing
from model.preprocessing.image_files import encode_png
from model.training.augment import augment
from model.training.recipe import recipe_for

SPLITS = {"train": True, "test": False}


def add(data: argparse.ArgumentParser) -> None:
    """Add its own commands."""
    whats = data.add_subparsers(required=True, metavar="WHAT")

    export = _add(whats, "export", "write MNIST as PNG files in class folders", export_images)
    export.add_argument("out", type=Path, metavar="DIR")

    preview = _add(whats, "preview", "draw a labelled contact sheet of digits", preview_images)
    preview.add_argument("--augmented", action="store_true",
        help="as in training: augmented, with a row for each kind of drawn image")  # fmt: skip
    preview.add_argument("--count", type=int, choices=range(1, 2001), metavar="N",
        help="how many in all, or of each kind with --augmented (default: 160, or 8)")  # fmt: skip
    preview.add_argument("--seed", type=int, default=0, help="chooses the digits (default: 0)")
    preview.add_argument("--out", type=Path, default=Path("preview.png"), metavar="FILE", help="(default: preview.png)")

    show = _add(whats, "show", "print one digit's 28×28 values", show_values)
    show.add_argument("index", type=int)
    show.add_argument("--hex", action="store_true", help="in hexadecimal")
    show.add_argument("--colour", "--color", choices=("auto", "always", "never"), default="auto")

    _add(whats, "stats", "count the digits of each class; mean and standard deviation of the pixels", print_statistics)
    for command in (preview, show):
        command.add_argument("--split", choices=SPLITS, default="train", help="(default: train)")

    split = whats.add_parser("split", help="copy an image folder into train and validation folders")
    split.add_argument("folder", type=Path, metavar="FOLDER", help="with a sub-folder of images for each class")
    split.add_argument("out", type=Path, metavar="DIR")
    split.add_argument("--part", type=_part, default=0.2, help="share of every class for validation (default: 0.2)")
    split.add_argument("--seed", type=int, default=mnist.SPLIT_SEED, help="(default: the one that train.py uses)")
    split.set_defaults(command=split_folder)


def _add(whats: Any, name: str, help: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = whats.add_parser(name, help=help)
    add_data_dir(command)
    command.set_defaults(command=run)
    return command


def export_images(options: argparse.Namespace) -> int:
    """Write MNIST as DIR/train/7/00123.png: the number is the digit's index in its split."""
    parts = {name: mnist.load(options.data_dir, train) for name, train in SPLITS.items()}
    total = sum(map(len, parts.values()))
    with writing(options.out), tqdm(total=total, desc=f"writing {options.out}", unit=" images") as bar:
        for name in parts:
            for label in image_set.CLASSES:
                (options.out / name / label).mkdir(parents=True, exist_ok=True)
        for name, digits in parts.items():
            for index, (image, label) in enumerate(zip(digits.images.numpy(), digits.labels.tolist(), strict=True)):
                # Encoded in memory: Pillow writes a file in many pieces, which takes three times as long.
                png = encode_png(image, compress_level=1)
                (options.out / name / str(label) / f"{index:05}.png").write_bytes(png)
                bar.update()
    return 0


def preview_images(options: argparse.Namespace) -> int:
    """Draw randomly chosen digits, ordered by class, with their labels and indices."""
    digits = mnist.load(options.data_dir, SPLITS[options.split])
    if options.augmented:
        return preview_augmented(options, digits)
    chosen = np.random.default_rng(options.seed).permutation(len(digits))[: options.count or 160]
    chosen = chosen[np.argsort(digits.labels.numpy()[chosen], kind="stable")]
    sample = digits[torch.from_numpy(chosen)]
    labels = [f"{label}  #{index}" for label, index in zip(sample.labels.tolist(), chosen, strict=True)]
    plots.draw_sheet(options.out, 255 - sample.images.numpy(), labels)
    print(f"Wrote {options.out}")
    return 0


def preview_augmented(options: argparse.Namespace, digits: ImageSet) -> int:
    """Draw augmented images in rows: MNIST's digits, each way of writing a digit, and each kind of non-digit."""
    each = options.count or 8
    random = np.random.default_rng(options.seed)
    rows = {f"MNIST {label}": digits[digits.labels == label][:each] for label in range(10)}
    written = {kind: templates.write_digits(each, [kind], random) for kind in templates.DIGITS}
    for number, (kind, pen_digits) in enumerate(written.items()):
        rows[kind] = rendering.draw_pen_digits(pen_digits, options.seed + number, max_pen=rendering.MAX_TEMPLATE_PEN)
    hands = [vary(digit, random) for pen_digits in written.values() for digit in pen_digits[:1]]
    rows["other hands"] = rendering.draw_pen_digits(hands[:: max(1, len(hands) // each)][:each], options.seed)
    everything_written = [digit for pen_digits in written.values() for digit in pen_digits]
    for kind in non_digits.KINDS:
        rows[f"no digit: {kind}"] = rendering.make_nondigits(each, everything_written, options.seed, [kind])
    images = image_set.concatenate(list(rows.values()))
    chances = torch.Generator().manual_seed(options.seed)
    augmented = augment(images.images, images.labels, recipe_for("digitpad").augmentation, chances)
    labels = [kind for kind, row in rows.items() for _ in range(len(row))]
    plots.draw_sheet(options.out, 255 - (augmented * 255).byte().numpy(), labels, columns=each)
    print(f"Wrote {options.out}")
    return 0


def show_values(options: argparse.Namespace) -> int:
    """Print the pixel values of one digit, coloured by brightness on a terminal."""
    digit = image_set.pick(mnist.load(options.data_dir, SPLITS[options.split]), options.index)
    coloured = options.colour == "always" or (
        options.colour == "auto" and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    )
    print(f"Digit {options.index} of MNIST's {options.split} split, a {digit.labels[0]}")
    for row in digit.images[0].tolist():
        print("".join(_cell(value, options.hex, coloured) for value in row).rstrip())
    return 0


def _cell(value: int, hexadecimal: bool, coloured: bool) -> str:
    text = f"{value:3x}" if hexadecimal else f"{value:4}"
    if not coloured:
        return text
    if not value:
        return f"\x1b[38;5;240m{text}\x1b[0m"
    grey = 236 + round(19 * value / 255)  # of the terminal's 24 greys, 232 to 255
    ink = 255 if value < 140 else 232
    return f"\x1b[48;5;{grey};38;5;{ink}m{text}\x1b[0m"


def print_statistics(options: argparse.Namespace) -> int:
    """Print the number of digits in each class, and mean and standard deviation of the pixels."""
    print(
        f"{'split':<8}{'digits':>8}" + "".join(f"{label:>7}" for label in image_set.CLASSES) + f"{'mean':>9}{'std':>9}"
    )
    for name, train in SPLITS.items():
        digits: ImageSet = mnist.load(options.data_dir, train)
        counts = np.bincount(digits.labels.numpy(), minlength=10)
        mean, std = digits.statistics()
        print(f"{name:<8}{len(digits):>8,}" + "".join(f"{count:>7,}" for count in counts) + f"{mean:>9.4f}{std:>9.4f}")
    print("\nMean and standard deviation are of pixels from 0 (paper) to 1 (ink).")
    return 0


def split_folder(options: argparse.Namespace) -> int:
    """Copy the images into DIR/train/CLASS and DIR/validation/CLASS, split as train.py splits the folder."""
    samples, classes = folders.list_folder(options.folder)
    if options.out.exists() and not (options.out.is_dir() and not any(options.out.iterdir())):
        raise UsageError(f"{options.out} is not an empty folder: name a new one.")
    parts = folders.split_samples(samples, classes, options.part, options.seed)
    for name, indices in zip(("train", "validation"), parts, strict=True):
        for index in tqdm(indices.tolist(), desc=f"writing {options.out / name}", unit=" images"):
            path, _ = samples[index]
            target = options.out / name / path.relative_to(options.folder)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)
            except OSError as error:
                raise FileError(f"{path} cannot be copied to {target} ({error.strerror or error}).") from error
    return 0


def _part(text: str) -> float:
    part = float(text)
    if not 0 < part < 1:
        raise argparse.ArgumentTypeError("it must lie between 0 and 1")
    return part
