"""A network's card: its description and architecture as plain values for JSON.

Without a training record, the card's history, scores and matrices are empty.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from model.evaluation.metrics import Scores
from model.inference import calibration
from model.networks.description import Description
from model.networks.training_record import Figures

SHOWN: Final = ("classes", "rejects", "created", "seed", "recipe", "versions", "data", "metrics")  # as they are


def card(layers: Sequence[Mapping[str, Any]], description: Description) -> dict[str, Any]:
    """Make the card of a network from its description and its `layers`.

    These have the fields of networks.summary.LayerSummary.
    """
    sets = description.figures
    return {
        "network": description.network,
        "arguments": description.arguments,
        "input": dataclasses.asdict(description.input),
        **{name: getattr(description, name) for name in SHOWN},
        "calibration": dataclasses.asdict(description.calibration),
        "architecture": {
            "layers": list(layers),
            "parameters": sum(layer["parameters"] for layer in layers),
            "multiplications": sum(layer["multiplications"] for layer in layers),
        },
        "history": [dataclasses.asdict(epoch) for epoch in description.history],
        "scores": {name: _scores(figures, description.classes) for name, figures in sets.items()},
        "confusion": {name: figures.confusion for name, figures in sets.items() if figures.confusion},
        "reliability": {name: list(map(dataclasses.asdict, figures.reliability)) for name, figures in sets.items()},
        "refusal": description.refusal and dataclasses.asdict(description.refusal),
        "examples": {name: sum(example.set == name for example in description.examples) for name in sets},
    }


def _scores(figures: Figures, classes: tuple[str, ...]) -> dict[str, Any]:
    """Return the metrics of a held-out set: in all, and by class if its confusion matrix is stored."""
    totals = {
        "count": sum(bin.count for bin in figures.reliability),
        "loss": figures.loss,
        "calibration_error": round(calibration.expected_error(figures.reliability), 6),
    }
    if not figures.confusion:
        return totals
    scores = Scores(np.array(figures.confusion), figures.loss)
    parts = {"recall": scores.recall, "precision": scores.precision, "f1": scores.f1}
    by_class = [
        {"class": name, "count": sum(row), **{what: round(values[label], 6) for what, values in parts.items()}}
        for label, (name, row) in enumerate(zip(classes, figures.confusion, strict=True))
    ]
    return {**totals, "correct": scores.correct, "by_class": by_class}
