"""What is said of a network's layers is true: values, receptive fields, kernels."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from model.explain.convolution import convolve
from model.inference.engines import tracing
from model.inference.engines.layers import Layer
from model.networks.registry import DIGIT_NETWORKS, NETWORKS, build
from model.preprocessing.network_input import Input
from model.preprocessing.normalize import normalize
from tests.helpers.drawings import ink_of

SLOW = {"vgg16"}  # its fields are tested on its first layers alone
SEVEN = normalize(ink_of("7"))


def network(name: str, seed: int = 0) -> torch.nn.Module:
    """Build a network that takes weighted means, so that no change of a pixel is lost in a ReLU, a tanh or a sum."""
    torch.manual_seed(seed)
    built = build(name).eval()
    for module in built.modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            module.weight.data.abs_()
            module.weight.data /= module.weight.data.flatten(1).sum(dim=1).view(-1, *[1] * (module.weight.ndim - 1))
            if module.bias is not None:
                module.bias.data.zero_()
    return built


def trace(built: torch.nn.Module, image: np.ndarray, to_input: Input) -> list[Layer]:
    return tracing.trace(built, image, to_input, tracing.names(built))


@pytest.mark.parametrize("name", sorted(set(DIGIT_NETWORKS) - SLOW))
def test_the_path_ends_in_what_the_network_gives(name):
    to_input = NETWORKS[name].input
    torch.manual_seed(0)
    built = build(name).eval()
    layers = trace(built, SEVEN, to_input)
    with torch.inference_mode():
        expected = built(to_input(torch.from_numpy(SEVEN)[None]))[0].numpy()
    assert layers[-1].kind == "linear"
    np.testing.assert_allclose(layers[-1].values, expected, atol=1e-4)
    assert len({layer.name for layer in layers}) == len(layers)
    known = set()
    for layer in layers:
        assert set(layer.inputs) <= known  # each is computed from what came before
        known.add(layer.name)
    weighted = {"convolution", "linear", "normalise"}
    names = [module_name for module_name, module in built.named_modules() if hasattr(module, "weight")]
    assert sorted(layer.name for layer in layers if layer.kind in weighted) == sorted(names)


@pytest.mark.parametrize("name", ["digitpad", "vgg-mini", "resnet18"])
def test_nothing_is_overwritten_by_what_comes_after(name):
    # Networks overwrite sums and maps by their ReLU in place, to save memory: what was before must still be told.
    built = build(name).eval()
    layers = {layer.name: layer for layer in trace(built, SEVEN, NETWORKS[name].input)}
    for layer in layers.values():
        if layer.kind == "activation":
            before = layers[layer.inputs[0]].values
            assert before.min() < 0
            np.testing.assert_array_equal(layer.values, np.maximum(before, 0))
        if layer.kind == "add":
            first, second = (layers[source].values for source in layer.inputs)
            np.testing.assert_array_equal(layer.values, first + second)


@pytest.mark.parametrize("name", sorted(set(DIGIT_NETWORKS) - SLOW - {"mlp"}))
def test_a_cell_sees_its_field_and_nothing_else(name):
    check_fields(network(name), NETWORKS[name].input)


def test_fields_of_an_image_that_is_scaled_up():
    first = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 3, padding=1), torch.nn.MaxPool2d(2), torch.nn.Conv2d(3, 3, 3))
    for module in first[::2]:
        module.weight.data.abs_()
    check_fields(first.eval(), Input((64, 64), scaled=True), edges=False)


def check_fields(built: torch.nn.Module, to_input: Input, edges: bool = True) -> None:
    random = np.random.default_rng(0)
    image = random.integers(100, 110, (28, 28), np.uint8)  # so even that any brighter edge wins in a pool
    before = trace(built, image, to_input)
    fields = {(layer.kind, layer.field): k for k, layer in enumerate(before) if layer.field and layer.field.size <= 40}
    assert len(fields) > 3
    for k in fields.values():
        side = before[k].values.shape[1]
        field = before[k].field
        for row, column in {(0, side // 2), (side // 2, side // 3), (side - 1, side - 1)}:
            top, left = (field.start + cell * field.stride for cell in (row, column))
            rows, columns = (seen_by(field, edge) for edge in (top, left))
            inside = rows[:, None] & columns
            other = random.integers(0, 255, (28, 28), np.uint8)
            outside = trace(built, np.where(inside, image, other), to_input)[k]
            assert np.array_equal(outside.values[:, row, column], before[k].values[:, row, column]), before[k].name
            if edges and inside.any():  # some cells of padded maps see the frame alone
                for edge in at_edges(rows, columns):
                    brighter = image.copy()
                    brighter[edge] = 255
                    changed = trace(built, brighter, to_input)[k].values[:, row, column]
                    assert (changed != before[k].values[:, row, column]).any(), (before[k].name, row, column)


def seen_by(field, edge: float) -> np.ndarray:
    """Tell which of 28 pixels in a row lie within a field that begins at `edge`."""
    pixels = np.arange(28)
    return (pixels >= max(edge, field.low)) & (pixels + 1 <= min(edge + field.size, field.high))


def at_edges(rows: np.ndarray, columns: np.ndarray) -> list[tuple]:
    """Name the outermost row and column of the field's pixels on each side."""
    down, across = np.flatnonzero(rows), np.flatnonzero(columns)
    return [(row, across) for row in (down[0], down[-1])] + [(down, column) for column in (across[0], across[-1])]


def test_a_kernel_times_what_lies_under_it_is_a_cell():
    built = build("digitpad").eval()
    layers = {layer.name: layer for layer in trace(built, SEVEN, Input())}
    kernels = tracing.kernels(built)
    assert list(kernels) == [f"features.{k}.0" for k in range(5)]
    for name, kernel in kernels.items():
        layer = layers[name]
        before = layers[layer.inputs[0]].values
        by_hand = convolve(before[None], kernel.weights, layer.operation.stride, layer.operation.padding)[0]
        np.testing.assert_allclose(layer.values, by_hand, atol=1e-4)


def test_threads_do_not_see_each_others_layers():
    built = build("cnn-tiny").eval()
    images = [np.roll(SEVEN, shift, axis=1) for shift in range(-4, 4)]
    alone = [trace(built, image, Input()) for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda image: trace(built, image, Input()), images * 6))
    for layers, expected in zip(together, alone * 6, strict=True):
        assert [layer.name for layer in layers] == [layer.name for layer in expected]
        assert np.allclose(layers[-1].values, expected[-1].values, atol=1e-5)


def test_an_operation_that_nobody_foresaw_is_told_without_a_field():
    layers = trace(torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.PixelShuffle(2)), SEVEN, Input())
    assert (layers[-1].kind, layers[-1].field) == ("other", None)
