"""A network layer by layer: output shapes, parameters, and multiplications for one image."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class LayerSummary:
    """One layer, with the shape of its output for one image."""

    name: str
    kind: str
    shape: tuple[int, ...]  # of its output, without the batch
    parameters: int
    multiplications: int


def summarize(network: nn.Module, input_shape: tuple[int, int, int]) -> list[LayerSummary]:
    """Run `network` on one empty image of `input_shape` (C, H, W), and summarize each layer."""
    summaries: list[LayerSummary] = []

    def note(name: str, module: nn.Module, output: Tensor) -> None:
        shape = tuple(output.shape[1:])
        parameters = sum(parameter.numel() for parameter in module.parameters(recurse=False))
        summaries.append(LayerSummary(name, type(module).__name__, shape, parameters, _multiplications(module, output)))

    hooks = [
        module.register_forward_hook(lambda module, _, output, name=name: note(name, module, output))
        for name, module in network.named_modules()
        if _counts(module)
    ]
    try:
        network.eval()
        with torch.inference_mode():
            network(torch.zeros(1, *input_shape, device=next(network.parameters()).device))
    finally:
        for hook in hooks:
            hook.remove()
    return summaries


def _counts(module: nn.Module) -> bool:
    """Tell whether a module is a layer: it has no submodules, or parameters of its own."""
    if not list(module.children()):
        return not isinstance(module, nn.Identity)
    return next(module.parameters(recurse=False), None) is not None


def _multiplications(module: nn.Module, output: Tensor) -> int:
    match module:
        case nn.Conv2d():
            return module.weight[0].numel() * output[0].numel()
        case nn.Linear():
            return module.weight.numel()
        case _:
            return 0


def table(layers: Sequence[LayerSummary]) -> str:
    """Write the layers as a table, with their sums."""
    row = "{:<24} {:<12} {:>14} {:>12} {:>16}".format
    lines = [row("layer", "kind", "output", "parameters", "multiplications")]
    for layer in layers:
        shape = "×".join(map(str, layer.shape))
        lines.append(row(layer.name, layer.kind, shape, f"{layer.parameters:,}", f"{layer.multiplications:,}"))
    parameters = sum(layer.parameters for layer in layers)
    multiplications = sum(layer.multiplications for layer in layers)
    return "\n".join([*lines, row("all", "", "", f"{parameters:,}", f"{multiplications:,}")])
