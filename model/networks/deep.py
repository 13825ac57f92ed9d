"""Networks made for photographs: cut down to digits, or taken from torchvision."""

from torch import Tensor, nn

from model.networks.classic import pooled_convolution


class VggMini(nn.Module):
    """Two blocks in the manner of VGG, with batch norm and He's initialisation.

        image         (B, 1, 28, 28)
        conv 3×3 ×2   (B, 64, 28, 28) → pool → (B, 64, 14, 14)
        conv 3×3 ×2   (B, 128, 14, 14) → pool → (B, 128, 7, 7)
        dense         (B, 256) → dropout
        dense         (B, 128) → dropout
        logits        (B, classes)

    Source: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2015); He et
    al., "Delving Deep into Rectifiers" (2015), for the initialisation.
    """

    def __init__(self, dropout: float = 0.5, classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_convolution(1, 64), *_convolution(64, 64), nn.MaxPool2d(2),
            *_convolution(64, 128), *_convolution(128, 128), nn.MaxPool2d(2),
        )  # fmt: skip
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(128 * 7 * 7, 256), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(256, 128), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(128, classes),
        )  # fmt: skip
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (B, 1, 28, 28) to logits (B, classes)."""
        return self.classifier(self.features(images))


class ResNetMini(nn.Sequential):
    """Two convolutions, each followed by a residual block.

        image      (B, 1, 28, 28)
        conv 5×5   (B, 16, 24, 24) → pool → (B, 16, 12, 12)
        block      (B, 16, 12, 12)
        conv 5×5   (B, 32, 8, 8) → pool → (B, 32, 4, 4)
        block      (B, 32, 4, 4)
        logits     (B, classes)

    Source: the "advanced CNN" lecture of Kim's PyTorch lessons; He et al., "Deep Residual Learning" (2016).
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__(
            *pooled_convolution(1, 16, 5),
            ResidualBlock(16),
            *pooled_convolution(16, 32, 5),
            ResidualBlock(32),
            nn.Flatten(),
            nn.Linear(32 * 4 * 4, classes),
        )


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions whose result is added to their input."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(maps, maps, 3, padding=1)
        self.second = nn.Conv2d(maps, maps, 3, padding=1)

    def forward(self, maps: Tensor) -> Tensor:
        """Map (B, maps, H, W) to the same shape."""
        added = maps + self.second(self.first(maps).relu())
        return added.relu()


def vgg16(classes: int = 10) -> nn.Module:
    """Make torchvision's VGG-16 with one input channel, for images of 64×64.

        image           (B, 1, 64, 64)
        5 blocks 3×3    (B, 512, 2, 2) → resized to 7×7, as torchvision's classifier expects
        dense, dense    (B, 4096), with dropout
        logits          (B, classes)

    Source: Simonyan and Zisserman (2015), configuration D.
    """
    from torchvision.models import vgg16

    network = vgg16(num_classes=classes)
    network.features[0] = nn.Conv2d(1, 64, 3, padding=1)
    return network


def resnet18(classes: int = 10) -> nn.Module:
    """Make torchvision's ResNet-18 with one input channel.

        image           (B, 1, 28, 28)
        conv 7×7 / 2    (B, 64, 14, 14) → pool → (B, 64, 7, 7)
        4 × 2 blocks    (B, 512, 1, 1)
        logits          (B, classes)

    Source: He et al. (2016), table 1.
    """
    from torchvision.models import resnet18

    network = resnet18(num_classes=classes)
    network.conv1 = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
    return network


def alexnet(classes: int = 5) -> nn.Module:
    """Make torchvision's AlexNet, for photographs in a folder: five classes of flowers in the tutorial.

        image             (B, 3, 224, 224)
        5 convolutions    (B, 256, 6, 6)
        dense, dense      (B, 4096), with dropout
        logits            (B, classes)

    Source: Krizhevsky, "One weird trick for parallelizing convolutional neural networks" (2014).
    """
    from torchvision.models import alexnet

    return alexnet(num_classes=classes)


def _convolution(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
