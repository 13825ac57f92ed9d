"""A network's operations, folded into steps that a reader can follow.

A step begins at each convolution, linear layer and sum of a residual block. Its first layer shows what the weights
give, so that a kernel times the pixels under it is exactly one cell. Its second layer shows the step's result: pooling,
normalisation and activation are folded into one. Cropping and flattening change no value and are folded into the next
layer. Each layer lists its `parts`. `each_operation` folds nothing.
"""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from model.inference.engines.layers import Layer

OPENING: Final = frozenset(("convolution", "linear", "add", "other"))
BEFORE: Final = frozenset(("crop", "flatten"))


@dataclass(frozen=True)
class Step:
    """A layer to show: the number of its step, the operations folded into it, and their result."""

    number: int
    parts: tuple[Layer, ...]
    layer: Layer


def each_operation(layers: Sequence[Layer]) -> list[Step]:
    """Return each operation as a layer of its own."""
    number, steps = 0, []
    for layer in layers:
        number += layer.kind in OPENING
        steps.append(Step(number, (layer,), layer))
    return steps


def fold(layers: Sequence[Layer]) -> list[Step]:
    """Fold the operations of a trace into layers. The logits stay last."""
    uses = Counter(name for layer in layers for name in layer.inputs)
    ends: dict[str, str] = {}  # the inputs of operations that were folded into a later layer
    waiting: list[Layer] = []
    steps: list[Step] = []
    for layer in layers:
        if ends and any(name in ends for name in layer.inputs):
            layer = dataclasses.replace(layer, inputs=tuple(ends.get(name, name) for name in layer.inputs))
        last = steps[-1] if steps else None
        if layer.kind in BEFORE and uses[layer.name] == 1 and layer is not layers[-1]:
            waiting.append(layer)
            ends[layer.name] = layer.inputs[0]
        elif last is None or layer.kind in OPENING or _is_looked_at(last, layer, uses) or waiting:
            number = 0 if last is None else last.number + (layer.kind in OPENING)
            steps.append(Step(number, (*waiting, layer), layer))
            waiting = []
        else:
            steps[-1] = _joined(last, layer)
    return steps


def _is_looked_at(last: Step, layer: Layer, uses: Counter[str]) -> bool:
    """Tell whether the result of `last` must stay visible, so that `layer` cannot be folded into it."""
    opened = last.number == 0 or last.parts[-1].kind in OPENING
    return opened or layer.inputs != (last.layer.name,) or uses[last.layer.name] > 1


def _joined(last: Step, layer: Layer) -> Step:
    parts = (*last.parts, layer)
    kinds = [part.kind for part in parts]
    kind = next((kind for kind in ("pool", "activation") if kind in kinds), kinds[0])
    pools = [part for part in parts if part.kind == "pool"]
    operation = pools[0].operation if len(pools) == 1 else None
    return Step(
        last.number, parts, dataclasses.replace(layer, kind=kind, inputs=last.layer.inputs, operation=operation)
    )
