"""Networks as ONNX Runtime runs them: a file NAME.onnx beside the weights, which `export.py` makes from them.

The file names the weights that it was made from, and is refused beside others. Its graph has one output, so that
ONNX Runtime may fold normalisations into convolutions and whatever else saves time. To look inside, the same graph is
opened a second time with every layer as an output. For gradients, it is opened once more with its backward pass
(backward.py), which the file holds, too.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from model.files import read_whole
from model.inference.engines import Images, Runtime
from model.inference.engines.layers import Kernels, Layer, Operation
from model.inference.engines.receptive_fields import Field
from model.networks.description import KEY, Contents, WeightsError
from model.preprocessing.arrays import Floats
from model.preprocessing.normalize import SIDE

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

SUFFIX: Final = ".onnx"
FORMAT: Final = 2
IMAGES, LOGITS = "images", "logits"  # the names of the graph's input and output
SLOPE, GRADIENTS = "slope", "gradients"  # those that its backward pass adds
ADVICE: Final = "make it anew with `python -m model export`."
AT_ONCE: Final = 16  # images: what lies between two layers of more of them is in no cache, and takes memory


class OnnxEngine:
    """Runs the graph at `path`; see engines.Engine.

    Raises WeightsError where the file is missing, damaged, of another format, or was made from other weights than
    `contents`.
    """

    runtime: Runtime = "onnx"

    def __init__(self, path: Path, contents: Contents) -> None:
        self._contents = contents
        with refusing(path):
            graph, self._session, about = open_graph(path, contents)
            self._layers, self._architecture = about["layers"], about["architecture"]
            self._opened = session(opened(graph, {layer["tensor"] for layer in self._layers} - {LOGITS}))
            self._backward = session(graph + base64.b64decode(about["backward"]))  # merged, as `opened` is
            self._check()

    def _check(self) -> None:
        """Do everything once that may be asked for. Raises whatever a stranger's file makes of it."""
        described = self._contents.description
        found = self._run(np.zeros((1, SIDE, SIDE), np.float32))
        if found.shape != (1, described.outputs) or not np.isfinite(found).all():
            raise ValueError(f"it does not give {described.outputs} numbers for an image")
        layers = self.trace(np.zeros((SIDE, SIDE), np.uint8))
        known = {layer.name for layer in layers}
        if not all(layer.values.ndim in (1, 3) and known.issuperset(layer.inputs) for layer in layers):
            raise ValueError("its layers do not fit one another")
        self.kernels()
        gradients = self.gradients(np.zeros((1, SIDE, SIDE), np.float32), np.ones_like)
        if gradients.shape != (1, SIDE, SIDE) or not np.isfinite(gradients).all():
            raise ValueError("it does not give a gradient for each pixel")

    def logits(self, images: Images) -> Floats:
        """Look once at images (N, 28, 28). Returns logits (N, C)."""
        return np.concatenate([self._run(_to_unit(images[k : k + AT_ONCE])) for k in range(0, len(images), AT_ONCE)])

    def gradients(self, images: Floats, slope: Callable[[Floats], Floats]) -> Floats:
        """Tell how a score changes with each pixel; see Recognizer.gradients."""
        found: Floats = self._backward.run([GRADIENTS], {IMAGES: images, SLOPE: slope(self.logits(images))})[0]
        return found

    def trace(self, image: NDArray[np.uint8]) -> list[Layer]:
        """Follow one image (28, 28) through the network, from its input to its logits."""
        values = self._opened.run([layer["tensor"] for layer in self._layers], {IMAGES: _to_unit(image[None])})
        return [_layer(told, value[0]) for told, value in zip(self._layers, values, strict=True)]

    def kernels(self) -> dict[str, Kernels]:
        """Return the kernels of each convolution, by its name."""
        tensors = self._contents.tensors
        names = [layer["name"] for layer in self._layers if layer["kind"] == "convolution"]
        return {name: Kernels(tensors[f"{name}.weight"], tensors.get(f"{name}.bias")) for name in names}

    def architecture(self) -> list[dict[str, Any]]:
        """Describe each layer: the fields of networks.summary.LayerSummary."""
        return list(self._architecture)

    def _run(self, images: Floats) -> Floats:
        found: Floats = self._session.run([LOGITS], {IMAGES: images})[0]
        return found


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn whatever a missing or a stranger's file at `path` raises in the block into a WeightsError."""
    try:
        yield
    except FileNotFoundError:
        raise WeightsError(f"{path} is not there: {ADVICE}") from None
    except WeightsError:
        raise
    except Exception as error:  # such a file can be wrong in any way
        told = f"{type(error).__name__}: {str(error)[:200]}"
        raise WeightsError(f"{path} cannot be run ({told}): {ADVICE}") from error


def open_graph(path: Path, contents: Contents) -> tuple[bytes, "InferenceSession", dict[str, Any]]:
    """Open the graph at `path`, which must be made from `contents`: its bytes, ready to run, what it says of itself."""
    graph = read_whole(path)
    ready = session(graph)
    about = json.loads(ready.get_modelmeta().custom_metadata_map[KEY])
    if about["format"] != FORMAT:
        raise ValueError(f"its format is {about['format']!r}, and this version runs {FORMAT}")
    if about["weights"] != contents.version:
        raise WeightsError(f"{path} was made from other weights than those beside it: {ADVICE}")
    return graph, ready, about


def opened(graph: bytes, tensors: Iterable[str]) -> bytes:
    """Make `tensors` outputs of an ONNX file's `graph`, too.

    The file is a protocol buffer, and a second one that is written behind it is merged with it: in field 7 of the
    model, its graph, are here the fields 12, the outputs, each with a name in field 1.
    """
    outputs = b"".join(_field(12, _field(1, tensor.encode())) for tensor in sorted(tensors))
    return graph + _field(7, outputs)


def _field(number: int, content: bytes) -> bytes:
    """Write a field of a protocol buffer that has a length: its number and wire type 2, the length, the content."""
    length, size = b"", len(content)
    while size > 127:
        length, size = length + bytes([size & 127 | 128]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def session(graph: bytes) -> "InferenceSession":
    """Make a graph ready to run on one core."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # A server runs a worker on each core: more threads in each would only make them wait for one another.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Its own arena would keep what the largest batch took, in each session; without it nothing is slower.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _to_unit(images: Images) -> Floats:
    if images.dtype != np.uint8:
        return images.astype(np.float32, copy=False)
    found: Floats = np.divide(images, 255, dtype=np.float32)
    return found


def _layer(told: dict[str, Any], values: Floats) -> Layer:
    field, operation = told["field"], told["operation"]
    moved = field and Field(**field), operation and Operation(**operation)
    return Layer(told["name"], told["kind"], tuple(told["inputs"]), values, *moved)
