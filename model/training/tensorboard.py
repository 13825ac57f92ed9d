"""TensorBoard event files of a training: scalars, the network's graph, sample images, and what was misread."""

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import nn

from model.data.image_set import ImageSet
from model.errors import PackageMissing
from model.networks.training_record import Epoch
from model.preprocessing.network_input import Input

SHOWN = 64  # images at most


class Board:
    """Writes one training's event files into a folder. Raises PackageMissing."""

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise PackageMissing(
                "--tensorboard needs the package tensorboard: pip install -r requirements-dev.txt"
            ) from error
        self.writer: Any = SummaryWriter(str(folder))

    def begin(self, network: nn.Module, images: ImageSet, to_input: Input) -> None:
        """Write the graph of `network` and some of its training images."""
        device = next(network.parameters()).device
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch uses a tracer that it has deprecated
            self.writer.add_graph(network, to_input(images.images[:1]).to(device))
        step = max(1, len(images) // SHOWN)
        self.writer.add_images("training images", _pixels(images[::step]), 0)
        self.writer.flush()

    def epoch(self, epoch: Epoch) -> None:
        """Write the scalars of one epoch."""
        for part in ("training", "validation"):
            self.writer.add_scalar(f"loss/{part}", getattr(epoch, f"{part}_loss"), epoch.epoch)
            self.writer.add_scalar(f"accuracy/{part}", getattr(epoch, f"{part}_accuracy"), epoch.epoch)
        self.writer.add_scalar("learning rate", epoch.learning_rate, epoch.epoch)
        self.writer.flush()

    def end(self, misread: ImageSet, step: int) -> None:
        """Write the validation images that were misread, and close the files."""
        if len(misread):
            self.writer.add_images("misread validation images", _pixels(misread), step)
        self.writer.close()


def _pixels(images: ImageSet) -> torch.Tensor:
    pixels = images.images[:SHOWN].cpu()
    return pixels[:, None] if pixels.ndim == 3 else pixels
