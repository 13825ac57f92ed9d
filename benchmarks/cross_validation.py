"""Compare networks and recipes by cross-validation: the test split is never loaded.

    DIGITPAD_DATA=… python -m benchmarks.cross_validation CANDIDATE --folds 0 1 --epochs 12

Each fold holds out another twelfth of MNIST's training split and another six writers of the pen digits, and trains on
the rest. Counted are the errors on the held-out digits, and on 100 digits from each template. The sum over folds tells
candidates apart that one validation set cannot. --without KIND … leaves ways of writing out, as in train.py; --to FILE
appends the figures of each fold as a line of JSON.
"""

import argparse
import dataclasses
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from benchmarks.arguments import data_parser
from benchmarks.data import load_pen_digits
from model.data import image_set, mnist, pen_digits, templates
from model.data.mnist import SPLIT_SEED, split_validation
from model.data.pen_digits import PenDigit
from model.data.rendering import MAX_TEMPLATE_PEN, draw_pen_digits
from model.evaluation import evaluate
from model.inference.engines import eager
from model.networks.digitpad import convolution
from model.networks.registry import Digitpad
from model.training.augment import Augmentation
from model.training.devices import choose_device, keep_freed_memory
from model.training.mixture import make_variant
from model.training.recipe import Recipe, recipe_for
from model.training.trainer import Training

VARIANTS: Final = 4  # drawings of each pen digit


class DenseDigitpad(Digitpad):
    """The default network with a hidden layer of 256 in place of its last two convolutions."""

    def __init__(self, classes: int) -> None:
        super().__init__((16, 48, 96, 1, 1))
        self.features = self.features[:3]
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Linear(96 * 9, 256, bias=False), nn.BatchNorm1d(256), nn.ReLU(), nn.Linear(256, classes)
        )


class FineDigitpad(Digitpad):
    """The default network with a stem of two 3×3 convolutions before the first pool, and twice the work."""

    def __init__(self, classes: int) -> None:
        super().__init__((16, 32, 64, 64, 128), classes)
        self.features = nn.Sequential(
            convolution(1, 16, 3),
            convolution(16, 32, 3, pool=True),
            convolution(32, 64, 3),
            convolution(64, 64, 3, pool=True),
            convolution(64, 128, 3, padding=1),
            convolution(128, 128, 3, padding=1),
        )


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A network and how it is trained."""

    build: Callable[[int], nn.Module] = lambda classes: Digitpad(classes=classes)  # by its number of outputs
    recipe: Recipe = dataclasses.field(default_factory=Recipe)


class DroppingDigitpad(Digitpad):
    """The default network with dropout before its last layer."""

    def __init__(self, classes: int) -> None:
        super().__init__(classes=classes)
        self.classifier.insert(1, nn.Dropout(0.3))


DEFAULT: Final = recipe_for("digitpad")
BOLDER: Final = Recipe(
    learning_rate=3e-3, weight_decay=0.02, averaging=0.05
)  # what "plain" was before these comparisons
STRONGER: Final = Augmentation(rotation=15, scale=0.15, shear=0.3, warp=0.7)
GENTLER: Final = Augmentation(rotation=7, scale=0.09, shear=0.14, warp=0.35)
CANDIDATES: Final[Mapping[str, Candidate]] = {
    "default": Candidate(recipe=DEFAULT),
    "fine": Candidate(build=FineDigitpad, recipe=DEFAULT),
    "one-hand": Candidate(recipe=dataclasses.replace(DEFAULT, drawings=2, varied=0)),
    "another-hand": Candidate(recipe=dataclasses.replace(DEFAULT, varied=1)),
    "another-hand, fine": Candidate(build=FineDigitpad, recipe=dataclasses.replace(DEFAULT, varied=1)),
    "no-glyphs": Candidate(recipe=dataclasses.replace(DEFAULT, glyphs=0)),
    "no-nondigits": Candidate(recipe=dataclasses.replace(DEFAULT, nondigits=0)),
    "plain": Candidate(),
    "bolder": Candidate(recipe=BOLDER),
    "dense": Candidate(build=DenseDigitpad, recipe=BOLDER),
    "wide": Candidate(build=lambda classes: Digitpad((16, 48, 64, 128, 192), classes), recipe=BOLDER),
    "dropout": Candidate(build=DroppingDigitpad, recipe=BOLDER),
    "stronger": Candidate(recipe=dataclasses.replace(BOLDER, augmentation=STRONGER)),
    "gentler": Candidate(recipe=dataclasses.replace(BOLDER, augmentation=GENTLER)),
}


def main() -> None:
    """Train a candidate on each fold and print what it misreads."""
    parser = data_parser(__doc__)
    parser.add_argument("candidate", choices=CANDIDATES)
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 1], choices=range(5), metavar="0…4")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--without", nargs="+", default=[], metavar="KIND", help="ways of writing to leave out")
    parser.add_argument("--to", type=Path, metavar="FILE", help="append the figures here")
    options = parser.parse_args()
    keep_freed_memory()
    digits = mnist.load(options.data_dir, train=True)
    pens = load_pen_digits(options.data_dir)
    for fold in options.folds:
        figures = {
            "candidate": options.candidate, "without": options.without, "fold": fold, "epochs": options.epochs,
            "seed": options.seed,
            **train(CANDIDATES[options.candidate], digits, pens, options, fold),
        }  # fmt: skip
        print(json.dumps(figures))
        if options.to:
            with options.to.open("a") as lines:
                print(json.dumps(figures), file=lines)


def train(
    candidate: Candidate,
    digits: image_set.ImageSet,
    pens: list[PenDigit],
    options: argparse.Namespace,
    fold: int,
) -> dict[str, float]:
    """Train on all but one fold. Returns the errors and the loss on each part of it, and the seconds it took."""
    training_digits, validation = split_validation(digits, fold)
    writers, unseen = pen_digits.split_writers(pens, fold)
    kinds = templates.leave_out(candidate.recipe.kinds, options.without)
    recipe = dataclasses.replace(candidate.recipe, epochs=options.epochs, kinds=kinds)
    drawn = [make_variant(writers, recipe, options.seed + turn) for turn in range(VARIANTS)]
    held_out = {"mnist": validation, "pen": draw_pen_digits(unseen, SPLIT_SEED)}
    for number, kind in enumerate(templates.DIGITS):
        written = templates.write_digits(100, [kind], np.random.default_rng([SPLIT_SEED, number]))
        held_out[kind] = draw_pen_digits(written, SPLIT_SEED, max_pen=MAX_TEMPLATE_PEN)
    torch.manual_seed(options.seed)
    network = candidate.build(len(image_set.CLASSES) + (recipe.nondigits > 0))
    training = Training(network, training_digits, drawn, recipe, choose_device(), options.seed)
    started = time.perf_counter()
    for _ in tqdm(range(recipe.epochs), desc=f"{options.candidate}, fold {fold}", unit=" epochs"):
        training.run_epoch()
    figures: dict[str, float] = {"seconds": round(time.perf_counter() - started)}
    for name, digits in held_out.items():
        images = digits.to(training.device)
        logits = eager.predict_logits(training.averaged, images.images, training.to_input)
        score = evaluate.score(logits[:, : len(image_set.CLASSES)], images.labels)
        figures |= {f"{name} errors": score.count - score.correct, f"{name} loss": round(score.loss, 5)}
    figures["template errors"] = sum(figures[f"{kind} errors"] for kind in templates.DIGITS)
    return figures


if __name__ == "__main__":
    main()
