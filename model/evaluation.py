"""What a network reads right, by class, and how far its probabilities can be trusted."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from model.datasets import ImageSet
from model.inputs import Input

BATCH = 500


@dataclass(frozen=True)
class Scores:
    """Figures for one set of digits. `confusion` (C, C) counts digits by true (row) and predicted (column) class."""

    confusion: Tensor
    loss: float

    @property
    def count(self) -> int:
        """How many digits were read."""
        return int(self.confusion.sum())

    @property
    def correct(self) -> int:
        """How many of them right."""
        return int(self.confusion.diagonal().sum())

    @property
    def accuracy(self) -> float:
        """The part of them that was read right."""
        return self.correct / max(1, self.count)

    @property
    def precision(self) -> list[float]:
        """The part of what was read as each class that is of it."""
        return (self.confusion.diagonal() / self.confusion.sum(dim=0).clamp(min=1)).tolist()

    @property
    def f1(self) -> list[float]:
        """The harmonic mean of precision and recall of each class."""
        return (2 * self.confusion.diagonal() / (self.confusion.sum(0) + self.confusion.sum(1)).clamp(min=1)).tolist()

    @property
    def recall(self) -> list[float]:
        """The part of each true class that was read right."""
        return (self.confusion.diagonal() / self.confusion.sum(dim=1).clamp(min=1)).tolist()


@torch.inference_mode()
def predict_logits(network: nn.Module, images: Tensor, to_input: Input) -> Tensor:
    """Run `network` over images (N, …) in batches, in evaluation mode. Returns logits (N, C) on their device."""
    if network.training:  # asked first: the call walks through every layer, which a request would notice
        network.eval()
    return torch.cat([network(to_input(batch)).float() for batch in torch.split(images, BATCH)])


def score(logits: Tensor, labels: Tensor) -> Scores:
    """Compare logits (N, C) with labels (N,)."""
    classes = logits.shape[1]
    confusion = torch.bincount(labels * classes + logits.argmax(dim=1), minlength=classes**2).view(classes, classes)
    return Scores(confusion.cpu(), float(nn.functional.cross_entropy(logits, labels)))


def evaluate(network: nn.Module, images: ImageSet, to_input: Input) -> Scores:
    """Score `network` on `images`."""
    return score(predict_logits(network, images.images, to_input), images.labels)
