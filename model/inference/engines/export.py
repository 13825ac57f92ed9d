"""Weights → ONNX: the file that a server without torch runs (`onnx.py`).

It stands beside the weights file, and is of use beside that one alone: what the weights say of themselves is not told
a second time. Added is what torch would be needed to find out: which tensor of the graph holds what each layer made of
an image, the architecture for the network's card, and the backward pass, which gives exact gradients.
"""

import base64
import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.files import write_atomically
from model.inference.engines import Engine
from model.inference.engines.backward import backward
from model.inference.engines.eager import EagerEngine
from model.inference.engines.layers import Layer
from model.inference.engines.onnx import FORMAT, IMAGES, LOGITS, OnnxEngine, open_graph, opened, session
from model.networks.description import INK_STEP, KEY, Contents, Description, WeightsError
from model.networks.weights import Weights
from model.preprocessing import strip
from model.preprocessing.arrays import Floats
from model.preprocessing.normalize import SIDE

if TYPE_CHECKING:
    from onnx import ModelProto

TOLERANCE: Final = 1e-5  # of the largest logit
PIXEL_TOLERANCE: Final = 1e-4  # the same, of those with many more logits
GRADIENT_TOLERANCE: Final = 1e-4  # of an image's largest gradient
# Of the networks whose images may have any size: the step of height and width, and how many an example has.
SIDES: Final = {"ink": ((INK_STEP, 3), (INK_STEP, 5)), "line": ((strip.HEIGHT, 1), (strip.STEP, 12))}
RANDOM: Final = 20  # images that are compared beside the file's own pictures


class _Whole(nn.Module):
    """A network with what comes before it: images (N, 28, 28) from 0 to 1 → logits."""

    def __init__(self, network: nn.Module, to_input: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.network, self._to_input = network, to_input

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.network(self._to_input(images))
        return logits


def export(weights: Weights, path: Path) -> float:
    """Write `weights` as an ONNX file to `path`, once ONNX Runtime was found to give the same numbers.

    Compared are random images and the pictures that the weights file keeps. Returns by how much the logits differ at
    most, as a part of the largest. Raises WeightsError, and leaves an old file as it was, where they differ or the
    network cannot be written so.
    """
    described = weights.description
    if described.channels != 1:
        raise WeightsError(f"{described.network} reads photographs: only networks that read drawings are exported.")
    eager = EagerEngine(weights)
    random = np.random.default_rng(0)
    probes = random.integers(0, 256, (RANDOM, SIDE, SIDE), np.uint8)
    model = _graph(_Whole(weights.network, described.input).eval(), torch.zeros(2, SIDE, SIDE))
    layers = [
        {
            "name": layer.name,
            "kind": layer.kind,
            "inputs": layer.inputs,
            "tensor": tensor,
            "field": layer.field and dataclasses.asdict(layer.field),
            "operation": layer.operation and dataclasses.asdict(layer.operation),
        }
        for layer, tensor in _find(model, eager.trace(probes[0]), probes[:1])
    ]
    about = {
        "format": FORMAT,
        "weights": weights.version,
        "layers": layers,
        "architecture": eager.architecture(),
        "backward": base64.b64encode(backward(model)).decode(),
    }
    model.metadata_props.add(key=KEY, value=json.dumps(about, separators=(",", ":")))
    with write_atomically(path) as unchecked:
        unchecked.write_bytes(model.SerializeToString())
        same = OnnxEngine(unchecked, _contents(weights))
        images = np.concatenate([probes, weights.pictures])
        expected, found = eager.logits(images), same.logits(images)
        difference = float(np.abs(found - expected).max() / np.abs(expected).max())
        if not difference <= TOLERANCE:
            raise WeightsError(f"{path}: ONNX Runtime computes something else, by {difference:.1e} of the logits.")
        if not _same_gradients(eager, same, images):
            raise WeightsError(f"{path}: ONNX Runtime computes other gradients than torch.")
    return difference


def export_sized(weights: Weights, path: Path) -> float:
    """Write a network whose images may have any size, as `export` does, without its layers and its backward pass."""
    described = weights.description
    sides = SIDES[described.network]
    whole = _Whole(weights.network, described.input.normalized).eval()
    about = {"format": FORMAT, "weights": weights.version, "architecture": EagerEngine(weights).architecture()}
    shape = np.array([2, described.channels, *(step * count for step, count in sides)])
    dynamic = {
        at: step * torch.export.Dim("HW"[at - 2], min=1) for at, (step, count) in enumerate(sides, 2) if count > 1
    }
    model = _graph(whole, torch.zeros(*shape.tolist()), dynamic)
    model.metadata_props.add(key=KEY, value=json.dumps(about, separators=(",", ":")))
    shape[3] += sides[1][0]  # another width than the example's
    images = np.random.default_rng(0).random(shape, np.float32)
    with torch.inference_mode():
        expected = whole(torch.from_numpy(images)).numpy()
    with write_atomically(path) as unchecked:
        unchecked.write_bytes(model.SerializeToString())
        _, ready, _ = open_graph(unchecked, _contents(weights))
        difference = float(np.abs(ready.run([LOGITS], {IMAGES: images})[0] - expected).max() / np.abs(expected).max())
        if not difference <= PIXEL_TOLERANCE:
            raise WeightsError(f"{path}: ONNX Runtime computes something else, by {difference:.1e} of the logits.")
    return difference


def exporter(description: Description) -> Callable[[Weights, Path], float] | None:
    """Return what writes the ONNX file of a network, or nothing for one that reads photographs."""
    if description.network in SIDES:
        return export_sized
    return export if description.channels == 1 else None


def _same_gradients(eager: Engine, same: Engine, images: NDArray[np.uint8]) -> bool:
    """Compare the gradients of two engines.

    A ReLU that is within rounding of 0 may be on in one library and off in the other, and the gradient of that image
    then differs. That is rare, so half of the images decide.
    """
    ink = images.astype(np.float32) / np.float32(255)
    exact, found = (engine.gradients(ink, np.ones_like) for engine in (eager, same))
    difference, largest = (np.abs(maps).max(axis=(1, 2)) for maps in (found - exact, exact))
    return bool(np.mean(difference <= GRADIENT_TOLERANCE * largest) >= 0.5)


def _graph(whole: nn.Module, images: Tensor, dynamic: Mapping[int, Any] | None = None) -> "ModelProto":
    """Write a network as torch's exporter does, with what depends on no image worked out.

    `images` are an example, of which the number may be another, and the sides that are named in `dynamic`. What a
    layer makes of an image stays a tensor: nothing else is folded here. A bias that is a constant is what ONNX Runtime
    needs to fold the normalisation behind it into the convolution, when it loads the graph.
    """
    from onnxscript import optimizer

    program = torch.onnx.export(
        whole,
        (images,),
        input_names=[IMAGES],
        output_names=[LOGITS],
        dynamic_shapes=({0: torch.export.Dim("N", min=1), **(dynamic or {})},),
        dynamo=True,
        optimize=False,
        verbose=False,
    )
    if program is None:
        raise WeightsError("This network cannot be written as an ONNX file.")
    optimizer.fold_constants(program.model)
    optimizer.remove_unused_nodes(program.model)
    model: ModelProto = program.model_proto
    _forget(model)
    return model


def _forget(model: "ModelProto") -> None:
    """Take out what the exporter notes of the code that it saw, with paths of this machine: it helps nobody there."""
    graph = model.graph
    for noted in (model, graph, *graph.node, *graph.initializer, *graph.value_info, *graph.input, *graph.output):
        del noted.metadata_props[:]
        noted.doc_string = ""


def _find(model: "ModelProto", layers: list[Layer], image: NDArray[np.uint8]) -> list[tuple[Layer, str]]:
    """Find, for each layer of the trace of `image` (1, 28, 28), the tensor that holds the same numbers."""
    names = [name for node in model.graph.node if node.op_type != "Constant" for name in node.output if name]
    graph = session(opened(model.SerializeToString(), set(names) - {LOGITS}))
    values = graph.run(names, {IMAGES: image / np.float32(255)})
    candidates = iter(zip(names, values, strict=True))  # the graph's order is that of the trace
    found = []
    for layer in layers:
        tensor = next((name for name, value in candidates if _is_same(value, layer.values)), None)
        if tensor is None:
            raise WeightsError(f"No tensor of the graph holds what {layer.name} makes of an image.")
        found.append((layer, tensor))
    return found


def _is_same(value: NDArray[np.generic], layer: Floats) -> bool:
    if value.shape[1:] != layer.shape or value.dtype != layer.dtype:
        return False
    return float(np.abs(value[0] - layer).max()) <= TOLERANCE * max(1.0, float(np.abs(layer).max()))


def _contents(weights: Weights) -> Contents:
    tensors = {name: tensor.numpy() for name, tensor in weights.network.state_dict().items()}
    return Contents(weights.description, weights.version, tensors, weights.pictures)
