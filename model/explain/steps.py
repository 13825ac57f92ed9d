"""The path through a network, in steps that a reader can follow.

A network is many small operations. A *step* begins with each convolution, each linear layer and each sum of a residual
block. Two things are worth a look in a step: what the weights give, which is a layer of its own, so that a kernel times
what lies under it is exactly one of its cells; and what is handed on, after pooling, normalising and rectifying, which
are folded into one layer in the order that the network has them in. Cutting off a margin and flattening change no
value: they are folded into the layer that wants them. Each layer lists its `parts`: nothing is left out but the values
in between, and `each_operation` gives those too.
"""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from model.inference.engines.layers import Layer, Operation

OPENING: Final = frozenset(("convolution", "linear", "add", "other"))
BEFORE: Final = frozenset(("crop", "flatten"))


@dataclass(frozen=True)
class Part:
    """One of the operations that a layer is folded from."""

    name: str
    kind: str
    operation: Operation | None


@dataclass(frozen=True)
class Step:
    """A layer of the path: its number of the step, what was folded into it, and what came of it."""

    number: int
    parts: tuple[Part, ...]
    layer: Layer


def each_operation(layers: Sequence[Layer]) -> list[Step]:
    """Make a step's layer of each operation, folding nothing."""
    number, steps = 0, []
    for layer in layers:
        number += layer.kind in OPENING
        steps.append(Step(number, (_part(layer),), layer))
    return steps


def fold(layers: Sequence[Layer]) -> list[Step]:
    """Fold the operations of a trace into layers that read well. The logits stay last."""
    uses = Counter(name for layer in layers for name in layer.inputs)
    ends: dict[str, str] = {}  # of operations that were folded into a later one's layer: what that is computed from
    waiting: list[Part] = []
    steps: list[Step] = []
    for layer in layers:
        if ends and any(name in ends for name in layer.inputs):
            layer = dataclasses.replace(layer, inputs=tuple(ends.get(name, name) for name in layer.inputs))
        last = steps[-1] if steps else None
        if layer.kind in BEFORE and uses[layer.name] == 1 and layer is not layers[-1]:
            waiting.append(_part(layer))
            ends[layer.name] = layer.inputs[0]
        elif last is None or layer.kind in OPENING or _is_looked_at(last, layer, uses) or waiting:
            number = 0 if last is None else last.number + (layer.kind in OPENING)
            steps.append(Step(number, (*waiting, _part(layer)), layer))
            waiting = []
        else:
            steps[-1] = _joined(last, layer)
    return steps


def _is_looked_at(last: Step, layer: Layer, uses: Counter[str]) -> bool:
    """Say whether what `last` made must be kept, and `layer` cannot be folded into it."""
    opened = last.number == 0 or last.parts[-1].kind in OPENING
    return opened or layer.inputs != (last.layer.name,) or uses[last.layer.name] > 1


def _joined(last: Step, layer: Layer) -> Step:
    parts = (*last.parts, _part(layer))
    kinds = [part.kind for part in parts]
    kind = next((kind for kind in ("pool", "activation") if kind in kinds), kinds[0])
    pools = [part for part in parts if part.kind == "pool"]
    operation = pools[0].operation if len(pools) == 1 else None
    return Step(
        last.number, parts, dataclasses.replace(layer, kind=kind, inputs=last.layer.inputs, operation=operation)
    )


def _part(layer: Layer) -> Part:
    return Part(layer.name, layer.kind, layer.operation)
