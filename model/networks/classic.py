"""The networks of books and tutorials that fit on a page.

Each docstring names the source of the architecture and the shapes of the maps. All end in logits: the loss applies the
softmax, and applying it twice makes some tutorials' networks slow to learn.
"""

import torch
from torch import Tensor, nn


class Mlp(nn.Sequential):
    """The multilayer perceptron of most introductions: three dense layers that ignore which pixels are neighbours.

        image     (B, 1, 28, 28) → (B, 784)
        hidden    (B, 400)
        hidden    (B, 200)
        logits    (B, classes)

    Source: countless introductions. LeCun et al., "Gradient-Based Learning Applied to Document
    Recognition" (1998), report 97.5 % for hidden layers of 300 and 100, trained with distorted images.
    """

    def __init__(self, hidden: tuple[int, int] = (400, 200), dropout: float = 0.0, classes: int = 10) -> None:
        first, second = hidden
        super().__init__(
            nn.Flatten(),
            nn.Linear(28 * 28, first),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(first, second),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(second, classes),
        )


class LeNet(nn.Sequential):
    """LeNet as tutorials build it: with ReLU and max pooling instead of LeCun's tanh and averages.

        image     (B, channels, 32, 32)
        conv 5×5  (B, 6, 28, 28) → pool → (B, 6, 14, 14)
        conv 5×5  (B, 16, 10, 10) → pool → (B, 16, 5, 5)
        dense     (B, 120)
        dense     (B, 84)
        logits    (B, classes)

    With `widths` (16, 32) and 3 channels it is `lenet-rgb`, which reads CIFAR-10.

    Source: LeCun et al. (1998), in the form of PyTorch's "Training a Classifier" tutorial.
    """

    def __init__(self, widths: tuple[int, int] = (6, 16), channels: int = 1, classes: int = 10) -> None:
        first, second = widths
        super().__init__(
            *pooled_convolution(channels, first, 5),
            *pooled_convolution(first, second, 5),
            nn.Flatten(),
            nn.Linear(second * 5 * 5, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, classes),
        )


class LeNet5(nn.Module):
    """LeNet-5 as published, except for its output layer.

        image     (B, 1, 32, 32)
        C1 5×5    (B, 6, 28, 28)
        S2        (B, 6, 14, 14)
        C3 5×5    (B, 16, 10, 10)
        S4        (B, 16, 5, 5)
        C5 5×5    (B, 120, 1, 1)
        F6        (B, 84)
        logits    (B, classes)

    The activation is LeCun's scaled tanh, 1.7159·tanh(2x/3). C3 sees all maps of S2 (the paper leaves some
    out to save multiplications), and a linear layer replaces the Euclidean distances to drawn characters.

    Source: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings of
    the IEEE 86 (1998), section II.B.
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5),
            ScaledTanh(),
            Subsampling(6),
            nn.Conv2d(6, 16, 5),
            ScaledTanh(),
            Subsampling(16),
            nn.Conv2d(16, 120, 5),
            ScaledTanh(),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(120, 84), ScaledTanh(), nn.Linear(84, classes))

    def forward(self, images: Tensor) -> Tensor:
        """Map images (B, 1, 32, 32) to logits (B, classes)."""
        return self.classifier(self.features(images))


class ScaledTanh(nn.Module):
    """LeCun's activation, within ±1.7159: its curvature is greatest at ±1 (LeCun et al. 1998, appendix A)."""

    def forward(self, values: Tensor) -> Tensor:
        """Map values of any shape to the same shape."""
        return 1.7159 * (values * (2 / 3)).tanh()


class Subsampling(nn.Module):
    """LeNet-5's pooling layer: the average of 2×2, times a trained coefficient for each map, plus a trained bias."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(2)
        self.coefficient = nn.Parameter(torch.ones(maps, 1, 1))
        self.bias = nn.Parameter(torch.zeros(maps, 1, 1))
        self.squash = ScaledTanh()

    def forward(self, maps: Tensor) -> Tensor:
        """Map (B, maps, H, W) to (B, maps, H/2, W/2)."""
        return self.squash(self.pool(maps) * self.coefficient + self.bias)


class CnnDropout(nn.Sequential):
    """The network of PyTorch's first MNIST example, with dropout after the second convolution and before the logits.

        image     (B, 1, 28, 28)
        conv 5×5  (B, 10, 24, 24) → pool → (B, 10, 12, 12)
        conv 5×5  (B, 20, 8, 8) → dropout of whole maps → pool → (B, 20, 4, 4)
        dense     (B, 50) → dropout
        logits    (B, classes)

    Source: the pytorch/examples MNIST program of 2017, which many tutorials repeat.
    """

    def __init__(self, dropout: float = 0.5, classes: int = 10) -> None:
        super().__init__(
            *pooled_convolution(1, 10, 5),
            nn.Conv2d(10, 20, 5),
            nn.Dropout2d(dropout),
            nn.MaxPool2d(2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(320, 50),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(50, classes),
        )


class SmallCnn(nn.Sequential):
    """Two 3×3 convolutions, each with a pool, and a hidden dense layer.

        image     (B, 1, 28, 28)
        conv 3×3  (B, 16, 26, 26) → pool → (B, 16, 13, 13)
        conv 3×3  (B, 32, 11, 11) → pool → (B, 32, 5, 5)
        dense     (B, 16)
        logits    (B, classes)

    These are the widths of `cnn-tiny`, the network of a browser demo; with (32, 64, 64) it is `cnn-keras`.

    Source: the Keras "Convolutional Neural Network" tutorial, and canvas demos that shrink it.
    """

    def __init__(self, widths: tuple[int, int, int] = (16, 32, 16), classes: int = 10) -> None:
        first, second, hidden = widths
        super().__init__(
            *pooled_convolution(1, first, 3),
            *pooled_convolution(first, second, 3),
            nn.Flatten(),
            nn.Linear(second * 5 * 5, hidden),
            nn.ReLU(),
            nn.Linear(hidden, classes),
        )


class CnnClassic(nn.Sequential):
    """Two padded 5×5 convolutions and a wide dense layer: TensorFlow's "Deep MNIST for Experts".

        image     (B, 1, 28, 28)
        conv 5×5  (B, 32, 28, 28) → pool → (B, 32, 14, 14)
        conv 5×5  (B, 64, 14, 14) → pool → (B, 64, 7, 7)
        dense     (B, 1024) → dropout
        logits    (B, classes)

    Source: the TensorFlow tutorial of 2015, which reports 99.2 %.
    """

    def __init__(self, hidden: int = 1024, dropout: float = 0.5, classes: int = 10) -> None:
        super().__init__(
            *pooled_convolution(1, 32, 5, padding=2),
            *pooled_convolution(32, 64, 5, padding=2),
            nn.Flatten(),
            nn.Linear(64 * 7 * 7, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, classes),
        )


def pooled_convolution(inputs: int, outputs: int, kernel: int, padding: int = 0) -> tuple[nn.Module, ...]:
    """Convolve, pool, rectify. After the pool, ReLU gives the same values and has a quarter of the work."""
    return nn.Conv2d(inputs, outputs, kernel, padding=padding), nn.MaxPool2d(2), nn.ReLU()
