"""Final evaluation of a training: metrics on every held-out set, calibration and examples."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from model.data.image_set import ImageSet
from model.data.sources import Data
from model.evaluation import evaluate
from model.evaluation.evaluate import look_twice
from model.evaluation.examples import choose
from model.evaluation.metrics import Scores
from model.inference import calibration, rejection
from model.networks.description import Calibration
from model.networks.training_record import MAX_CLASSES, Example, Figures, Refusal
from model.preprocessing.arrays import Doubles, Floats
from model.preprocessing.network_input import Input


@dataclass(frozen=True)
class Judgement:
    """The metrics of each held-out set, and of all validation images together."""

    scores: Mapping[str, Scores]
    figures: Mapping[str, Figures]  # the same for the weights file, with reliability
    validation: Scores
    misread: ImageSet  # validation images
    calibration: Calibration
    refusal: Refusal | None
    examples: tuple[Example, ...]
    pictures: NDArray[np.uint8]  # (N, 28, 28), of the examples


def judge(network: nn.Module, data: Data, to_input: Input, device: torch.device) -> Judgement:
    """Read every held-out set of `data`, including the test split, and calibrate on the validation images."""
    count = len(data.classes)
    looks = {
        name: look_twice(network, images.images.to(device), to_input, f"judging on {name}")
        for name, images in data.held_out.items()
    }
    logits = {name: torch.from_numpy(several.logits())[:, :count] for name, several in looks.items()}
    scores = {name: evaluate.score(logits[name], data.held_out[name].labels) for name in logits}
    chooser = data.chooser
    chosen = torch.cat([logits[name] for name in data.choosing])
    fitted = calibration.fit(chosen.numpy(), chooser.labels.numpy())
    refusal = None
    if data.others is not None:
        score = partial(rejection.strangeness, classes=count, other_weight=rejection.OTHER_WEIGHT)
        others = look_twice(network, data.others.images.to(device), to_input)
        digits = np.concatenate([looks[name].mean(score) for name in data.choosing])
        threshold, refusal = _fit_rejection(digits, others.mean(score))
        fitted = dataclasses.replace(fitted, refused_from=threshold, other_weight=rejection.OTHER_WEIGHT)
    read = {
        name: (images, calibration.probabilities(logits[name].numpy(), fitted.temperature))
        for name, images in data.held_out.items()
    }
    examples, pictures = choose({name: read[name] for name in data.shown if name in read})
    return Judgement(
        scores=scores,
        figures={name: figures(scores[name], images, probabilities) for name, (images, probabilities) in read.items()},
        validation=evaluate.score(chosen, chooser.labels),
        misread=chooser[chosen.argmax(dim=1) != chooser.labels],
        calibration=fitted,
        refusal=refusal,
        examples=examples,
        pictures=pictures,
    )


def _fit_rejection(digits: Floats, others: Floats) -> tuple[float, Refusal]:
    """Fit the threshold to the strangeness (N,) of digits, and measure what it refuses of them and of `others`."""
    threshold = rejection.fit(digits)
    area, refused, lost = (
        round(float(rate), 6)
        for rate in (rejection.auroc(digits, others), (others >= threshold).mean(), (digits >= threshold).mean())
    )
    return threshold, Refusal(area, refused, lost, len(others))


def figures(scores: Scores, images: ImageSet, probabilities: Doubles) -> Figures:
    """Make the metrics for a weights file, of `images` that were read with `probabilities` (N, C)."""
    rows = scores.confusion.tolist() if len(scores.confusion) <= MAX_CLASSES else []
    confusion = tuple(map(tuple, rows))
    return Figures(round(scores.loss, 6), confusion, calibration.reliability(probabilities, images.labels.numpy()))
