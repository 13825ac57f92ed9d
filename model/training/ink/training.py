"""The training of the ink network: cross-entropy of each pixel, and the overlap of the ink."""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model.data.scenes.writing import Sources
from model.networks.description import INK_CLASSES
from model.training.ink.scenes import Scenes, varied
from model.training.stream.training import StreamRecipe, StreamTraining

VALIDATION_SEED: Final = 20
PRINT_WEIGHT: Final = 0.3  # of the loss: print matters less than ink
PROBABILITIES_WEIGHT: Final = 4.0  # of cross-entropy beside overlap
TILE: Final = 16  # in pixels: the side of a tile whose overlap counts for itself


@dataclass(frozen=True)
class InkRecipe(StreamRecipe):
    """How the ink network is trained."""

    epochs: int = 26
    examples: int = 8000
    validation: int = 512
    batch_size: int = 16
    learning_rate: float = 4e-3


class InkTraining(StreamTraining[tuple[Tensor, Tensor]]):
    """An ink network in training. The measure is the overlap of the ink found with the true ink."""

    network_name, classes, unit, measure = "ink", INK_CLASSES, "scenes", "overlap"

    def __init__(
        self, network: nn.Module, sources: Sources, unseen: Sources, recipe: StreamRecipe, device: torch.device,
        seed: int,
    ) -> None:  # fmt: skip
        super().__init__(network, recipe, device, seed)
        self._sources = sources
        self._validation = Scenes(unseen, recipe.validation, (VALIDATION_SEED,), recipe.batch_size)

    def examples(self, epoch: int) -> Scenes:
        """Return the scenes of an epoch."""
        size = self.recipe.batch_size
        return Scenes(self._sources, self.steps * size, (self.seed, 1, epoch), size)

    def validation_examples(self) -> Scenes:
        """Return scenes with writers and MNIST digits that no training sees."""
        return self._validation

    def loss(
        self, network: nn.Module, batch: tuple[Tensor, Tensor], random: torch.Generator | None
    ) -> tuple[Tensor, Tensor]:
        """Return the loss, and the overlap of each picture."""
        pictures, truth = batch if random is None else varied(*batch, random)
        logits = network(self.to_input.normalized(pictures.to(self.device).float() / 255)).float()  # of any size
        wanted = truth.to(self.device).float() / 255
        return ink_loss(logits, wanted), overlap(logits.detach(), wanted)


def ink_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Compute the loss of logits (B, 2, H, W) for the truth in the same shape, from 0 to 1.

    Cross-entropy of ink and print, and the overlap of ink (Dice loss, Milletari et al., "V-Net", 2016), for which a
    small digit counts as much as a large one; and the overlap in each tile, for which a point between two digits, or
    the tooth of a comb that is taken for one, counts as much as a piece of a digit.
    """
    cross = F.binary_cross_entropy_with_logits(logits, truth, reduction="none").mean(dim=(0, 2, 3))
    ink, wanted = logits[:, 0].sigmoid(), truth[:, 0]
    common, total = ink * wanted, ink + wanted
    whole = _dice(common.sum(dim=(1, 2)), total.sum(dim=(1, 2)), 20).mean()  # so that empty paper has a loss, too
    common, total = (F.avg_pool2d(values[:, None], TILE, divisor_override=1) for values in (common, total))
    counts = (total.detach() > 1).float()  # where there is ink, or seems to be
    tiles = (counts * _dice(common, total, 2)).sum() / (counts.sum() + 1)
    return PROBABILITIES_WEIGHT * (cross[0] + PRINT_WEIGHT * cross[1]) + whole + tiles


def _dice(common: Tensor, total: Tensor, more: float) -> Tensor:
    """Return what is missing from full overlap; `more` pixels are added that overlap."""
    return 1 - (2 * common + more) / (total + more)


def overlap(logits: Tensor, truth: Tensor) -> Tensor:
    """Return intersection over union of the ink found with the true ink, for each picture (B,); 1 for empty paper."""
    found, wanted = logits[:, 0] > 0, truth[:, 0] > 0.5
    common, either = (found & wanted).sum(dim=(1, 2)), (found | wanted).sum(dim=(1, 2))
    return (common + 1) / (either + 1)
