"""Every architecture, and the registry that names them.

A weights file holds a network's name and arguments, and `build` makes the same network from them, so that training and
serving cannot differ. To add a network, write it in a module of this folder and name it in `NETWORKS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from torch import nn

from model.networks import classic, deep
from model.networks.digitpad import Digitpad
from model.networks.ink import InkNetwork
from model.networks.line import LineNetwork
from model.preprocessing.network_input import Input

DEFAULT_INPUT: Final = Input()


@dataclass(frozen=True)
class Architecture:
    """How a network is built, what it reads, and the accuracy to beat."""

    build: Callable[..., nn.Module]
    input: Input = DEFAULT_INPUT  # usually without mean and std, which come from the training images
    data: str = "mnist"  # the default data set; empty if a folder must be named; "scenes" and "lines" are made
    tutorial: float | None = None  # the accuracy on its test split that a tutorial published


PADDED: Final = Input((32, 32))
ENLARGED: Final = Input((64, 64), scaled=True)
NETWORKS: Final[Mapping[str, Architecture]] = {
    "digitpad": Architecture(Digitpad),
    "mlp": Architecture(classic.Mlp, tutorial=0.9801),
    "lenet": Architecture(classic.LeNet, PADDED, tutorial=0.9884),
    "lenet5": Architecture(classic.LeNet5, PADDED),
    "cnn-dropout": Architecture(classic.CnnDropout, tutorial=0.9672),
    "cnn-tiny": Architecture(classic.SmallCnn),
    "cnn-keras": Architecture(partial(classic.SmallCnn, (32, 64, 64)), tutorial=0.99),
    "cnn-classic": Architecture(classic.CnnClassic, tutorial=0.992),
    "vgg-mini": Architecture(deep.VggMini, tutorial=0.9906),
    "vgg16": Architecture(deep.vgg16, ENLARGED, tutorial=0.0743),
    "resnet-mini": Architecture(deep.ResNetMini, tutorial=0.981),
    "resnet18": Architecture(deep.resnet18, tutorial=0.6975),
    "lenet-rgb": Architecture(
        partial(classic.LeNet, (16, 32), 3), Input((32, 32), channels=3), "cifar10", tutorial=0.6667
    ),
    "alexnet": Architecture(deep.alexnet, Input((224, 224), channels=3), ""),
    "ink": Architecture(InkNetwork, Input((192, 192), channels=3, mean=0.5, std=0.25), "scenes"),
    "line": Architecture(LineNetwork, Input((32, 160), mean=0.2, std=0.35), "lines"),
}
# These read digits: --network all trains them.
DIGIT_NETWORKS: Final = tuple(name for name, architecture in NETWORKS.items() if architecture.data == "mnist")
PHOTOGRAPH_NETWORKS: Final = ("lenet-rgb", "alexnet")


def build(name: str, **arguments: Any) -> nn.Module:
    """Build the network called `name`. Raises ValueError, naming the known networks, for any other name."""
    if name not in NETWORKS:
        raise ValueError(f"no network is named {name!r}; the known ones are {', '.join(sorted(NETWORKS))}")
    return NETWORKS[name].build(**arguments)


def count_parameters(network: nn.Module) -> int:
    """Count the trainable parameters of `network`."""
    return sum(parameter.numel() for parameter in network.parameters())
