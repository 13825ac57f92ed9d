"""The training mixture of a recipe: MNIST, and drawings that are made anew in several variants."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from model.data import image_set, mnist, pen_digits, sources, templates
from model.data.folders import DRY_RUN_IMAGES
from model.data.image_set import ImageSet
from model.data.pen_digits import PenDigit, PenDigitsError
from model.data.rendering import MAX_TEMPLATE_PEN, draw_pen_digits, make_nondigits
from model.data.sources import Data
from model.data.stroke_variation import vary
from model.inference.ink import ink_reader
from model.preprocessing.network_input import Input
from model.training import devices
from model.training.recipe import Recipe

MOST_VARIANTS = 8  # of the drawings; each epoch takes the next one
HELD_OUT_NONDIGITS = 2000
SHOWN = ("validation", "pen validation")  # MNIST is public, and the pen digits are CC BY 4.0


def load_data(
    source: str,
    folder: Path,
    form: Input,
    pens: Sequence[PenDigit],
    recipe: Recipe,
    seed: int,
    dry_run: bool = False,
) -> Data:
    """Load what `source` names, for a network with the input `form`: mnist, cifar10 or folder:PATH.

    Data sets lie in `folder`. MNIST comes with drawings of `pens` and whatever else `recipe` wants to be made by
    `seed`. A dry run loads a little of everything. Raises DataMissing.
    """
    quiet = devices.rank() > 0
    if source != "mnist":
        return sources.load_images(source, folder, form, ink_reader(), dry_run, quiet)
    digits, test = (mnist.load(folder, train=train) for train in (True, False))
    pen_training, pen_validation = pen_digits.split_writers(pens)
    if dry_run:
        some = slice(DRY_RUN_IMAGES)
        digits, test, pen_training, pen_validation = digits[some], test[some], pen_training[some], pen_validation[some]
    training, validation = mnist.split_validation(digits)
    # Drawing takes seconds, so a short training has fewer variants; augmentation makes more of each in any case.
    turns = min(max(1, recipe.epochs // 2), MOST_VARIANTS)
    unseen = min(recipe.nondigits, HELD_OUT_NONDIGITS)
    each = (recipe.drawings + recipe.varied) * len(pen_training) + recipe.glyphs + recipe.nondigits
    total = turns * each + len(pen_validation) + unseen
    with tqdm(total=total, desc="drawing", unit=" images", unit_scale=True, disable=quiet or not total) as bar:
        variants = [make_variant(pen_training, recipe, seed + turn, bar.update) for turn in range(turns)]
        drawn = draw_pen_digits(pen_validation, mnist.SPLIT_SEED, bar.update)
        others = make_nondigits(unseen, pen_validation, mnist.SPLIT_SEED, progress=bar.update)
    held_out = {"validation": validation, "pen validation": drawn, "test": test}
    return Data(
        training,
        [variant for variant in variants if len(variant)],
        {name: images for name, images in held_out.items() if len(images)},
        others=others if len(others) else None,
        shown=SHOWN,
    )


def load_pen_digits(folder: Path, copy: Path | None = None) -> list[PenDigit]:
    """Load the pen digits from `copy`, or from below `folder`, downloading them once. Raises PenDigitsError."""
    if copy:
        return pen_digits.load(copy)
    folder = folder / "pen-digits"
    there = (folder / pen_digits.FILE).exists()
    try:
        with tqdm(desc="fetching pen digits", unit="B", unit_scale=True, disable=there) as bar:

            def show(received: int, expected: int) -> None:
                bar.total = expected or None
                bar.update(received - bar.n)

            return pen_digits.load(pen_digits.fetch(folder, progress=show))
    except PenDigitsError as error:
        raise PenDigitsError(
            f"{error} Put {pen_digits.FILE} into {folder}, or name a copy with --pen-digits FILE. To go on without it, "
            "say --no-pen-digits: MNIST is read as well, but three times as many of such drawings are misread."
        ) from error


def make_variant(
    pens: Sequence[PenDigit], recipe: Recipe, seed: int, progress: Callable[[], object] = lambda: None
) -> ImageSet:
    """Draw what an epoch sees beside MNIST: pen digits, templates and non-digits."""
    random = np.random.default_rng(seed)
    written = templates.write_digits(recipe.glyphs, recipe.kinds, random)
    varied = [vary(digit, random) for digit in [*pens] * recipe.varied]
    parts = [
        draw_pen_digits([*pens] * recipe.drawings + varied, seed, progress),
        draw_pen_digits(written, seed, progress, MAX_TEMPLATE_PEN),
        make_nondigits(recipe.nondigits, pens, seed, progress=progress),
    ]
    return image_set.concatenate(parts)
