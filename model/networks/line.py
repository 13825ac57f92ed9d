"""The line network: a strip with a line of characters → for each frame, which character it shows, if any.

A convolutional network over the strip, whose columns become frames, trained with connectionist temporal classification
(Graves et al. 2006): nobody tells it where a character begins, and nothing is cut.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTHS: Final = (20, 40, 64, 96)
FEATURES: Final = 128  # of a frame
REACH: Final = 5  # frames that a convolution over frames sees


class LineNetwork(nn.Module):
    """Maps strips (B, 1, 32, W) to logits (B, W / 2, classes + 1) of the frames; the last one is the blank.

    A strip (B, 1, 32, 160) becomes (B, 20, 16, 80), and with half the height at each level (B, 96, 2, 80), frames
    (B, 128, 1, 80), and logits (B, 80, classes + 1).
    """

    def __init__(self, widths: Sequence[int] = WIDTHS, features: int = FEATURES, classes: int = 18) -> None:
        super().__init__()
        self.stem = nn.Sequential(*_convolution(1, widths[0]), nn.MaxPool2d(2))
        self.levels = nn.ModuleList(
            nn.Sequential(*_convolution(before, after), *_convolution(after, after), nn.MaxPool2d((2, 1)))
            for before, after in pairwise(widths)
        )
        self.to_frames = nn.Sequential(
            nn.Conv2d(widths[-1], features, (2, 3), padding=(0, 1), bias=False), nn.BatchNorm2d(features), nn.ReLU()
        )
        self.context = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(features, features, (1, REACH), padding=(0, REACH // 2), bias=False),
                nn.BatchNorm2d(features),
                nn.ReLU(),
            )
            for _ in range(2)
        )
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Conv2d(features, classes + 1, 1)

    def forward(self, strips: Tensor) -> Tensor:
        """Return the logits of each frame. The width must be even, and the height 32."""
        features = self.stem(strips)
        for level in self.levels:
            features = level(features)
        features = self.to_frames(features)
        for layer in self.context:
            features = features + layer(features)
        logits: Tensor = self.head(self.dropout(features))
        return logits.squeeze(2).transpose(1, 2)


def _convolution(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()


def ctc_loss(logits: Tensor, frames: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
    """Compute the mean loss of a batch, each string's divided by its length.

    `logits` are (B, T, classes + 1), `frames` (B,) how many of T count, `labels` all strings' classes one after the
    other, and `lengths` (B,) how many of them each string has.
    """
    logs = F.log_softmax(logits.float(), dim=2).transpose(0, 1)
    return F.ctc_loss(logs, labels, frames, lengths, blank=logits.shape[2] - 1, zero_infinity=True)


@torch.inference_mode()
def best_frames(logits: Tensor) -> list[list[int]]:
    """Return, for each strip, the likeliest class of each frame, repetitions and blanks left out."""
    blank = logits.shape[2] - 1
    return [
        [int(now) for now, before in zip(row, [blank, *row], strict=False) if now not in (before, blank)]
        for row in logits.argmax(dim=2).tolist()
    ]
