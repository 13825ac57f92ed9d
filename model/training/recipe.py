"""Training recipes: every setting, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from model.data.templates import DIGITS
from model.training.augment import PHOTOGRAPHS, Augmentation


@dataclass(frozen=True)
class Recipe:
    """How a network is trained, and what each setting is for.

    The defaults are those of `digitpad`; what was compared is in docs/training.md. `RECIPES` says where another
    network wants something else.
    """

    epochs: int = 8
    batch_size: int = 128  # many steps in few epochs, and a processor is hardly faster with larger ones
    learning_rate: float = 2e-3  # the peak of a one-cycle schedule: bold in the middle, calm at the end
    warm_up: float = 0.25  # fraction of the training in which the rate rises
    weight_decay: float = 0.05  # AdamW's, on convolutions and linear layers alone: it keeps weights from growing
    label_smoothing: float = 0.05  # keeps logits bounded where labels are wrong
    averaging: float = 0.1  # the result is a running average over about this last fraction: less noise
    drawings: int = 1  # of each pen digit in every variant, each with another pen
    varied: int = 0  # more drawings of each, with varied strokes
    glyphs: int = 0  # digits from templates, for writing styles that the data lack; new in every variant
    kinds: tuple[str, ...] = tuple(DIGITS)  # which of the templates
    nondigits: int = 0  # non-digits, new in every variant; the network then has an output for them
    augmentation: Augmentation = field(default_factory=Augmentation)


# By the network's name in the registry; the others are trained by the defaults.
RECIPES: Final[Mapping[str, Recipe]] = {
    "digitpad": Recipe(varied=2, glyphs=5000, nondigits=10000, augmentation=Augmentation(blurred=0.1, noisy=0.2)),
    "mlp": Recipe(epochs=16),
    "cnn-classic": Recipe(epochs=4, learning_rate=1.5e-3),
    "vgg-mini": Recipe(epochs=4),
    "vgg16": Recipe(epochs=1, learning_rate=2e-4),
    "resnet18": Recipe(epochs=4, learning_rate=1e-3),
    "lenet-rgb": Recipe(
        epochs=30,
        learning_rate=3e-3,
        augmentation=replace(PHOTOGRAPHS, rotation=0.0, scale=0.08, shear=0.0, shift=2.5),
    ),
    "alexnet": Recipe(epochs=60, learning_rate=5e-4, augmentation=replace(PHOTOGRAPHS, scale=0.25, shift=16.0)),
}


def recipe_for(network: str) -> Recipe:
    """Return the recipe of the network that the registry knows as `network`."""
    return RECIPES.get(network, Recipe())
