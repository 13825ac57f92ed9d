"""Looking into a network at work: what each operation makes of an image.

This works on any of the networks as they are. A `TorchFunctionMode` is told of every operation while the network
computes, in this thread alone: other threads may use the same network at the same time.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from model.inference.engines.layers import Kernels, Layer, Operation
from model.inference.engines.receptive_fields import Field, of_input
from model.preprocessing.arrays import Floats
from model.preprocessing.network_input import Input

# Operations by the names of torch's functions, without the underscores around them.
DROPOUTS: Final = frozenset(("dropout", "dropout2d", "feature_dropout"))
SUMS: Final = frozenset(("add", "iadd", "radd"))
CELL_BY_CELL: Final[Mapping[str, str]] = {
    "batch_norm": "normalise",
    **dict.fromkeys(("relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "hardtanh"), "activation"),
    **dict.fromkeys(SUMS, "shift"),
    **dict.fromkeys(("mul", "imul", "rmul"), "scale"),
}


def names(network: nn.Module) -> dict[int, str]:
    """Return the names of the modules of `network` that have weights, by the identity of these: trace wants them."""
    found = ((name, getattr(module, "weight", None)) for name, module in network.named_modules())
    return {id(weight): name for name, weight in found if isinstance(weight, Tensor)}


@torch.inference_mode()
def trace(network: nn.Module, image: NDArray[np.uint8], to_input: Input, named: Mapping[int, str]) -> list[Layer]:
    """Run `network` over one image (H, W), and return what each operation makes of it, the logits last.

    Dropout and identities, which change nothing here, are left out.
    """
    started = to_input(torch.from_numpy(image)[None])
    watch = _Watch(named, started, of_input(to_input, *image.shape))
    with watch:
        network(started)
    return watch.layers


def kernels(network: nn.Module) -> dict[str, Kernels]:
    """Return the kernels of each convolution of `network`, by its module's name."""
    return {
        name: Kernels(_array(module.weight), None if module.bias is None else _array(module.bias))
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d)
    }


def _array(values: Tensor) -> Floats:
    # The networks' maps lie in memory channels last: this brings them into the order that their shape tells.
    return np.ascontiguousarray(values.detach().numpy(), np.float32)


class _Watch(TorchFunctionMode):
    """Notes every operation on what came from the input."""

    def __init__(self, modules: Mapping[int, str], started: Tensor, field: Field | None) -> None:
        super().__init__()
        self._modules = modules  # names, by the identity of their weights
        self._made = {id(started): 0}  # numbers of layers, by the identity of their tensors
        self._kept = [started]  # so that no identity is given twice
        self._count: Counter[str] = Counter()
        self.layers = [Layer("input", "input", (), _array(started[0]), field)]

    def __torch_function__(
        self, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        name = function.__name__.strip("_")
        sources = [self._made[id(some)] for some in args if id(some) in self._made]
        if not sources:
            return function(*args, **kwargs)
        result = _without_overwriting(function, name, args, kwargs)
        if isinstance(result, Tensor):
            if name in DROPOUTS:
                self._made[id(result)] = sources[0]
            else:
                self._note(name, args, kwargs, [self.layers[source] for source in sources], result)
            self._kept.append(result)
        return result

    def _note(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], sources: list[Layer], result: Tensor
    ) -> None:
        cells = _one(result.shape[2:]) if result.ndim == 4 else None
        kind, field, operation = _describe(name, args, kwargs, sources, cells)
        known = next((self._modules[id(some)] for some in (*args, *kwargs.values()) if id(some) in self._modules), None)
        self._count[kind] += 1
        called = known or f"{kind} {self._count[kind]}"
        inputs = tuple(source.name for source in sources)
        self._made[id(result)] = len(self.layers)
        self.layers.append(Layer(called, kind, inputs, _array(result[0]), field, operation))


def _without_overwriting(function: Any, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Compute `function`, but leave its arguments as they are: they have been noted."""
    if name == "relu":
        return torch.relu(args[0])
    if name in ("add", "iadd"):
        return torch.add(*args, **kwargs)
    return function(*args, **kwargs)


def _describe(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], sources: list[Layer], cells: int | None
) -> tuple[str, Field | None, Operation | None]:
    """Tell an operation's kind, the field of its result, which has `cells` in a row, and how it moves."""
    field = sources[0].field
    if name == "conv2d":
        kernel, stride, padding, dilation = map(_one, (tuple(args[1].shape[2:]), *args[3:6]))
        return ("convolution", *_moved(field, cells, kernel, stride, padding, dilation))
    if name in ("max_pool2d", "avg_pool2d"):
        options = dict(zip(("kernel_size", "stride", "padding"), args[1:], strict=False)) | dict(kwargs)
        kernel, padding = _one(options["kernel_size"]), _one(options.get("padding", 0))
        stride = _one(options.get("stride") or options["kernel_size"])
        return ("pool", *_moved(field, cells, kernel, stride, padding, _one(options.get("dilation", 1))))
    if name == "adaptive_avg_pool2d":
        side, wanted = _one(sources[0].values.shape[1:]), _one(args[1])
        divides = side is not None and wanted is not None and side % wanted == 0
        kernel = side // wanted if side and wanted and divides else None
        return ("pool", *_moved(field, cells, kernel, kernel, 0, 1))
    if name == "getitem":
        return "crop", _cropped(field, cells, args[1]), None
    if name == "linear":
        return "linear", None, None
    if name == "flatten":
        return "flatten", None, None
    if name in SUMS and len(sources) == 2:
        other = sources[1].field
        return "add", field.joined(other) if field and other else None, None
    if name in CELL_BY_CELL and len(sources) == 1:
        return CELL_BY_CELL[name], field, None
    return "other", None, None  # of an operation that nobody foresaw, nothing is claimed


def _moved(
    field: Field | None,
    cells: int | None,
    kernel: int | None,
    stride: int | None,
    padding: int | None,
    dilation: int | None,
) -> tuple[Field | None, Operation | None]:
    if cells is None or kernel is None or stride is None or padding is None or dilation is None:
        return None, None  # not the same across and down: nothing in the registry is so
    through = field.through(cells, kernel, stride, padding, dilation) if field else None
    return through, Operation(kernel, stride, padding)


def _cropped(field: Field | None, cells: int | None, index: Any) -> Field | None:
    """Return the field after maps[:, :, rows, columns] with plain slices of equal beginnings."""
    match index:
        case (slice(), slice(), slice(start=int(top), step=None), slice(start=left, step=None)) if top == left:
            # Padding below 0 cuts cells off.
            return field.through(cells, kernel=1, padding=-top) if field and cells and top >= 0 else None
        case _:
            return None


def _one(sides: Any) -> int | None:
    """Return the one number that is meant for both sides; None where they differ."""
    if isinstance(sides, int):
        return sides
    return int(sides[0]) if isinstance(sides, Sequence) and len(set(sides)) == 1 else None
