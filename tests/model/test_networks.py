"""Every network has the parameters and shapes that its docstring promises."""

import pytest
import torch

from model.networks import NETWORKS, build, count_parameters


def test_digitpad_is_small():
    assert count_parameters(build("digitpad")) == 213_082 <= 500_000


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_networks_map_images_to_logits(name):
    assert build(name, classes=7)(torch.zeros(2, 1, 28, 28)).shape == (2, 7)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_every_parameter_learns(name):
    network = build(name)
    network(torch.rand(4, 1, 28, 28)).square().sum().backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None] == []


def test_an_unknown_network_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="digitpad"):
        build("resnet-9000")
