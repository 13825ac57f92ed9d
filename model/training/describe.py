"""What a training says of itself: to the terminal, to its checkpoint, and in the weights file."""

import dataclasses
import importlib.metadata
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import torch
from torch import nn

from model import __version__
from model.data import image_set, sources
from model.data.sources import Data
from model.evaluation import report
from model.evaluation.held_out import Judgement
from model.networks.description import Description
from model.networks.registry import count_parameters
from model.networks.training_record import Epoch, select_epochs
from model.training import devices
from model.training.recipe import Recipe
from model.training.trainer import Training


def arguments_for(data: Data, recipe: Recipe) -> dict[str, Any]:
    """Return the arguments that a network is built with: none where it reads the ten digits and refuses nothing."""
    outputs = len(data.classes) + (recipe.nondigits > 0)
    return {} if outputs == len(image_set.CLASSES) else {"classes": outputs}


def identity(
    network: str, recipe: Recipe, seed: int, data: Data, patience: int | None, keep_best: bool
) -> dict[str, Any]:
    """Name all that decides what weights a training comes to. A checkpoint resumes only where it is the same."""
    return {
        "network": network,
        **dataclasses.asdict(recipe),
        "seed": seed,
        "processes": devices.ranks(),
        "early stopping": patience,
        "keep best": keep_best,
        **{f"data, {name}": digest for name, digest in data.digests().items()},
    }


def title(name: str, network: nn.Module, source: str, data: Data, device: torch.device, seed: int) -> str:
    """Say in a line what is trained, on what, and where."""
    pens = f" and {len(data.variants[0]):,} drawings" if data.variants else ""
    parts = (
        f"Training {name} ({count_parameters(network):,} parameters) on {device} with "
        f"{len(data.training):,} images of {sources.title(source)}{pens}, seed {seed}",
        "in bfloat16" if devices.fast_bfloat16(device) else "",
        f"in {devices.ranks()} processes" if devices.ranks() > 1 else "",
    )
    return ", ".join(filter(None, parts)) + "."


def describe(
    name: str,
    training: Training,
    data: Data,
    judgement: Judgement,
    history: Sequence[Epoch],
    seconds: float,
    seed: int,
) -> Description:
    """Put together what the weights file of the network called `name` says of itself."""
    to_input = training.to_input
    return Description(
        network=name,
        arguments=arguments_for(data, training.recipe),
        input_size=to_input.size,
        channels=to_input.channels,
        scaled=to_input.scaled,
        mean=to_input.mean,
        std=to_input.std,
        classes=data.classes,
        rejects=training.recipe.nondigits > 0,
        calibration=judgement.calibration,
        metrics={name: round(scores.accuracy, 6) for name, scores in judgement.scores.items()},
        data=data.digests(),
        recipe={
            **dataclasses.asdict(training.recipe), "seconds": round(seconds), "device": str(training.device),
            "memory": devices.peak_memory(),
        },
        seed=seed,
        versions=versions(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        history=select_epochs(history),
        figures=dict(judgement.figures),
        refusal=judgement.refusal,
        examples=judgement.examples,
    )  # fmt: skip


def results(judgement: Judgement, source: str, classes: Sequence[str], device: torch.device, seconds: float) -> str:
    """Write what was read of each held-out set and, this once, of the test split; the last one by class."""
    names = {name: f"{sources.title(source)} {name}" for name in judgement.scores}
    names |= {"pen validation": "pen digits, unseen writers"}
    lines = [report.summary(names[name], scores) for name, scores in judgement.scores.items()]
    if judgement.refusal:
        lines.append(report.refusal(judgement.refusal))
    last = list(judgement.scores)[-1]
    memory = devices.peak_memory()
    within = f", within {memory / 1e9:.1f} GB of memory" if memory else ""
    machine = f"{devices.describe(device)}, Python {platform.python_version()}, torch {torch.__version__}"
    return "\n".join(
        [*lines, f"\n{names[last]}, by class:\n", report.table(judgement.scores[last], classes),
         f"\nTrained in {report.duration(seconds)}, from start to report{within}, on {machine}."]
    )  # fmt: skip


def versions() -> dict[str, str]:
    """Return the versions of all that weights depend on."""
    packages = ("torch", "torchvision", "numpy", "pillow")
    versions = {name: importlib.metadata.version(name) for name in packages}
    return {"digitpad": __version__, "python": platform.python_version(), **versions}
