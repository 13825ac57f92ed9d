"""New weights in the place of old ones: the file, and beside it what ONNX Runtime runs."""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from model.inference.engines.export import export
from model.inference.engines.onnx import SUFFIX
from model.networks import weights
from model.networks.description import Description, WeightsError
from model.networks.weights import Weights


def install(
    path: Path, network: nn.Module, description: Description, pictures: NDArray[np.uint8], stays: str | None = None
) -> Path:
    """Save the weights at `path`; or beside it, where `stays` says why they may not replace what is there.

    `pictures` are those of the description's examples. Returns where the weights are.
    """
    if stays is None:
        weights.save(path, network.state_dict(), description, pictures, also=lambda loaded: _export(loaded, path))
        print(f"Saved {path} ({path.stat().st_size / 1000:,.0f} kB).")
        return path
    candidate = path.with_name(f"{path.name}.candidate")
    weights.save(candidate, network.state_dict(), description, pictures)
    print(f"{path} {stays} The new weights are in {candidate}, and --force would install them.", file=sys.stderr)
    return candidate


def _export(loaded: Weights, path: Path) -> None:
    """Write the ONNX file first: a server that watches the weights then finds both."""
    if loaded.description.channels != 1:
        return
    try:
        export(loaded, path.with_suffix(SUFFIX))
    except WeightsError as error:  # torch runs them all the same, and ONNX Runtime refuses an older file
        print(f"{error} These weights are for torch alone.", file=sys.stderr)
