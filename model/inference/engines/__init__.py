"""What runs a network: torch, or ONNX Runtime, which starts in a moment and needs a tenth of the memory.

Both give the same numbers, gradients included: `export.py` checks that before it writes what ONNX Runtime runs.
torch is imported only where it is to run.
"""

import logging
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from model.inference.engines.layers import Kernels, Layer
from model.networks.description import Contents, WeightsError, refusal
from model.preprocessing.arrays import Floats

Runtime = Literal["auto", "torch", "onnx"]
RUNTIMES: tuple[Runtime, ...] = get_args(Runtime)
Images = NDArray[np.uint8] | Floats  # uint8, or float32 from 0 to 1


class Engine(Protocol):
    """A network that runs."""

    @property
    def runtime(self) -> Runtime:
        """What it is."""

    def logits(self, images: Images) -> Floats:
        """Look once at images (N, 28, 28), or at photographs (N, 3, H, W). Returns logits (N, C)."""

    def gradients(self, images: Floats, slope: Callable[[Floats], Floats]) -> Floats:
        """Tell how a score changes with each pixel; see Recognizer.gradients."""

    def trace(self, image: NDArray[np.uint8]) -> list[Layer]:
        """Follow one image (28, 28) through the network, from its input to its logits."""

    def kernels(self) -> dict[str, Kernels]:
        """Return the kernels of each convolution, by its name."""

    def architecture(self) -> list[dict[str, Any]]:
        """Describe each layer: the fields of networks.summary.LayerSummary."""


def start(path: Path, contents: Contents, runtime: Runtime = "auto") -> Engine:
    """Run the network of the weights file at `path`, which holds `contents`.

    `auto` is ONNX Runtime where it is installed and its file lies beside the weights and was made from them, and torch
    otherwise: the first is faster at everything (docs/serving.md). Raises WeightsError where nothing can run it.
    """
    from model.inference.engines import onnx  # it imports its library only to run something

    graph = path.with_suffix(onnx.SUFFIX)
    drawn = contents.description.channels == 1
    if drawn and (runtime == "onnx" or (runtime == "auto" and find_spec("onnxruntime"))):
        try:
            return onnx.OnnxEngine(graph, contents)
        except WeightsError as error:
            if runtime == "onnx" or not find_spec("torch"):
                raise
            logging.getLogger(__name__).warning("%s torch runs these weights.", error)
    if not find_spec("torch"):
        raise WeightsError(f"{path} needs torch, which is not installed: `pip install -r requirements.txt`.")
    from model.inference.engines.eager import EagerEngine
    from model.networks.weights import unpack

    try:
        return EagerEngine(unpack(contents))
    except Exception as error:  # a stranger's file can be wrong in any way: each is a refusal
        raise refusal(path, error) from error
