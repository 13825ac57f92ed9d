"""What there is to see inside a network, whatever runs it: layers at work, and kernels."""

from dataclasses import dataclass

from model.inference.engines.receptive_fields import Field
from model.preprocessing.arrays import Floats


@dataclass(frozen=True)
class Operation:
    """How a convolution or a pool moves over its maps, in their cells."""

    kernel: int
    stride: int
    padding: int


@dataclass(frozen=True)
class Layer:
    """What one operation made of an image: `values` is (maps, height, width), or (numbers,) where there is no place.

    `name` is that of the module whose weights it uses, or its kind and a number; `inputs` are the names of the layers
    that it was computed from. `field` is in pixels of the 28×28 image; None where there is no place, or none that a
    few numbers tell.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    values: Floats
    field: Field | None = None
    operation: Operation | None = None


@dataclass(frozen=True)
class Kernels:
    """The weights of a convolution (maps, input maps, height, width), and what it adds to each map (maps,)."""

    weights: Floats
    bias: Floats | None
