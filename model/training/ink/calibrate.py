"""Calibration on paper: a photograph is not a drawing, and what is sure of one need not be sure of the other."""

import dataclasses
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image
from tqdm import tqdm

from model.data.scenes.compose import compose
from model.data.scenes.writing import Sources
from model.inference import calibration
from model.inference.companions import Companions
from model.inference.ink import InkFinder
from model.inference.recognizer import Recognizer
from model.networks.description import Calibration, Description
from model.training.ink.scenes import SHARES, SIZES
from model.training.stream.training import StreamTraining

COUNT: Final = 3000  # scenes
SEED: Final = 21
ERRORS: Final = 0.005  # the greatest share of wrong answers among the sure ones
READER: Final = "digitpad"  # the network that reads the ink that is found


def calibrate_ink(
    training: StreamTraining[Any], description: Description, unseen: Sources, folder: Path, count: int = COUNT
) -> Description:
    """Add the calibration of answers about paper, if the network that reads them is in `folder`.

    It reads the ink that is found in scenes of one digit, by writers that no training saw.
    """
    path = folder / f"{READER}.safetensors"
    if not path.exists():
        return description
    finder, reader = InkFinder.of(training.averaged, description), Recognizer.load(path, companions=Companions())
    return dataclasses.replace(description, calibration=fit(finder, reader, unseen, count))


def fit(finder: InkFinder, reader: Recognizer, unseen: Sources, count: int) -> Calibration:
    """Fit the temperature on paper, and the confidence from which an answer is sure, on `count` scenes."""
    random, by_label = np.random.default_rng(SEED), [unseen.only(label) for label in range(10)]
    labels, logs, ambiguity, read = np.arange(count) % 10, [], [], []
    for label in tqdm(labels.tolist(), desc="calibrating", unit=" scenes"):
        scene = compose(by_label[label], SIZES[random.choice(len(SIZES), p=SHARES)], random, "digit")
        scan = finder.find(Image.fromarray(scene.picture))
        reading = reader.read([scan.ink])[0]
        logs.append(np.log(np.maximum(list(reading.probabilities.values()), 1e-30)))
        ambiguity.append(scan.ambiguity)
        read.append(reading.label is not None)  # what is refused, or blank, is never sure
    logits, unclear, kept = np.array(logs), np.array(ambiguity), np.array(read)
    temperature, steep = calibration.fit_paper(logits[kept], unclear[kept], labels[kept])
    rows = calibration.probabilities(logits, temperature * np.exp(steep * unclear)[:, None])
    right = (rows.argmax(axis=1) == labels) | ~kept
    sure_from = calibration.sure_from(rows.max(axis=1) * kept, right, ERRORS)
    return Calibration(temperature, sure_from, ambiguity=steep)
