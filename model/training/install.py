"""New weights in the place of old ones: the file, and beside it what ONNX Runtime runs."""

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from model.evaluation import plots
from model.files import write_atomically
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


def write_logs(path: Path, command: str, text: str, description: Description) -> None:
    """Write what there is to say of the weights at `path`, made by `command`, into `logs/` beside them."""
    stem = path.parent / "logs" / path.name.replace(".safetensors", "")
    stem.parent.mkdir(parents=True, exist_ok=True)
    figures = {
        "command": command,
        "network": description.network,
        "arguments": description.arguments,
        "seed": description.seed,
        "recipe": description.recipe,
        "versions": description.versions,
        "created": description.created,
        "epochs": [dataclasses.asdict(epoch) for epoch in description.history],
        "scores": {
            name: {"accuracy": description.metrics[name], **dataclasses.asdict(found)}
            for name, found in description.figures.items()
        },
        "refusal": description.refusal and dataclasses.asdict(description.refusal),
    }
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(value)}" for name, value in figures.items())
    for ending, content in ((".log", f"{text}\n"), (".json", f"{{\n{lines}\n}}\n")):
        with write_atomically(stem.with_name(stem.name + ending)) as unfinished:
            unfinished.write_text(content)
    plots.draw_curves(stem.with_name(stem.name + ".png"), description.history, description.network)
