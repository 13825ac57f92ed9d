"""The Recognizer: weights, normaliser and calibration behind one small interface."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import PIL.Image
import torch
from numpy.typing import NDArray

from model import strokes
from model.ink import InkError, Undecodable, read_ink
from model.normalize import Ink, is_blank, normalize
from model.photos import read_photo
from model.second_look import read_logits
from model.weights import Weights, load

Verdict = Literal["sure", "unsure", "blank"]
Image = NDArray[np.uint8]
Drawing = Sequence[strokes.Stroke]


@dataclass(frozen=True)
class Reading:
    """What one image was read as. `label` is None where there is no digit; the probabilities stand all the same."""

    label: str | None
    confidence: float
    probabilities: Mapping[str, float]
    verdict: Verdict
    seen: Image  # what the network saw: (28, 28), or (H, W, 3) in colour

    def seen_png(self) -> bytes:
        """Encode what the network saw as a PNG file: of ink, white on black as in MNIST."""
        file = io.BytesIO()
        PIL.Image.fromarray(self.seen).save(file, "PNG")
        return file.getvalue()


class Recognizer:
    """Reads one digit from an image file, a drawing or ink, with the weights that it was given."""

    def __init__(self, weights: Weights, name: str) -> None:
        self._network = weights.network
        self.description = weights.description
        self.version = weights.version
        self.name = name

    @classmethod
    def load(cls, path: Path) -> "Recognizer":
        """Load a weights file; the recogniser is named after it. Raises WeightsError."""
        return cls(load(path), path.stem)

    @property
    def reads_photographs(self) -> bool:
        """Whether it reads photographs in colour, and no drawings."""
        return self.description.channels == 3

    def check(self) -> None:
        """Run a forward pass, as any reading does."""
        self.read([np.zeros((1, 1), np.uint8)])

    def read_files(self, files: Sequence[bytes]) -> list[Reading]:
        """Read image files, in order. Raises an InkError for the first that cannot be read, saying which it is."""
        decode = partial(read_photo, size=self.description.input_size) if self.reads_photographs else read_ink
        images = []
        for number, data in enumerate(files, start=1):
            try:
                images.append(decode(data))
            except InkError as error:
                if len(files) == 1:
                    raise
                raise type(error)(f"Image {number} of {len(files)}: {error}") from error
        return self._read_photographs(np.stack(images)) if self.reads_photographs else self.read(images)

    def read_drawing(self, drawing: Drawing, width: float | None = None) -> Reading:
        """Read a drawing made of strokes of (x, y) points, y downwards, drawn with a pen of `width` in their unit."""
        return self.read([strokes.draw(drawing, width=width)])[0]

    def read(self, inks: Sequence[Ink]) -> list[Reading]:
        """Read ink, each (H, W) uint8 with 0 for paper and 255 for ink, as one batch."""
        if self.reads_photographs:
            raise Undecodable(f"{self.name} reads photographs in colour, and no drawings: send it an image file.")
        seen = np.stack([normalize(ink) for ink in inks])
        probabilities = self._probabilities(torch.from_numpy(seen))
        blank = [is_blank(ink) for ink in inks]
        return [self._reading(*found) for found in zip(seen, probabilities, blank, strict=True)]

    def _read_photographs(self, photos: Image) -> list[Reading]:
        probabilities = self._probabilities(torch.from_numpy(photos))
        seen = np.moveaxis(photos, 1, 3)
        return [self._reading(*found) for found in zip(seen, probabilities, strict=True)]

    def _probabilities(self, images: torch.Tensor) -> list[list[float]]:
        logits = read_logits(self._network, images, self.description.input)
        # In double precision, so that they sum to 1 to the last digit that JSON prints.
        rows: list[list[float]] = (logits.double() / self.description.calibration.temperature).softmax(dim=1).tolist()
        return rows

    def _reading(self, seen: Image, row: Sequence[float], blank: bool = False) -> Reading:
        probabilities = dict(zip(self.description.classes, row, strict=True))
        label = max(probabilities, key=probabilities.__getitem__)
        confidence = probabilities[label]
        if blank:
            return Reading(None, confidence, probabilities, "blank", seen)
        verdict: Verdict = "sure" if confidence >= self.description.calibration.sure_from else "unsure"
        return Reading(label, confidence, probabilities, verdict, seen)
