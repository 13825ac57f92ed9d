"""The line reader: the ink of one line → its characters, with their probabilities and places, without cutting it."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from model.inference import ctc
from model.inference.calibration import log_softmax
from model.inference.engines import Runtime, sized
from model.inference.engines.sized import Run
from model.networks.description import LINE_CLASSES, Description, WeightsError, read
from model.preprocessing.arrays import Doubles, Ink
from model.preprocessing.strip import HEIGHT, STEP, to_strip

if TYPE_CHECKING:  # service may run without torch
    from torch.nn import Module

NAME: Final = "line"  # of its weights file, beside those of the networks that read digits
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


@dataclass(frozen=True)
class LineReader:
    """Reads lines of digits and signs."""

    run: Run
    description: Description
    version: str
    runtime: Runtime

    @classmethod
    def load(cls, path: Path, runtime: Runtime = "auto") -> "LineReader":
        """Load the line network's weights file and run it on `runtime`. Raises WeightsError."""
        contents = read(path)
        if contents.description.classes != LINE_CLASSES:
            raise WeightsError(f"{path} holds no line network: train one with `python train.py --network line`.")
        width = 2 * STEP
        run, runtime = sized.start(path, contents, runtime, (HEIGHT, width), (width // 2, len(LINE_CLASSES) + 1))
        return cls(run, contents.description, contents.version, runtime)

    @classmethod
    def of(cls, network: "Module", description: Description) -> "LineReader":
        """Make a reader of a network that torch has in memory, in evaluation mode."""
        return cls(sized.of(network, description), description, "", "torch")

    @classmethod
    def in_folder(cls, folder: Path, runtime: Runtime = "auto") -> "LineReader | None":
        """Load the line network of a folder of weights, if there is one. Raises WeightsError."""
        path = folder / f"{NAME}.safetensors"
        return cls.load(path, runtime) if path.exists() else None

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
