"""Every network has the parameters and shapes of its architecture."""

import re
from functools import partial

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from model.networks import summary
from model.networks.registry import DIGIT_NETWORKS, NETWORKS, build, count_parameters

# Weights and biases, layer by layer.
PARAMETERS = {
    "digitpad": 213_082,
    "mlp": (784 + 1) * 400 + (400 + 1) * 200 + (200 + 1) * 10,
    "lenet": (25 + 1) * 6 + (6 * 25 + 1) * 16 + (400 + 1) * 120 + (120 + 1) * 84 + (84 + 1) * 10,
    "lenet5": (25 + 1) * 6 + 12 + (6 * 25 + 1) * 16 + 32 + (400 + 1) * 120 + (120 + 1) * 84 + (84 + 1) * 10,
    "cnn-dropout": (25 + 1) * 10 + (250 + 1) * 20 + (320 + 1) * 50 + (50 + 1) * 10,
    "cnn-tiny": (9 + 1) * 16 + (144 + 1) * 32 + (800 + 1) * 16 + (16 + 1) * 10,
    "cnn-keras": (9 + 1) * 32 + (288 + 1) * 64 + (1600 + 1) * 64 + (64 + 1) * 10,
    "cnn-classic": (25 + 1) * 32 + (800 + 1) * 64 + (3136 + 1) * 1024 + (1024 + 1) * 10,
    "vgg-mini": 9 * (64 + 64 * 64 + 64 * 128 + 128 * 128) + 2 * (64 + 64 + 128 + 128)
    + (6272 + 1) * 256 + (256 + 1) * 128 + (128 + 1) * 10,
    "vgg16": 138_357_544 - 2 * 9 * 64 - (4096 + 1) * 990,  # torchvision's, less two channels and 990 classes
    "resnet-mini": (25 + 1) * 16 + 2 * (144 + 1) * 16 + (400 + 1) * 32 + 2 * (288 + 1) * 32 + (512 + 1) * 10,
    "resnet18": 11_689_512 - 2 * 49 * 64 - (512 + 1) * 990,
    "lenet-rgb": (75 + 1) * 16 + (400 + 1) * 32 + (800 + 1) * 120 + (120 + 1) * 84 + (84 + 1) * 10,
    "alexnet": 61_100_840 - (4096 + 1) * 995,
    "ink": 340_152,
    "line": 461_551,
}  # fmt: skip


class Operations(TorchDispatchMode):
    """Notes the name of every operation that torch carries out."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.names.add(function.__name__)
        return function(*args, **kwargs or {})


@pytest.mark.parametrize("name", NETWORKS)
def test_layers_hold_the_parameters_of_the_architecture(name):
    with torch.device("meta"):
        network = build(name)
        layers = summary.summarize(network, NETWORKS[name].input.shape)
    assert sum(layer.parameters for layer in layers) == count_parameters(network) == PARAMETERS[name]


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_map_images_to_logits(name):
    with torch.device("meta"), Operations() as operations:
        shape = build(name, classes=7).eval()(torch.zeros(2, *NETWORKS[name].input.shape)).shape
    height, width = NETWORKS[name].input.size
    assert shape == {"ink": (2, 7, height, width), "line": (2, width // 2, 8)}.get(name, (2, 7))
    # Cross-entropy takes logits: with a softmax before it, a network learns slowly.
    assert [name for name in operations.names if re.match(r"_?(log_)?softmax|(exp|log|sigmoid)\.", name)] == []


@pytest.mark.parametrize("name", sorted(set(NETWORKS) - {"vgg16", "alexnet"}))
def test_every_parameter_learns(name):
    network = build(name)
    network(torch.rand(4, *NETWORKS[name].input.shape)).square().sum().backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None] == []


# A docstring has the shapes for the default widths; lenet-rgb and cnn-keras have others.
@pytest.mark.parametrize("name", [name for name, one in NETWORKS.items() if not isinstance(one.build, partial)])
def test_the_shapes_in_a_docstring_are_those_of_the_layers(name):
    architecture = NETWORKS[name]
    with torch.device("meta"):
        layers = summary.summarize(build(name), architecture.input.shape)
    before = {architecture.input.shape, (784,), (1, 24, 24)}  # of the image, flattened, and without its margin
    shapes = re.findall(r"\(B, ([\d, ]+)\)", architecture.build.__doc__)
    assert len(shapes) >= 2
    assert {tuple(map(int, shape.split(", "))) for shape in shapes} <= before | {layer.shape for layer in layers}


def test_an_unknown_network_is_refused_naming_the_known_ones():
    with pytest.raises(ValueError, match="digitpad"):
        build("resnet-9000")


def test_networks_for_colour_are_not_digit_networks():
    assert set(NETWORKS) - set(DIGIT_NETWORKS) == {"lenet-rgb", "alexnet", "ink", "line"}


def test_the_untrained_ink_network_takes_most_pixels_for_paper():
    chances = build("ink").eval()(torch.rand(2, 3, 64, 96)).sigmoid()
    assert chances.shape == (2, 2, 64, 96)
    assert 0.02 < chances.mean().item() < 0.2
