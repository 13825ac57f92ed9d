"""Networks as torch runs them, operation by operation: anything can be asked of them."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from model import explore, summary
from model.engines import Images, Runtime
from model.evaluation import predict_logits
from model.layers import Floats, Kernels, Layer
from model.networks import build
from model.weights import Weights


class EagerEngine:
    """Runs loaded weights; see model.engines.Engine."""

    runtime: Runtime = "torch"

    def __init__(self, weights: Weights) -> None:
        self._network, self._description = weights.network, weights.description
        self._named = explore.names(weights.network)

    def logits(self, images: Images) -> Floats:
        """Look once at images (N, 28, 28), or at photographs (N, 3, H, W). Returns logits (N, C)."""
        found: Floats = predict_logits(self._network, torch.from_numpy(images), self._description.input).numpy()
        return found

    def gradients(self, images: Floats, slope: Callable[[Floats], Floats]) -> Floats:
        """Tell how a score changes with each pixel; see Recognizer.gradients."""
        return explore.gradients(self._network, images, self._description.input, slope)

    def trace(self, image: NDArray[np.uint8]) -> list[Layer]:
        """Follow one image (28, 28) through the network, from its input to its logits."""
        return explore.trace(self._network, image, self._description.input, self._named)

    def kernels(self) -> dict[str, Kernels]:
        """Return the kernels of each convolution, by its name."""
        return explore.kernels(self._network)

    def architecture(self) -> list[dict[str, Any]]:
        """Describe each layer: the fields of model.summary.Layer."""
        # Another network with the same weights in memory: hooks on the one that reads would hear other threads' images.
        with torch.device("meta"):
            heard = build(self._description.network, **self._description.arguments)
        heard.load_state_dict(self._network.state_dict(), assign=True)
        return [dataclasses.asdict(layer) for layer in summary.layers(heard, self._description.input.shape)]
