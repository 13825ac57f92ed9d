"""Operations are folded into steps, and none is lost."""

import numpy as np
import pytest
import torch

from model.explain import steps
from model.inference.engines import tracing
from model.inference.engines.layers import Layer, Operation
from model.networks.registry import DIGIT_NETWORKS, NETWORKS, build
from model.preprocessing.normalize import normalize
from tests.helpers.drawings import ink_of

SEVEN = normalize(ink_of("7"))


def trace(name: str) -> list[Layer]:
    torch.manual_seed(0)
    built = build(name).eval()
    return tracing.trace(built, SEVEN, NETWORKS[name].input, tracing.names(built))


@pytest.mark.parametrize("name", sorted(set(DIGIT_NETWORKS) - {"vgg16", "resnet18"}))
def test_every_operation_is_a_part_of_one_step(name):
    layers = trace(name)
    folded = steps.fold(layers)
    parts = [part.name for step in folded for part in step.parts]
    assert sorted(parts) == sorted(layer.name for layer in layers)
    assert [part.name for step in steps.each_operation(layers) for part in step.parts] == [one.name for one in layers]
    assert folded[-1].layer.values is layers[-1].values
    known = {layer.name: layer for layer in layers}
    names = {step.layer.name for step in folded}
    for step in folded:
        assert step.layer.values is known[step.layer.name].values
        assert set(step.layer.inputs) <= names
        if known[step.layer.name].kind in ("convolution", "linear"):  # before anything is done to it
            assert [part.kind for part in step.parts if part.kind not in steps.BEFORE] == [step.layer.kind]


def test_the_steps_of_the_default_network():
    folded = steps.fold(trace("digitpad"))
    assert [(step.number, step.layer.kind, step.layer.values.shape[0]) for step in folded] == [
        (0, "input", 1),
        (1, "convolution", 16), (1, "pool", 16), (2, "convolution", 48), (2, "activation", 48),
        (3, "convolution", 64), (3, "pool", 64), (4, "convolution", 96), (4, "activation", 96),
        (5, "convolution", 128), (5, "activation", 128), (6, "linear", 10),
    ]  # fmt: skip
    first, second = folded[1:3]
    assert [part.kind for part in first.parts] == ["crop", "convolution"]
    assert first.layer.inputs == ("input",)
    assert first.layer.operation == Operation(5, 1, 0)
    assert [part.kind for part in second.parts] == ["pool", "normalise", "activation"]
    assert second.layer.operation == Operation(2, 2, 0)


def test_the_inputs_of_a_residual_sum_stay_layers():
    folded = {step.layer.name: step for step in steps.fold(trace("resnet-mini"))}
    added = folded["add 1"]
    assert added.layer.inputs == ("activation 1", "3.second")
    assert [part.kind for part in folded["activation 1"].parts] == ["pool", "activation"]
    assert [part.kind for part in folded["activation 3"].parts] == ["activation"]


def test_a_result_that_is_used_twice_stays_a_layer():
    nothing = np.zeros((1, 2, 2), np.float32)
    path = [("input", "input", ()), ("0", "convolution", ("input",)), ("activation 1", "activation", ("0",)),
            ("pool 1", "pool", ("activation 1",)), ("add 1", "add", ("activation 1", "pool 1"))]  # fmt: skip
    folded = steps.fold([Layer(name, kind, inputs, nothing) for name, kind, inputs in path])
    assert [step.layer.name for step in folded] == ["input", "0", "activation 1", "pool 1", "add 1"]
