"""Installing new weights: the weights file, the ONNX file beside it, and the training logs."""

import copy
import dataclasses
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from torch import nn

from model.errors import FileError
from model.evaluation import plots
from model.files import write_atomically
from model.inference import guard
from model.inference.companions import Companions
from model.inference.engines.export import exporter
from model.inference.engines.onnx import SUFFIX
from model.inference.ink import InkFinder
from model.inference.line import LineReader
from model.inference.recognizer import Recognizer
from model.networks import weights
from model.networks.description import Description, WeightsError
from model.networks.weights import Weights

LOGS: Final = 2_000_000  # bytes
KEPT: Final = ("network", "arguments", "seed", "recipe", "versions", "created")  # of a description, in the logs


def load_old(path: Path, force: bool) -> Weights | None:
    """Load the weights that new ones would replace: None where there are none, or where `force` replaces any.

    Raises WeightsError for weights that cannot be read, since they could not be compared with the new ones.
    """
    if force or not path.exists():
        return None
    try:
        return weights.load(path)
    except WeightsError as error:
        raise WeightsError(f"{error} Say --force to replace it, or name another folder with --out.") from error


def check_classes(path: Path, old: Weights, classes: Sequence[str]) -> None:
    """Raise WeightsError where the weights at `path` read other classes: they cannot be compared with new ones."""
    if old.description.classes != tuple(classes):
        raise WeightsError(
            f"{path} reads other classes ({', '.join(old.description.classes)}): say --force to replace it, "
            "or name another folder with --out."
        )


def check_room(folder: Path, network: nn.Module) -> None:
    """Raise FileError where `folder` has no room for the weights of `network`, their ONNX file, and a checkpoint."""
    size = sum(tensor.numel() * tensor.element_size() for tensor in network.state_dict().values())
    # A checkpoint has the weights, their average and two moments, and the one before stays until it is written.
    needed = size * (2 + 2 * 4) + LOGS
    there = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise FileError(
            f"There is no room in {folder}: {free / 1e6:,.0f} MB are free, and the weights with the checkpoints of the "
            f"training take up to {needed / 1e6:,.0f} MB. Make room, or name another folder with --out."
        )


def why_unusable(network: nn.Module, description: Description, folder: Path) -> str:
    """Say why weights may not be installed in `folder`: they misread the guard set, or read by chance.

    Returns nothing if they may. The ink network is tried with the default weights there, where there are any.
    """
    network = copy.deepcopy(network).cpu()
    try:
        if description.network == "line":
            guard.check_lines(LineReader.of(network, description))
        elif description.network == "ink":
            if (reader := folder / "digitpad.safetensors").exists():
                guard.check_finder(InkFinder.of(network, description), Recognizer.load(reader, companions=Companions()))
        elif set(description.classes) != set(guard.CLASSES):
            chance = 1 / len(description.classes)
            if description.metrics["validation"] <= chance:
                return f"of the validation images it reads no more than chance would, {chance:.0%}"
        else:
            guard.check(Recognizer.of(Weights(network, description, ""), description.network))
    except guard.Misread as why:
        return str(why)
    return ""


def install(
    path: Path, network: nn.Module, description: Description, pictures: NDArray[np.uint8], command: str, log: str
) -> str:
    """Save weights at `path`, the file that ONNX Runtime runs beside them, and the training's logs below `logs/`.

    `pictures` are those of the description's examples, and `log` is what the training had to say. The old files stay
    until the new ones are whole. Returns why ONNX Runtime cannot run the weights, or nothing if it can. Raises
    WeightsError and FileError.
    """
    errors = []

    def export_first(
        loaded: Weights,
    ) -> None:  # before the weights, so that a server that watches the folder finds both
        make = exporter(loaded.description)
        if make:
            try:
                make(loaded, path.with_suffix(SUFFIX))
            except WeightsError as error:  # torch still runs them, and ONNX Runtime refuses an older file
                errors.append(str(error))

    weights.save(path, network.state_dict(), description, pictures, also=export_first)
    write_logs(path, command, log, description)
    return "".join(errors)


def save_candidate(
    path: Path, network: nn.Module, description: Description, pictures: NDArray[np.uint8], command: str, log: str
) -> Path:
    """Save weights that do not replace those at `path` beside them, with their logs. Returns where they are."""
    candidate = path.with_name(f"{path.name}.candidate")
    weights.save(candidate, network.state_dict(), description, pictures)
    write_logs(candidate, command, log, description)
    return candidate


def write_logs(path: Path, command: str, text: str, description: Description) -> None:
    """Write the report, the figures as JSON and the learning curves of the weights at `path` into `logs/`."""
    stem = path.parent / "logs" / path.name.replace(".safetensors", "")
    figures = {
        "command": command,
        **{name: getattr(description, name) for name in KEPT},
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
            unfinished.write_text(content, "utf-8")
    plots.draw_curves(stem.with_name(stem.name + ".png"), description.history, description.network)
