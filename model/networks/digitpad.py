"""The default network."""

from collections.abc import Sequence
from typing import Final

from torch import Tensor, nn

MARGIN: Final = 2  # in pixels


class Digitpad(nn.Module):
    """The default network: five small convolutions and a linear layer.

    A convolution's cost grows with the area of its maps, so the maps shrink quickly: the empty margin is cut off, the
    stem has few maps and is pooled before it is normalised, and most convolutions have no padding. The classifier sees
    every cell of the last maps: a global average would lose what distinguishes a 6 from a 9.

        image          (B, 1, 28, 28) → margin cut off → (B, 1, 24, 24)
        stem   5×5     (B, 16, 20, 20) → pool → (B, 16, 10, 10)
        body   3×3     (B, 48, 8, 8)
        body   3×3     (B, 64, 6, 6) → pool → (B, 64, 3, 3)
        body   3×3     (B, 96, 3, 3), padded
        body   3×3     (B, 128, 3, 3), padded
        logits         (B, classes)
    """

    def __init__(self, widths: Sequence[int] = (16, 48, 64, 96, 128), classes: int = 10) -> None:
        super().__init__()
        w0, w1, w2, w3, w4 = widths
        self.features = nn.Sequential(
            convolution(1, w0, 5, pool=True),
            convolution(w0, w1, 3),
            convolution(w1, w2, 3, pool=True),
            convolution(w2, w3, 3, padding=1),
            convolution(w3, w4, 3, padding=1),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(w4 * 3 * 3, classes))

    def forward(self, images: Tensor) -> Tensor:
        """Map images (B, 1, 28, 28), normalised by the weights' mean and std, to logits (B, classes)."""
        # The ink is 20 pixels long and centred: in 99.6 % of MNIST at most a twentieth of it lies in this margin.
        inner = images[:, :, MARGIN:-MARGIN, MARGIN:-MARGIN]
        return self.classifier(self.features(inner))


def convolution(inputs: int, outputs: int, kernel: int, padding: int = 0, pool: bool = False) -> nn.Sequential:
    """Convolve, pool, normalise, rectify: pooling first leaves a quarter of the normalising."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=False),
        nn.MaxPool2d(2) if pool else nn.Identity(),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )
