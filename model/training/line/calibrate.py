"""Calibration of lines: the probability of a whole line, and from which on it is sure."""

import dataclasses
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from model.data.lines.compose import Writer
from model.data.scenes.writing import Sources
from model.inference import calibration
from model.inference.line import OTHER, LineReader
from model.networks.description import LINE_CLASSES, Calibration, Description
from model.preprocessing.strip import to_strip
from model.training.stream.training import StreamTraining

COUNT: Final = 4000  # lines
SEED: Final = 23
# The greatest share of wrong answers among the sure ones. Lines that are composed and worn are harder than what people
# write, and some, nobody could read: of the sure numbers in benchmarks/numbers.py, 0.5 % are wrong.
ERRORS: Final = 0.005
TEMPERATURES: Final = np.logspace(-0.3, 0.7, 41)  # that are tried


def calibrate_line(
    training: StreamTraining[Any], description: Description, unseen: Sources, _folder: Path, count: int = COUNT
) -> Description:
    """Add the calibration, fitted on `count` lines by writers that no training saw."""
    random, writer = np.random.default_rng(SEED), Writer(unseen)
    reader = LineReader.of(training.averaged, description)
    lines = [writer.line(random) for _ in tqdm(range(count), desc="writing", unit=" lines")]
    strips = [(strip.image, text) for ink, text in lines if (strip := to_strip(ink)) is not None]
    logits = [torch.from_numpy(reader.run(image[None, None])[0]) for image, _ in strips]
    temperature = min(TEMPERATURES.tolist(), key=lambda one: _loss([part / one for part in logits], strips))
    fitted = Calibration(round(temperature, 4))
    reader = LineReader.of(training.averaged, dataclasses.replace(description, calibration=fitted))
    confidence, right = np.zeros(count), np.ones(count, bool)
    for at, (ink, text) in enumerate(tqdm(lines, desc="calibrating", unit=" lines")):
        line = reader.read(ink)
        if line is not None and OTHER not in line.text:  # such a line is never sure
            confidence[at], right[at] = line.confidence, line.text == text
    sure_from = calibration.sure_from(confidence, right, ERRORS)
    return dataclasses.replace(description, calibration=dataclasses.replace(fitted, sure_from=sure_from))


def _loss(logits: list[Tensor], strips: list[tuple[Any, str]]) -> float:
    """Return the mean of minus the log-probability of the true texts."""
    frames = torch.tensor([len(part) for part in logits])
    logs = torch.nn.utils.rnn.pad_sequence([F.log_softmax(part.float(), dim=1) for part in logits])
    labels = torch.tensor([LINE_CLASSES.index(character) for _, text in strips for character in text])
    lengths = torch.tensor([len(text) for _, text in strips])
    blank = len(LINE_CLASSES)
    return F.ctc_loss(logs, labels, frames, lengths, blank, reduction="none", zero_infinity=True).mean().item()
