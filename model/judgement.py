"""What a finished training came to: its figures on all that was held out, and the calibration that they give."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from model import calibration, evaluation, rejection
from model.datasets import ImageSet
from model.evaluation import Scores, predict_logits
from model.inputs import Input
from model.second_look import look_again
from model.sources import Data
from model.weights import Calibration


@dataclass(frozen=True)
class Refusal:
    """How well what is no digit was told from validation digits."""

    auroc: float
    others: float  # the part of what is no digit that is refused
    digits: float  # the part of the digits that is
    count: int  # of what is no digit


@dataclass(frozen=True)
class Judgement:
    """The figures: one set of them each for what was held out, and all validation images together."""

    scores: Mapping[str, Scores]
    validation: Scores
    misread: ImageSet  # of the validation images
    calibration: Calibration
    refusal: Refusal | None


def judge(network: nn.Module, data: Data, to_input: Input, device: torch.device) -> Judgement:
    """Read everything in `data` that was held out, the test split this once, and calibrate on validation images."""
    count = len(data.classes)

    def look(images: ImageSet) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits of the first look, and those that are left after the second."""
        on_device = images.images.to(device)
        first = predict_logits(network, on_device, to_input)
        return first.cpu(), look_again(network, on_device, first, to_input).cpu()

    looks = {name: look(images) for name, images in data.held_out.items()}
    logits = {name: second for name, (_, second) in looks.items()}
    scores = {name: evaluation.score(logits[name][:, :count], data.held_out[name].labels) for name in logits}
    chooser = data.chooser
    chosen = torch.cat([logits[name] for name in data.choosing])
    fitted = calibration.fit(chosen[:, :count], chooser.labels)
    refusal = None
    if data.others is not None:
        first = torch.cat([looks[name][0] for name in data.choosing])
        strange, stranger = (rejection.strangeness(found, count) for found in (first, look(data.others)[0]))
        limit = rejection.fit(strange)
        fitted = dataclasses.replace(fitted, refused_from=limit)
        others, digits = (float((some >= limit).double().mean()) for some in (stranger, strange))
        refusal = Refusal(rejection.auroc(strange, stranger), others, digits, len(stranger))
    misread = chooser[chosen[:, :count].argmax(dim=1) != chooser.labels]
    return Judgement(scores, evaluation.score(chosen[:, :count], chooser.labels), misread, fitted, refusal)
