"""Calibration on paper: a photograph is not a drawing, and what is sure of one need not be sure of the other."""

from typing import Final

import numpy as np
from PIL import Image
from tqdm import tqdm

from model.data.scenes.compose import Sources, compose
from model.inference import calibration
from model.inference.ink import InkFinder
from model.inference.recognizer import Recognizer
from model.training.ink.scenes import SHARES, SIZES

COUNT: Final = 2000  # scenes
SEED: Final = 21
ERRORS: Final = 0.003  # the greatest share of wrong answers among the sure ones


def sure_from(finder: InkFinder, reader: Recognizer, unseen: Sources, count: int = COUNT) -> float:
    """Find the confidence from which an answer about paper is sure.

    Scenes of one digit, of writers that no training saw, are read by `reader` with the ink that `finder` finds.
    """
    random, by_label = np.random.default_rng(SEED), [unseen.only(label) for label in range(10)]
    confidence, right = np.empty(count), np.empty(count, bool)
    for index in tqdm(range(count), desc="calibrating", unit=" scenes"):
        label = index % 10
        scene = compose(by_label[label], SIZES[random.choice(len(SIZES), p=SHARES)], random, "digit")
        reading = reader.read([finder.find(Image.fromarray(scene.picture)).ink])[0]
        confidence[index], right[index] = reading.confidence, reading.label == str(label)
        if reading.label is None:  # what is refused, or blank, is never sure
            confidence[index], right[index] = 0, True
    return calibration.sure_from(confidence, right, ERRORS)
