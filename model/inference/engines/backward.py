"""The backward pass of an ONNX graph, written at export: how a score changes with the images.

For each node of the graph a rule writes nodes that turn the gradient at its output into the gradient at its input, the
last node first, as automatic differentiation does. They refer to tensors of the graph, and run once they are merged
with it (onnx.py). That a rule holds for all that a node may do is not claimed: `export.py` compares
the gradients with torch's before it writes a file.
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from model.inference.engines.onnx import GRADIENTS, IMAGES, LOGITS, SLOPE
from model.networks.description import WeightsError


class _Writer:
    """Writes nodes. `shapes` are those of the graph's tensors, without the first axis, the images."""

    def __init__(self, model: ModelProto) -> None:
        self.shapes = {
            info.name: [dim.dim_value for dim in info.type.tensor_type.shape.dim][1:]
            for info in (*model.graph.value_info, *model.graph.input, *model.graph.output)
        }
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def __call__(
        self, operation: str, *inputs: str | NDArray[Any] | np.generic, outputs: int = 1, **attributes: Any
    ) -> str:
        """Write a node with these attributes, and return the name of its last output."""
        names = [f"backward {len(self.nodes)}.{k}" for k in range(outputs)]
        tensors = [value if isinstance(value, str) else self._constant(np.asarray(value)) for value in inputs]
        self.nodes.append(helper.make_node(operation, tensors, names, **attributes))
        return names[-1]

    def _constant(self, values: NDArray[Any]) -> str:
        name = f"backward constant {len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values, name))
        return name


# Given a node, the input x that the gradient is wanted at, and the gradient at the node's output: the gradient at x.
Rule = Callable[[_Writer, NodeProto, str, str], str]


def backward(model: ModelProto) -> bytes:
    """Write the backward pass of `model` as a part of an ONNX file, to be merged with it.

    Beside the images, it takes SLOPE (N, C), how the score changes with each logit, and gives GRADIENTS (N, 28, 28).
    Raises WeightsError where there is no rule for an operation.
    """
    moving = {IMAGES}  # the tensors that change a little where the images do
    for node in model.graph.node:
        if node.op_type != "Shape" and moving.intersection(node.input):
            moving.update(node.output)
    write = _Writer(model)
    parts = {LOGITS: [SLOPE]}  # each use of a tensor gives a part of its gradient
    for node in reversed(model.graph.node):
        if node.output[0] not in parts:
            continue
        gradient = _sum(write, parts.pop(node.output[0]))
        if node.op_type not in RULES:
            raise WeightsError(f"There is no gradient for {node.op_type}: add its rule to engines/backward.py.")
        for x in (tensor for tensor in node.input if tensor in moving):
            parts.setdefault(x, []).append(RULES[node.op_type](write, node, x, gradient))
    write.nodes.append(helper.make_node("Identity", [_sum(write, parts[IMAGES])], [GRADIENTS]))
    slope, gradients = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *shape])
        for name, shape in ((SLOPE, write.shapes[LOGITS]), (GRADIENTS, write.shapes[IMAGES]))
    )
    graph = GraphProto(node=write.nodes, initializer=write.constants, input=[slope], output=[gradients])
    part: bytes = ModelProto(graph=graph).SerializeToString()
    return part


def _sum(write: _Writer, parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else write("Sum", *parts)


def _attributes(node: NodeProto) -> dict[str, Any]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def _scale(write: _Writer, node: NodeProto, x: str, gradient: str) -> str:
    """Of a multiplication or division by the node's other input."""
    return write(node.op_type, gradient, node.input[1] if x == node.input[0] else node.input[0])


def _relu(write: _Writer, node: NodeProto, x: str, gradient: str) -> str:
    return write("Where", write("Greater", node.output[0], np.float32(0)), gradient, np.float32(0))


def _tanh(write: _Writer, node: NodeProto, x: str, gradient: str) -> str:
    return write("Mul", gradient, write("Sub", np.float32(1), write("Mul", node.output[0], node.output[0])))


def _normalised(write: _Writer, node: NodeProto, x: str, gradient: str) -> str:
    _, weight, _, _, variance = node.input
    deviation = write("Sqrt", write("Add", variance, np.float32(_attributes(node)["epsilon"])))
    return write("Mul", gradient, write("Unsqueeze", write("Div", weight, deviation), np.array((1, 2))))


def _convolved(write: _Writer, node: NodeProto, x: str, gradient: str) -> str:
    return _spread(write, node, x, gradient, node.input[1], _attributes(node)["group"])


def _averaged(write: _Writer, node: NodeProto, x: str, gradient: str) -> str:
    maps, window = write.shapes[x][0], _attributes(node)["kernel_shape"]
    kernels = np.full((maps, 1, *window), 1 / prod(window), np.float32)
    return _spread(write, node, x, gradient, kernels, maps)


def _spread(
    write: _Writer, node: NodeProto, x: str, gradient: str, kernels: str | NDArray[np.float32], group: int
) -> str:
    """Give each cell that a kernel saw its part of the gradient; what lies beyond the last kernel gets none."""
    attributes = _attributes(node)
    strides, pads, window = attributes["strides"], attributes["pads"], attributes["kernel_shape"]
    dilations = attributes.get("dilations", [1, 1])
    seen = [
        (after - 1) * stride + (side - 1) * dilation + 1 - start - end
        for after, stride, side, dilation, start, end in zip(
            write.shapes[node.output[0]][1:], strides, window, dilations, pads[:2], pads[2:], strict=True
        )
    ]
    rest = [side - covered for side, covered in zip(write.shapes[x][1:], seen, strict=True)]
    moves = {"strides": strides, "pads": pads, "dilations": dilations, "group": group}
    return write("ConvTranspose", gradient, kernels, **moves, kernel_shape=window, output_padding=rest)


def _mean(write: _Writer, node: NodeProto, x: str, gradient: str) -> str:
    share = prod(write.shapes[node.output[0]]) / prod(write.shapes[x])
    return write("Mul", write("Expand", gradient, write("Shape", x)), np.float32(share))


def _enlarged(write: _Writer, node: NodeProto, x: str, gradient: str) -> str:
    """Of bilinear scaling, A·x·Bᵀ for each map x: with the identity as the map, scaling one axis gives A or B."""
    matrices = []
    for old, new in zip(write.shapes[x][1:], write.shapes[node.output[0]][1:], strict=True):
        identity = np.eye(old, dtype=np.float32)[None, None]
        matrices.append(write("Resize", identity, "", "", np.array((1, 1, new, old)), **_attributes(node)))
    down, across = matrices
    return write("MatMul", write("MatMul", write("Transpose", down, perm=(0, 1, 3, 2)), gradient), across)


def _picked(write: _Writer, node: NodeProto, x: str, gradient: str) -> str:
    """Of an operation that picks numbers: done to the positions of all numbers, it shows which it picks."""
    everywhere = write("Range", np.int64(0), write("Size", x), np.int64(1))
    positions = write("Reshape", everywhere, write("Shape", x))
    return _put(write, x, write(node.op_type, positions, *node.input[1:], **_attributes(node)), gradient)


def _most(write: _Writer, node: NodeProto, x: str, gradient: str) -> str:
    """Of max pooling: of several highest numbers under a window, the first has all of the gradient, as in torch."""
    return _put(write, x, write("MaxPool", x, outputs=2, **_attributes(node)), gradient)


def _put(write: _Writer, x: str, positions: str, gradient: str) -> str:
    """Add the numbers of a gradient where the positions of x say; elsewhere it is 0."""
    row = np.array([-1])
    nothing = write("ConstantOfShape", write("Reshape", write("Size", x), row))  # float32
    flat = (write("Reshape", tensor, row) for tensor in (positions, gradient))
    return write("Reshape", write("ScatterElements", nothing, *flat, axis=0, reduction="add"), write("Shape", x))


RULES: Final[Mapping[str, Rule]] = {
    "Add": lambda write, node, x, gradient: gradient,
    "AveragePool": _averaged,
    "BatchNormalization": _normalised,
    "Conv": _convolved,
    "Div": _scale,
    "Gather": _picked,
    "GatherND": _picked,
    "Gemm": lambda write, node, x, gradient: write(
        "Gemm", gradient, node.input[1], transB=1 - _attributes(node).get("transB", 0)
    ),
    "MaxPool": _most,
    "Mul": _scale,
    "Pad": lambda write, node, x, gradient: write("Pad", gradient, write("Neg", node.input[1])),
    "ReduceMean": _mean,
    "Relu": _relu,
    "Reshape": lambda write, node, x, gradient: write("Reshape", gradient, write("Shape", x)),
    "Resize": _enlarged,
    "Slice": _picked,
    "Sub": lambda write, node, x, gradient: gradient if x == node.input[0] else write("Neg", gradient),
    "Tanh": _tanh,
    "Transpose": _picked,
    "Unsqueeze": lambda write, node, x, gradient: write("Reshape", gradient, write("Shape", x)),
    # Puts a constant in the place of some of x, which is its last input.
    "Where": lambda write, node, x, gradient: write("Where", node.input[0], np.float32(0), gradient),
}
