"""A network's card: all that there is to show of it, from its weights file and the registry, as plain values for JSON.

A weights file that keeps nothing of its training gives a card whose history, scores and matrices are empty.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from model.evaluation.metrics import Scores
from model.inference import calibration
from model.networks.description import Description
from model.networks.training_record import Figures


def card(layers: Sequence[Mapping[str, Any]], description: Description) -> dict[str, Any]:
    """Put together the card of a network of such `layers`, of which `description` tells.

    Each layer is as networks.summary.LayerSummary has it, in the order in which an image passes them.
    """
    sets = description.figures
    return {
        "network": description.network,
        "arguments": description.arguments,
        "input": dataclasses.asdict(description.input),
        "classes": description.classes,
        "rejects": description.rejects,
        "created": description.created,
        "seed": description.seed,
        "recipe": description.recipe,
        "versions": description.versions,
        "data": description.data,
        "metrics": description.metrics,
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
    """Tell how much of a set was read right, in all and, where its confusion matrix was kept, by class."""
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
