"""Networks whose images may have any size: the one that finds ink, and the one that reads lines."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from model.inference.engines import Runtime, onnx
from model.networks.description import Contents, Description, WeightsError, read, refusal
from model.preprocessing.arrays import Floats

if TYPE_CHECKING:  # service may run without torch
    from torch.nn import Module

Run = Callable[[NDArray[np.uint8]], Floats]  # images (N, C, H, W) → logits
Layers = list[dict[str, Any]]  # in order, with the fields of networks.summary.LayerSummary


@dataclass(frozen=True)
class SizedNetwork:
    """A network of one kind, ready to run. Each kind says what it is called, and what is tried first.

    `name` is that of its weights file, beside those of the networks that read digits; `size` is the height and width of
    an image that is tried, and `outputs` the shape of what must come of it.
    """

    name: ClassVar[str]
    classes: ClassVar[tuple[str, ...]]
    size: ClassVar[tuple[int, int]]
    outputs: ClassVar[tuple[int, ...]]

    run: Run
    description: Description
    version: str
    runtime: Runtime
    architecture: Layers = field(default_factory=list)

    @classmethod
    def load(cls, path: Path, runtime: Runtime = "auto") -> Self:
        """Load a weights file of this kind and run it on `runtime`. Raises WeightsError."""
        contents = read(path)
        if contents.description.classes != cls.classes:
            command = f"python train.py --network {cls.name}"
            raise WeightsError(f"{path} holds no {cls.name} network: train one with `{command}`.")
        run, runtime, layers = start(path, contents, runtime, cls.size, cls.outputs)
        return cls(run, contents.description, contents.version, runtime, layers)

    @classmethod
    def of(cls, network: "Module", description: Description) -> Self:
        """Make one of a network that torch has in memory, in evaluation mode."""
        return cls(of(network, description), description, "", "torch")

    @classmethod
    def in_folder(cls, folder: Path, runtime: Runtime = "auto") -> Self | None:
        """Load that of a folder of weights, if there is one. Raises WeightsError."""
        path = folder / f"{cls.name}.safetensors"
        return cls.load(path, runtime) if path.exists() else None


def start(
    path: Path, contents: Contents, runtime: Runtime, size: tuple[int, int], outputs: tuple[int, ...]
) -> tuple[Run, Runtime, Layers]:
    """Run the network at `path` on ONNX Runtime or torch. Returns what runs it, which of them it is, and its layers.

    One image of `size` is tried first. Raises WeightsError where a stranger's file makes of it anything else than
    numbers of the shape `outputs`.
    """
    image = np.zeros((1, contents.description.channels, *size), np.uint8)

    def checked(where: Path, run: Run, layers: Layers) -> tuple[Run, Layers]:
        try:
            shape, finite = (logits := run(image)).shape, bool(np.isfinite(logits).all())
        except Exception as error:
            raise refusal(where, error) from error
        if shape != (1, *outputs) or not finite:
            raise WeightsError(f"{where} does not give numbers of the shape {outputs} for an image.")
        return run, layers

    if runtime == "onnx" or (runtime == "auto" and find_spec("onnxruntime")):
        try:
            run, layers = checked(path.with_suffix(onnx.SUFFIX), *_in_onnx(path, contents))
            return run, "onnx", layers
        except WeightsError as error:
            if runtime == "onnx" or not find_spec("torch"):
                raise
            logging.getLogger(__name__).warning("%s torch runs these weights.", error)
    run, layers = checked(path, *_in_torch(path, contents))
    return run, "torch", layers


def of(network: "Module", description: Description) -> Run:
    """Run a network that torch has in memory, in evaluation mode."""
    import torch

    network = network.to(memory_format=torch.channels_last)

    def run(images: NDArray[np.uint8]) -> Floats:
        with torch.inference_mode():
            logits: Floats = network(description.input.normalized(torch.from_numpy(images).float() / 255)).numpy()
        return logits

    return run


def _in_onnx(path: Path, contents: Contents) -> tuple[Run, Layers]:
    graph = path.with_suffix(onnx.SUFFIX)
    with onnx.refusing(graph):
        _, session, about = onnx.open_graph(graph, contents)
        layers: Layers = list(about["architecture"])

    def run(images: NDArray[np.uint8]) -> Floats:
        logits: Floats = session.run([onnx.LOGITS], {onnx.IMAGES: np.divide(images, 255, dtype=np.float32)})[0]
        return logits

    return run, layers


def _in_torch(path: Path, contents: Contents) -> tuple[Run, Layers]:
    if not find_spec("torch"):
        raise WeightsError(f"{path} needs torch, which is not installed: `pip install -r requirements.txt`.")
    from model.inference.engines.eager import EagerEngine
    from model.networks.weights import unpack

    try:
        weights = unpack(contents)
        return of(weights.network, contents.description), EagerEngine(weights).architecture()
    except Exception as error:  # a stranger's file can be wrong in any way
        raise refusal(path, error) from error
