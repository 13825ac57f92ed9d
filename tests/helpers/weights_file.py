"""A small network's weights file that keeps everything of its training that a file can keep."""

import dataclasses
from pathlib import Path

import numpy as np
import torch

from model.networks import weights
from model.networks.description import Calibration, Description
from model.networks.registry import build
from model.networks.training_record import BINS, Bin, Epoch, Example, Figures, Refusal


def _confusion(correct: int, **misread: int) -> tuple[tuple[int, ...], ...]:
    """Count as many of each class as `correct`, and the misread ones by their cell: _4_9=3 is three fours as nines."""
    counts = (torch.eye(10, dtype=torch.int64) * correct).tolist()
    for cell, count in misread.items():
        true, read = map(int, cell.split("_")[1:])
        counts[true][read] = count
    return tuple(map(tuple, counts))


SURE = (*[Bin(0, 0.0, 0.0)] * (BINS - 2), Bin(5, 0.9, 0.4), Bin(100, 0.99, 1.0))
DESCRIPTION = Description(
    network="digitpad",
    arguments={"widths": [8, 8, 8, 8, 8]},
    mean=0.13,
    std=0.31,
    calibration=Calibration(1.5, 0.8),
    metrics={"validation": 0.952381, "test": 0.99},
    data={"validation": "sha256:0"},
    recipe={"epochs": 2},
    seed=7,
    versions={"torch": "2"},
    created="2026-01-01T00:00:00+00:00",
    history=(Epoch(1, 1.5, 0.5, 0.6, 0.8, 2e-3, 4.5), Epoch(2, 0.5, 0.9, 0.2, 0.95, 8.6e-9, 9.0)),
    figures={
        "validation": Figures(0.1, _confusion(10, _4_9=3, _7_1=2), SURE),
        "test": Figures(0.05, _confusion(10), SURE),
    },
    refusal=Refusal(0.99, 0.9, 0.001, 2000),
    examples=(
        Example("validation", 4, 4, 0.99),
        Example("validation", 4, 9, 0.9),
        Example("validation", 4, 9, 0.6),
        Example("validation", 7, 1, 0.5),
    ),
)
PLAIN = dataclasses.replace(DESCRIPTION, history=(), figures={}, refusal=None, examples=())
PICTURES = np.arange(4 * 28 * 28).reshape(4, 28, 28).astype(np.uint8)


def network() -> torch.nn.Module:
    torch.manual_seed(0)
    return build(DESCRIPTION.network, **DESCRIPTION.arguments).eval()


def save(path: Path) -> None:
    weights.save(path, network().state_dict(), DESCRIPTION, PICTURES)


def save_photographs(path: Path) -> None:
    """Save an untrained network that reads photographs."""
    description = Description("lenet-rgb", input_size=(32, 32), channels=3)
    weights.save(path, build("lenet-rgb").state_dict(), description)
