"""The Recognizer: a network with normaliser, test-time augmentation, calibration and rejection."""

import copy
import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.inference import calibration, engines, rejection
from model.inference.companions import KINDS, Companions
from model.inference.engines import Engine, Images, Runtime
from model.inference.engines.layers import Kernels, Layer
from model.inference.ink import InkFinder, read_scan
from model.inference.test_time_augmentation import look_again
from model.networks.description import Contents, Description, WeightsError, read
from model.preprocessing import strokes
from model.preprocessing.arrays import Floats, Ink
from model.preprocessing.image_files import InkError, Undecodable, encode_png, read_photo
from model.preprocessing.normalize import Placed, Scan, place

if TYPE_CHECKING:
    from model.networks.weights import Weights

Verdict = Literal["sure", "unsure", "not-a-digit", "blank"]
Image = NDArray[np.uint8]
Drawing = Sequence[strokes.Stroke]
T = TypeVar("T")
ALONE: Final = Companions()


@dataclass(frozen=True)
class Reading:
    """The answer to one image. `label` is None if it is no digit; the probabilities are there all the same."""

    label: str | None
    confidence: float
    probabilities: Mapping[str, float]
    verdict: Verdict
    alternatives: tuple[str, ...]  # of an unsure reading: the two likeliest labels
    seen: Image  # what the network saw: (28, 28), or (H, W, 3) in colour
    found: Scan | None = None  # the ink that was found on paper; None for a drawing

    def document(self) -> dict[str, object]:
        """Return its fields as values for JSON, without the image."""
        values = {name: getattr(self, name) for name in ("label", "confidence", "probabilities", "verdict")}
        if self.alternatives:
            values["alternatives"] = self.alternatives
        if self.found:
            values["paper"] = self.found.paper
        return values

    def seen_png(self) -> bytes:
        """Encode what the network saw as a PNG file; ink is white on black, as in MNIST."""
        return encode_png(self.seen)


class Recognizer:
    """Reads one digit from an image file, a drawing or ink."""

    def __init__(
        self, engine: Engine, description: Description, version: str, pictures: Image, name: str,
        companions: Companions = ALONE,
    ) -> None:  # fmt: skip
        self._engine, self._pictures = engine, pictures
        self.companions = companions
        self.description = description
        self.version = version
        self.name = name

    @classmethod
    def load(
        cls, path: Path, runtime: Runtime = "auto", companions: Companions | Literal["beside"] = "beside"
    ) -> "Recognizer":
        """Load a weights file and run it on `runtime`; the recogniser is named after it. Raises WeightsError.

        `companions` find ink on paper and read lines: by default, those of the weights in the same folder.
        """
        return cls.start(path, read(path), runtime, companions)

    @classmethod
    def start(
        cls, path: Path, contents: Contents, runtime: Runtime, companions: Companions | Literal["beside"]
    ) -> "Recognizer":
        """Run weights that were read from `path`; see load. Raises WeightsError."""
        if contents.description.network in KINDS:
            raise WeightsError(f"{path} is no network that reads single digits: name another one.")
        engine = engines.start(path, contents, runtime)
        if companions == "beside":
            companions = Companions.in_folder(path.parent, runtime) if contents.description.channels == 1 else ALONE
        return cls(engine, contents.description, contents.version, contents.pictures, path.stem, companions)

    @classmethod
    def of(cls, weights: "Weights", name: str) -> "Recognizer":
        """Make a recogniser of weights that torch has in memory."""
        from model.inference.engines.eager import EagerEngine

        return cls(EagerEngine(weights), weights.description, weights.version, weights.pictures, name)

    def beside(self, companions: Companions) -> "Recognizer":
        """Return the same recogniser with other companions."""
        other = copy.copy(self)
        other.companions = companions
        return other

    @property
    def finder(self) -> InkFinder | None:
        """What finds ink on paper, if it is there."""
        return self.companions.ink

    @property
    def runtime(self) -> Runtime:
        """What runs the network."""
        return self._engine.runtime

    @property
    def reads_photographs(self) -> bool:
        """Whether it reads photographs in colour instead of drawings."""
        return self.description.channels == 3

    @cached_property
    def architecture(self) -> list[dict[str, Any]]:
        """Its layers in order, as the fields of networks.summary.LayerSummary."""
        return self._engine.architecture()

    def examples(self, kind: str, true: str, read: str) -> list[tuple[float, bytes]]:
        """Return the weights file's examples of class `true` that were read as `read`, from the held-out set `kind`.

        Each is the confidence of that reading and a PNG file; the highest confidence comes first.
        """
        classes = self.description.classes
        wanted = (kind, classes.index(true), classes.index(read))
        return [
            (example.confidence, encode_png(picture))
            for example, picture in zip(self.description.examples, self._pictures, strict=True)
            if (example.set, example.true, example.read) == wanted
        ]

    def check(self) -> None:
        """Do one forward pass."""
        self.read([np.zeros((1, 1), np.uint8)])

    def read_files(self, files: Sequence[bytes]) -> list[Reading]:
        """Read image files, in order. Raises an InkError that names the first that cannot be read."""
        if self.reads_photographs:
            photos = np.stack(list(decode_all(files, partial(read_photo, size=self.description.input_size))))
            return self._readings(np.moveaxis(photos, 1, 3), photos)
        return self.read_placed([scan.place() for scan in decode_all(files, self.scan)])

    def scan(self, data: bytes) -> Scan:
        """Decode an image file and separate its ink from paper; see inference.ink.read_scan."""
        return read_scan(data, self.finder)

    def read_drawing(self, drawing: Drawing, width: float | None = None) -> Reading:
        """Read a drawing made of strokes of (x, y) points, y downwards, drawn with a pen of `width` in their unit."""
        return self.read([strokes.draw(drawing, width=width)])[0]

    def read(self, inks: Iterable[Ink]) -> list[Reading]:
        """Read ink, each (H, W) uint8 from 0 for paper to 255 for ink, as one batch."""
        self.check_reads_ink()
        return self.read_placed([place(ink) for ink in inks])  # one at a time, because a hundred canvases take 8 MB

    def read_placed(self, placed: Sequence[Placed], first: Floats | None = None) -> list[Reading]:
        """Read normalised images. `first` are their logits (N, C), if they are known already."""
        seen = np.stack([image.image for image in placed])
        readings = self._readings(seen, seen, first, [image.found for image in placed])
        blank: dict[str, Any] = {"label": None, "verdict": "blank", "alternatives": ()}
        return [
            dataclasses.replace(reading, found=image.found, **blank if image.frame is None else {})
            for reading, image in zip(readings, placed, strict=True)
        ]

    def logits(self, images: Images) -> Floats:
        """Return logits (N, C) float32 of images (N, 28, 28), uint8 or float32 from 0 to 1."""
        return self._engine.logits(images)

    def gradients(self, images: Floats, slope: Callable[[Floats], Floats]) -> Floats:
        """Return a score's gradient at each pixel of images (N, 28, 28), float32 from 0 to 1, in the same shape.

        `slope` maps logits (N, C) to the score's gradient at each of them.
        """
        return self._engine.gradients(images, slope)

    def trace(self, image: Image) -> list[Layer]:
        """Return the network's layers on one image (28, 28) uint8, from the input to the logits."""
        return self._engine.trace(image)

    def kernels(self) -> dict[str, Kernels]:
        """Return the kernels of each convolution by its name."""
        return self._engine.kernels()

    def check_reads_ink(self) -> None:
        """Raise Undecodable if the network reads photographs."""
        if self.reads_photographs:
            raise Undecodable(f"{self.name} reads photographs in colour, and no drawings: send it an image file.")

    def temperature(self, found: Scan | None) -> float:
        """Return what logits are divided by. Where ink was found on paper, it grows with how unclear that ink is."""
        own = self.description.calibration.temperature
        if found is None or not self.finder:
            return own
        paper = self.finder.description.calibration
        return own * paper.temperature * math.exp(paper.ambiguity * found.ambiguity)

    def _sure_from(self, found: Scan | None) -> float:
        """Return the least confidence of a sure answer: that of the ink network's calibration on paper."""
        return (self.finder if found is not None and self.finder else self).description.calibration.sure_from

    def _readings(
        self, seen: Image, images: Image, first: Floats | None = None, found: Sequence[Scan | None] = ()
    ) -> list[Reading]:
        described = self.description
        found = found or [None] * len(seen)
        first = self.logits(images) if first is None else first
        looks = look_again(images, first, self.logits)
        temperatures = np.array([[self.temperature(scan)] for scan in found])
        rows = calibration.probabilities(looks.logits()[:, described.class_outputs], temperatures).tolist()
        refused = [False] * len(rows)
        if described.rejects:
            fitted = described.calibration
            score = partial(rejection.strangeness, classes=len(described.classes), other_weight=fitted.other_weight)
            refused = (looks.mean(score) >= fitted.refused_from).tolist()
        return list(map(self._reading, seen, rows, refused, map(self._sure_from, found)))

    def _reading(self, seen: Image, row: Sequence[float], refused: bool, sure_from: float) -> Reading:
        probabilities = dict(zip(self.description.classes, row, strict=True))
        label, other = sorted(probabilities, key=probabilities.__getitem__, reverse=True)[:2]
        confidence = probabilities[label]
        if refused:
            return Reading(None, confidence, probabilities, "not-a-digit", (), seen)
        if confidence >= sure_from:
            return Reading(label, confidence, probabilities, "sure", (), seen)
        return Reading(label, confidence, probabilities, "unsure", (label, other), seen)


def decode_all(files: Sequence[bytes], decode: Callable[[bytes], T]) -> Iterator[T]:
    """Decode files, in order. Raises an InkError that names the first that cannot be decoded."""
    for number, data in enumerate(files, start=1):
        try:
            yield decode(data)
        except InkError as error:
            if len(files) == 1:
                raise
            raise type(error)(f"Image {number} of {len(files)}: {error}") from error
