"""The training of the line network, with connectionist temporal classification as the loss."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from model.data.lines.compose import Writer
from model.data.lines.texts import CHARACTERS
from model.data.scenes.writing import Sources
from model.networks.description import LINE_CLASSES
from model.networks.line import best_frames, ctc_loss
from model.preprocessing.arrays import Ink
from model.preprocessing.strip import HEIGHT, to_strip
from model.training.stream.training import AHEAD, StreamRecipe, StreamTraining

VALIDATION_SEED: Final = 22
SORTED: Final = 4  # batches: that many lines are made at once and sorted by length, so that a batch has little padding
MIN_WIDTH: Final = 48  # in pixels, of a batch


@dataclass(frozen=True)
class LineRecipe(StreamRecipe):
    """How the line network is trained."""

    epochs: int = 40
    examples: int = 16384
    validation: int = 2048
    batch_size: int = 64
    learning_rate: float = 4e-3


@dataclass(frozen=True)
class LineBatch:
    """Strips (B, 1, 32, W) uint8, how many frames each has (B,), and their classes one after the other."""

    strips: Tensor
    frames: Tensor
    labels: Tensor
    lengths: Tensor
    texts: tuple[str, ...]


class Lines(Dataset[list[LineBatch]]):
    """Groups of SORTED batches by number: the same number gives the same lines, in whatever process."""

    def __init__(self, writer: Writer, batches: int, batch_size: int, seed: Sequence[int]) -> None:
        self.writer, self.batches, self.batch_size, self.seed = writer, batches, batch_size, tuple(seed)

    def __len__(self) -> int:
        return -(-self.batches // SORTED)

    def __getitem__(self, index: int) -> list[LineBatch]:
        random = np.random.default_rng([*self.seed, index])
        count = min(SORTED, self.batches - index * SORTED)
        lines: list[tuple[Ink, str]] = []
        while len(lines) < count * self.batch_size:
            ink, text = self.writer.line(random)
            if (strip := to_strip(ink)) is not None:
                lines.append((strip.image, text))
        lines.sort(key=lambda line: line[0].shape[1])
        groups = [lines[at : at + self.batch_size] for at in range(0, len(lines), self.batch_size)]
        return [batch_of(groups[at]) for at in random.permutation(len(groups)).tolist()]


def batch_of(lines: Sequence[tuple[Ink, str]]) -> LineBatch:
    """Put strips and their texts into a batch."""
    width = max(MIN_WIDTH, max(strip.shape[1] for strip, _ in lines))
    strips = np.zeros((len(lines), 1, HEIGHT, width), np.uint8)
    for place, (strip, _) in zip(strips, lines, strict=True):
        place[0, :, : strip.shape[1]] = strip
    texts = tuple(text for _, text in lines)
    return LineBatch(
        torch.from_numpy(strips),
        torch.full((len(lines),), width // 2),
        torch.tensor([CHARACTERS.index(character) for text in texts for character in text]),
        torch.tensor([len(text) for text in texts]),
        texts,
    )


class LineTraining(StreamTraining[LineBatch]):
    """A line network in training. The measure is the share of the lines that are read entirely right."""

    network_name, classes, unit, measure = "line", LINE_CLASSES, "lines", "right"

    def __init__(
        self,
        network: nn.Module,
        sources: Sources,
        unseen: Sources,
        recipe: StreamRecipe,
        device: torch.device,
        seed: int,
    ) -> None:
        super().__init__(network, recipe, device, seed)
        self._writer, self._unseen = Writer(sources), Writer(unseen)

    def examples(self, epoch: int) -> Lines:
        """Return the lines of an epoch."""
        return Lines(self._writer, self.steps, self.recipe.batch_size, (self.seed, 2, epoch))

    def validation_examples(self) -> Lines:
        """Return lines by writers that no training sees."""
        size = self.recipe.batch_size
        return Lines(self._unseen, max(1, self.recipe.validation // size), size, (VALIDATION_SEED,))

    def batches(self, examples: Dataset[Any]) -> Iterable[LineBatch]:
        """Load batches of lines."""
        groups = DataLoader(examples, batch_size=None, num_workers=self.workers, prefetch_factor=AHEAD // 2)
        return (batch for group in groups for batch in group)

    def loss(self, network: nn.Module, batch: LineBatch, random: torch.Generator | None) -> tuple[Tensor, Tensor]:
        """Return the loss, and which lines are read right."""
        logits = network(self.to_input.normalized(batch.strips.to(self.device).float() / 255))
        loss = ctc_loss(logits, batch.frames, batch.labels, batch.lengths)
        read = best_frames(logits.detach())
        right = ["".join(CHARACTERS[at] for at in found) == text for found, text in zip(read, batch.texts, strict=True)]
        return loss, torch.tensor(right)
