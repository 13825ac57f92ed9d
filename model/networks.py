"""Every architecture, and the registry that names them.

A weights file holds a network's name and arguments, and `build` makes the same network again from them: training and
service cannot drift apart.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from torch import Tensor, nn


class Digitpad(nn.Module):
    """The default network: five unpadded or small convolutions, and a linear layer that knows where things are.

    Most of a network's arithmetic is spent where its maps are large, so this one leaves 28×28 quickly: a 5×5 stem is
    pooled before it is normalised, and convolutions without padding shrink the rest. What is left, 4×4 maps, goes to
    the classifier place by place: averaging over places would lose what tells a 6 from a 9.

        image          (B, 1, 28, 28)
        stem   5×5     (B, w0, 24, 24) → pool → (B, w0, 12, 12)
        body   3×3     (B, w1, 10, 10)
        body   3×3     (B, w2, 8, 8)   → pool → (B, w2, 4, 4)
        body   3×3 pad (B, w3, 4, 4)
        body   3×3 pad (B, w4, 4, 4)
        logits         (B, classes)
    """

    def __init__(
        self,
        widths: Sequence[int] = (32, 48, 64, 96, 128),
        hidden: int = 0,
        dropout: float = 0.0,
        stride: int = 0,
        classes: int = 10,
    ) -> None:
        super().__init__()
        w0, w1, w2, w3, w4 = widths
        self.features = nn.Sequential(
            _convolution(1, w0, 5, pool=not stride, stride=2 if stride else 1),
            _convolution(w0, w1, 3),
            _convolution(w1, w2, 3, pool=True),
            _convolution(w2, w3, 3, padding=1),
            _convolution(w3, w4, 3, padding=1),
        )
        head = [nn.Linear(w4 * 16, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU()] if hidden else []
        self.classifier = nn.Sequential(nn.Flatten(), *head, nn.Dropout(dropout), nn.Linear(hidden or w4 * 16, classes))

    def forward(self, images: Tensor) -> Tensor:
        """Map images (B, 1, 28, 28), normalised by the weights' mean and std, to logits (B, classes)."""
        logits: Tensor = self.classifier(self.features(images))
        return logits


def _convolution(
    inputs: int, outputs: int, kernel: int, padding: int = 0, pool: bool = False, stride: int = 1
) -> nn.Sequential:
    """Convolve, pool, normalise, rectify: pooling first spares three quarters of the normalising."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=padding, stride=stride, bias=False),
        nn.MaxPool2d(2) if pool else nn.Identity(),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


NETWORKS: Final[Mapping[str, type[nn.Module]]] = {"digitpad": Digitpad}


def build(name: str, **arguments: Any) -> nn.Module:
    """Make the network that the registry knows as `name`. Raises ValueError with the known names for another one."""
    if name not in NETWORKS:
        raise ValueError(f"no network is named {name!r}; the known ones are {', '.join(sorted(NETWORKS))}")
    return NETWORKS[name](**arguments)


def count_parameters(network: nn.Module) -> int:
    """Count the trained numbers of `network`."""
    return sum(parameter.numel() for parameter in network.parameters())
