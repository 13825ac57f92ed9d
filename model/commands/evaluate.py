"""python -m model evaluate: accuracy, confusion and calibration of weights on a held-out set."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from model.commands.options import add_data_dir, add_weights, source, weights_of
from model.data import folders, sources
from model.data.image_set import CLASSES, ImageSet
from model.errors import UsageError
from model.evaluation import plots, report
from model.evaluation.evaluate import class_logits, score
from model.files import WEIGHTS
from model.inference import calibration
from model.inference.ink import ink_reader
from model.networks import weights
from model.networks.description import Description
from model.networks.registry import NETWORKS
from model.networks.training_record import BINS

SHOWN = 160  # misread images, at most


def add(evaluate: argparse.ArgumentParser) -> None:
    """Add its options."""
    add_weights(evaluate)
    add_data_dir(evaluate)
    evaluate.add_argument("--data", type=source, metavar="SOURCE",
        help="mnist, cifar10 or folder:PATH (default: the network's own)")  # fmt: skip
    evaluate.add_argument("--on", choices=("test", "validation"), default="test", help="the split (default: test)")
    evaluate.add_argument("--out", type=Path, default=WEIGHTS / "logs", metavar="DIR",
        help="where the pictures go (default: weights/logs)")  # fmt: skip
    evaluate.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Print the metrics on one split, and draw its confusion matrix and the misread images."""
    path = weights_of(options)
    loaded = weights.load(path)
    described = loaded.description
    named = options.data or NETWORKS[described.network].data
    if not named:
        raise UsageError(f"{described.network} reads photographs from a folder: name it with --data folder:PATH.")
    _check_source(described, named)
    held_out = sources.load_held_out(named, options.data_dir, described.input, ink_reader())
    split = options.on if options.on in held_out else "validation"
    images, title = held_out[split], f"{sources.title(named)} {split}"
    logits = class_logits(loaded, images, title)
    scores = score(logits, images.labels)
    print(f"{path}, {loaded.version}\n")
    print(report.table(scores, described.classes))
    print(f"\n{report.summary(title, scores)}")
    print(_calibration(loaded, logits, images))
    if "pen validation" in held_out:
        pens = held_out["pen validation"]
        pen_logits = class_logits(loaded, pens, "pen digits")
        print(report.summary("pen digits, unseen writers", score(pen_logits, pens.labels)))
        print(_calibration(loaded, pen_logits, pens))

    confusion, sheet = (options.out / f"{path.stem}-{what}.png" for what in ("confusion", "misread"))
    plots.draw_confusion(confusion, scores, described.classes, f"{path.stem}, {title}")
    print(f"\nWrote {confusion}")
    if scores.correct < scores.count:
        draw_misread(sheet, images, logits.argmax(dim=1).numpy(), described.classes)
        print(f"Wrote {sheet}")
    return 0


def _check_source(described: Description, source: str) -> None:
    """Raise UsageError if the weights have other classes than `source`."""
    if source.startswith(sources.FOLDER):
        listing = folders.list_parts(Path(source.removeprefix(sources.FOLDER)))
        fits = listing.classes == described.classes
    else:
        fits = source == NETWORKS[described.network].data and len(described.classes) == len(CLASSES)
    if not fits:
        reads = ", ".join(described.classes)
        raise UsageError(f"{sources.title(source)} has other classes than these weights: {reads}.")


def _calibration(loaded: weights.Weights, logits: Tensor, images: ImageSet) -> str:
    probabilities = calibration.probabilities(logits.numpy(), loaded.description.calibration.temperature)
    error = calibration.expected_error(calibration.reliability(probabilities, images.labels.numpy()))
    return f"{'  calibration error':<28} {error:8.2%}   expected, over {BINS} bins, after scaling"


def draw_misread(path: Path, images: ImageSet, predicted: Any, classes: tuple[str, ...]) -> None:
    """Draw a contact sheet of misread images, each labelled with its true class and its prediction."""
    wrong = np.flatnonzero(predicted != images.labels.numpy())[:SHOWN]
    labels = [f"{classes[int(images.labels[index])]} as {classes[int(predicted[index])]}" for index in wrong]
    pixels = images.images[wrong].numpy()
    plots.draw_sheet(path, pixels if pixels.ndim == 3 else np.moveaxis(pixels, 1, 3), labels)
