"""Weights files, which are safetensors with a description: saved atomically, loaded as networks.

`description.py` reads and checks them.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save as serialize
from torch import Tensor, nn

from model.files import write_atomically
from model.networks.description import (
    EXAMPLES,
    FORMAT,
    KEY,
    Contents,
    Description,
    WeightsError,
    no_pictures,
    read,
    refusal,
)
from model.networks.registry import build


@dataclass(frozen=True)
class Weights:
    """A loaded file: the network in evaluation mode, its description, and a digest of the file as its version.

    `pictures` (N, 28, 28) uint8 are those of the description's examples.
    """

    network: nn.Module
    description: Description
    version: str
    pictures: NDArray[np.uint8] = field(default_factory=no_pictures)


def save(
    path: Path,
    state: Mapping[str, Tensor],
    description: Description,
    pictures: NDArray[np.uint8] | None = None,
    also: Callable[["Weights"], None] | None = None,
) -> None:
    """Write a weights file, load it back, and put it in place of the one at `path`.

    `pictures` (N, 28, 28) uint8 are those of the description's examples. `also` is called with what was loaded back,
    before the old file is replaced. Raises FileError, and WeightsError if it does not load back; the old file then
    stays.
    """
    shown = {} if pictures is None or not len(pictures) else {EXAMPLES: torch.from_numpy(pictures)}
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in {**state, **shown}.items()}
    described = dataclasses.asdict(dataclasses.replace(description, format=FORMAT))
    with write_atomically(path) as unchecked:
        unchecked.write_bytes(serialize(tensors, {KEY: json.dumps(described, separators=(",", ":"))}))
        loaded = load(unchecked)
        read_back = loaded.network.state_dict() | {EXAMPLES: torch.from_numpy(loaded.pictures)}
        if any(not torch.equal(read_back[name], tensor) for name, tensor in tensors.items()):
            raise WeightsError(f"{path} did not read back as it was written: check the disk.")
        if also:
            also(loaded)


def load(path: Path) -> Weights:
    """Load a weights file and build its network. Checks format, names, shapes and values. Raises WeightsError."""
    contents = read(path)
    try:
        return unpack(contents)
    except Exception as error:  # a foreign file can be wrong in any way
        raise refusal(path, error) from error


def unpack(contents: Contents) -> Weights:
    """Build the network of a file. May raise anything if the file is foreign."""
    described = contents.description
    # Built without memory: a foreign file's arguments may ask for more than its tensors have.
    with torch.device("meta"):
        network = build(described.network, **described.arguments)
    network.load_state_dict({name: torch.from_numpy(array) for name, array in contents.tensors.items()}, assign=True)
    network.eval().to(memory_format=torch.channels_last)
    with torch.inference_mode():
        logits = network(torch.zeros(1, *described.input.shape))
    outputs = logits.shape[2 if logits.ndim == 3 else 1]  # of each frame of a line; of an image, or of each pixel
    if len(logits) != 1 or outputs != described.outputs:
        raise ValueError(f"{outputs} outputs for {len(described.classes)} classes")
    return Weights(network, described, contents.version, contents.pictures)
