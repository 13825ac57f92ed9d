"""Teachers: trained weights whose common opinion of every image a training learns from, beside the image's label.

An average of several networks reads better than each of them, and costs as much as all of them. A single network that
is taught their opinion, on images bent as its own training bends them, comes close to the average at its own cost.

Source: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015).
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from model.devices import fast_bfloat16
from model.weights import WeightsError, load


class Teachers:
    """Some weights on one device, asked together. `versions` names them."""

    def __init__(self, paths: Sequence[Path], classes: Sequence[str], rejects: bool, device: torch.device) -> None:
        """Load the weights files at `paths`. Raises WeightsError for one that does not answer as the pupil will."""
        found = [load(path) for path in paths]
        for path, weights in zip(paths, found, strict=True):
            if (weights.description.classes, weights.description.rejects) != (tuple(classes), rejects):
                raise WeightsError(
                    f"{path} cannot be a teacher: it tells other classes apart. Train it with the same --data and "
                    "--nondigits."
                )
        self.versions = tuple(weights.version for weights in found)
        self._all = [(weights.network.to(device), weights.description.input) for weights in found]
        self._autocast = fast_bfloat16(device)

    @torch.no_grad()
    def ask(self, images: Tensor) -> Tensor:
        """Return the mean of what the teachers say of images (B, 28, 28), float from 0 to 1: probabilities (B, C)."""
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self._autocast):
            logits = [network(to_input(images)) for network, to_input in self._all]
        return torch.stack([some.float().softmax(dim=1) for some in logits]).mean(dim=0)
