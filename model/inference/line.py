"""The line reader: the ink of one line → its characters, with their probabilities and places, without cutting it."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from model.inference import ctc
from model.inference.calibration import log_softmax
from model.inference.engines.sized import SizedNetwork
from model.networks.description import LINE_CLASSES
from model.preprocessing.arrays import Doubles, Ink
from model.preprocessing.strip import HEIGHT, STEP, to_strip

OTHER: Final = LINE_CLASSES[-1]  # what is no character of a number


@dataclass(frozen=True)
class LineCharacter:
    """A character of a line: the columns of the ink where it is, from one to another, and its `probabilities`."""

    label: str
    columns: tuple[float, float]
    probabilities: Doubles  # of LINE_CLASSES


@dataclass(frozen=True)
class Line:
    """What stands in a line, from left to right, and the probability that all of it is right."""

    characters: tuple[LineCharacter, ...]
    confidence: float

    @property
    def text(self) -> str:
        """The characters, with OTHER for what is none of a number."""
        return "".join(character.label for character in self.characters)


class LineReader(SizedNetwork):
    """Reads lines of digits and signs."""

    name = "line"
    classes = LINE_CLASSES
    size = HEIGHT, 2 * STEP
    outputs = (STEP, len(LINE_CLASSES) + 1)  # a frame is two columns wide

    def read(self, ink: Ink) -> Line | None:
        """Read the ink (H, W) uint8 of one line; None where it is blank, or much too long."""
        strip = to_strip(ink)
        if strip is None:
            return None
        logits = self.run(strip.image[None, None])[0].astype(np.float64)
        logs = log_softmax(logits / self.description.calibration.temperature)
        text, confidence = ctc.likeliest(logs)
        if not text:
            return Line((), confidence)
        spans = ctc.align(logs, text)
        # Characters meet in the middle between the frames that show them; a frame is two columns of the strip.
        ends = [0, *(stop + start for (_, stop), (start, _) in pairwise(spans)), 2 * len(logs)]
        at = strip.columns
        characters = []
        for label, span, (left, right) in zip(text, spans, pairwise(ends), strict=True):
            chances = np.exp(logs[slice(*span), :-1]).sum(axis=0)
            columns = float(at[min(left, len(at) - 1)]), float(at[min(right, len(at) - 1)])
            characters.append(LineCharacter(LINE_CLASSES[label], columns, chances / max(chances.sum(), 1e-12)))
        return Line(tuple(characters), confidence)
