"""Networks as torch runs them, operation by operation: anything can be asked of them."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.inference.engines import Images, Runtime, tracing
from model.inference.engines.layers import Kernels, Layer
from model.networks import summary
from model.networks.registry import build
from model.networks.weights import Weights
from model.preprocessing.arrays import Floats
from model.preprocessing.network_input import Input

BATCH = 500


class EagerEngine:
    """Runs loaded weights; see engines.Engine."""

    runtime: Runtime = "torch"

    def __init__(self, weights: Weights) -> None:
        self._network, self._description = weights.network, weights.description
        self._named = tracing.names(weights.network)

    def logits(self, images: Images) -> Floats:
        """Look once at images (N, 28, 28), or at photographs (N, 3, H, W). Returns logits (N, C)."""
        found: Floats = predict_logits(self._network, torch.from_numpy(images), self._description.input).numpy()
        return found

    def gradients(self, images: Floats, slope: Callable[[Floats], Floats]) -> Floats:
        """Tell how a score changes with each pixel; see Recognizer.gradients."""
        pixels = torch.from_numpy(images).requires_grad_()
        with torch.enable_grad():
            logits = self._network(self._description.input(pixels))
            (found,) = torch.autograd.grad(logits, pixels, torch.from_numpy(slope(logits.detach().numpy())))
        return found.numpy()

    def trace(self, image: NDArray[np.uint8]) -> list[Layer]:
        """Follow one image (28, 28) through the network, from its input to its logits."""
        return tracing.trace(self._network, image, self._description.input, self._named)

    def kernels(self) -> dict[str, Kernels]:
        """Return the kernels of each convolution, by its name."""
        return tracing.kernels(self._network)

    def architecture(self) -> list[dict[str, Any]]:
        """Describe each layer: the fields of networks.summary.LayerSummary."""
        # Another network with the same weights in memory: hooks on the one that reads would hear other threads' images.
        with torch.device("meta"):
            heard = build(self._description.network, **self._description.arguments)
        heard.load_state_dict(self._network.state_dict(), assign=True)
        return [dataclasses.asdict(layer) for layer in summary.summarize(heard, self._description.input.shape)]


@torch.inference_mode()
def predict_logits(
    network: nn.Module, images: Tensor, to_input: Input, progress: Callable[[int], object] = lambda read: None
) -> Tensor:
    """Run `network` over images (N, …) in batches, in evaluation mode. Returns logits (N, C) on their device.

    `progress` is called with the size of each batch that was read.
    """
    if network.training:  # asked first: the call walks through every layer, which a request would notice
        network.eval()
    logits = []
    for batch in torch.split(images, BATCH):
        logits.append(network(to_input(batch)).float())
        progress(len(batch))
    return torch.cat(logits)
