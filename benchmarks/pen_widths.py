"""Two ways to read any pen: bring all ink to one width before it is read, or train with all widths.

    DIGITPAD_DATA=… python -m benchmarks.pen_widths

Trains the default network twice on MNIST and the pen digits, once with ink as it is, and once with the width of every
drawn line brought to MNIST's, in training and in reading. Prints what is misread of the unseen writers' digits, drawn
with pens from a fortieth to a quarter of the digit's longer side.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from PIL import Image, ImageFilter
from tqdm import tqdm

from benchmarks.arguments import data_parser
from benchmarks.data import split_pen_digits
from model.data import mnist
from model.data.image_set import ImageSet
from model.data.mnist import split_validation
from model.data.pen_digits import PenDigit
from model.data.sampling import MAX_PEN, MIN_PEN, log_uniform
from model.evaluation import evaluate
from model.networks.registry import Digitpad
from model.preprocessing import strokes
from model.preprocessing.arrays import Ink
from model.preprocessing.normalize import normalize
from model.training.devices import choose_device, keep_freed_memory
from model.training.recipe import Recipe
from model.training.trainer import Training

WIDTHS: Final = (0.025, 0.05, 0.1, 0.17, 0.25)  # of the longer side
SIDE: Final = 112  # in pixels, of the longer side where widths are changed
MNIST_WIDTH: Final = 0.11  # of the longer side: about 2.2 of 20 pixels
Normalizer = Callable[[Ink], Ink]


def even(ink: Ink) -> Ink:
    """Bring the lines of `ink` to the width that MNIST's have, by dilation or erosion, and normalise it."""
    inked = ink > 127
    edge = inked & ~np.asarray(Image.fromarray(inked.astype(np.uint8) * 255).filter(ImageFilter.MinFilter(3)), bool)
    width = 2 * inked.sum() / max(1, edge.sum())  # a line of length l and width w: l·w pixels, about 2·l on its edges
    change = round((MNIST_WIDTH * max(ink.shape) - width) / 2)  # pixels on either side
    if change:
        kind = ImageFilter.MaxFilter if change > 0 else ImageFilter.MinFilter
        changed = np.asarray(Image.fromarray(np.pad(ink, abs(change))).filter(kind(2 * abs(change) + 1)))
        ink = changed if changed.max() > 127 else ink
    return normalize(ink)


def draw(digits: list[PenDigit], seed: int, finish: Normalizer, part: float | None = None) -> ImageSet:
    """Draw each digit with a pen of `part` of its longer side, or of any width."""
    random = np.random.default_rng(seed)
    images = []
    for digit in digits:
        extent = float(np.ptp(np.concatenate(digit.strokes), axis=0).max())
        pen = part or log_uniform(random, MIN_PEN, MAX_PEN)
        images.append(finish(strokes.draw(digit.strokes, width=pen * extent / (1 - pen), longer_side=SIDE)))
    return ImageSet(torch.from_numpy(np.stack(images)), torch.tensor([digit.label for digit in digits]))


def main() -> None:
    """Train and print both."""
    parser = data_parser(__doc__)
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()
    keep_freed_memory()
    digits, validation = split_validation(mnist.load(options.data_dir, train=True))
    writers, unseen = split_pen_digits(options.data_dir)
    print("misread" + "".join(f"{f'pen {width:.1%}':>12}" for width in WIDTHS) + f"{'MNIST':>12}")
    finishers: dict[str, Normalizer] = {"as it is": normalize, "evened": even}
    for name, finish in finishers.items():
        drawn = [draw(writers, options.seed + turn, finish) for turn in range(options.epochs // 2)]
        torch.manual_seed(options.seed)
        recipe = Recipe(epochs=options.epochs)
        training = Training(Digitpad(), digits, drawn, recipe, choose_device(), options.seed)
        for _ in tqdm(range(recipe.epochs), desc=name, unit=" epochs"):
            training.run_epoch()
        sets = [*(draw(unseen, options.seed, finish, width) for width in WIDTHS), validation]
        figures = [evaluate.evaluate(training.averaged, one.to(training.device), training.to_input) for one in sets]
        print(f"{name:<8}" + "".join(f"{one.count - one.correct:>12}" for one in figures))


if __name__ == "__main__":
    main()
