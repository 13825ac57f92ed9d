"""What a network reads right, by class, and how far its probabilities can be trusted."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from model.datasets import Digits

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
    def recall(self) -> list[float]:
        """The part of each true class that was read right."""
        return (self.confusion.diagonal() / self.confusion.sum(dim=1).clamp(min=1)).tolist()


def to_input(images: Tensor, mean: float, std: float) -> Tensor:
    """Turn images (B, 28, 28), uint8 or float from 0 to 1, into a network's input (B, 1, 28, 28)."""
    pixels = images.float().div(255) if images.dtype == torch.uint8 else images
    # Channels last: the layout that convolutions are fastest in, on processors and on recent GPUs alike.
    return ((pixels - mean) / std)[:, None].contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def predict_logits(network: nn.Module, images: Tensor, mean: float, std: float) -> Tensor:
    """Run `network` over images (N, 28, 28) in batches, in evaluation mode. Returns logits (N, C) on their device."""
    if network.training:  # asked first: the call walks through every layer, which a request would notice
        network.eval()
    return torch.cat([network(to_input(batch, mean, std)).float() for batch in torch.split(images, BATCH)])


def score(logits: Tensor, labels: Tensor) -> Scores:
    """Compare logits (N, C) with labels (N,)."""
    classes = logits.shape[1]
    confusion = torch.bincount(labels * classes + logits.argmax(dim=1), minlength=classes**2).view(classes, classes)
    return Scores(confusion.cpu(), float(nn.functional.cross_entropy(logits, labels)))


def evaluate(network: nn.Module, digits: Digits, mean: float, std: float) -> Scores:
    """Score `network` on `digits`."""
    return score(predict_logits(network, digits.images, mean, std), digits.labels)
