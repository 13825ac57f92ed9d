"""The Recognizer: weights, normaliser and calibration behind one small interface."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.inference import calibration, engines, rejection
from model.inference.calibration import log_softmax
from model.inference.engines import Engine, Images, Runtime
from model.inference.engines.layers import Floats, Kernels, Layer
from model.inference.test_time_augmentation import look_again
from model.networks.description import Description, read
from model.preprocessing import strokes
from model.preprocessing.image_files import InkError, Undecodable, encode_png, read_photo
from model.preprocessing.ink import read_ink
from model.preprocessing.normalize import Ink, Placed, normalize, place

if TYPE_CHECKING:
    from model.networks.weights import Weights

Verdict = Literal["sure", "unsure", "not-a-digit", "blank"]
Image = NDArray[np.uint8]
Drawing = Sequence[strokes.Stroke]
T = TypeVar("T")


@dataclass(frozen=True)
class Reading:
    """What one image was read as. `label` is None where there is no digit; the probabilities stand all the same."""

    label: str | None
    confidence: float
    probabilities: Mapping[str, float]
    verdict: Verdict
    alternatives: tuple[str, ...]  # where it is unsure: the two likeliest labels
    seen: Image  # what the network saw: (28, 28), or (H, W, 3) in colour

    def document(self) -> dict[str, object]:
        """Describe it in what JSON can hold: all but the image."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.name != "seen"}
        if not self.alternatives:
            del values["alternatives"]
        return values

    def seen_png(self) -> bytes:
        """Encode what the network saw as a PNG file: of ink, white on black as in MNIST."""
        return encode_png(self.seen)


class Recognizer:
    """Reads one digit from an image file, a drawing or ink, with the weights that it was given."""

    def __init__(self, engine: Engine, description: Description, version: str, pictures: Image, name: str) -> None:
        self._engine, self._pictures = engine, pictures
        self.description = description
        self.version = version
        self.name = name

    @classmethod
    def load(cls, path: Path, runtime: Runtime = "auto") -> "Recognizer":
        """Load a weights file, to be run by `runtime`; the recogniser is named after it. Raises WeightsError."""
        contents = read(path)
        engine = engines.start(path, contents, runtime)
        return cls(engine, contents.description, contents.version, contents.pictures, path.stem)

    @classmethod
    def of(cls, weights: "Weights", name: str) -> "Recognizer":
        """Recognise with weights that torch has in memory."""
        from model.inference.engines.eager import EagerEngine

        return cls(EagerEngine(weights), weights.description, weights.version, weights.pictures, name)

    @property
    def runtime(self) -> Runtime:
        """What runs the network."""
        return self._engine.runtime

    @property
    def reads_photographs(self) -> bool:
        """Whether it reads photographs in colour, and no drawings."""
        return self.description.channels == 3

    @cached_property
    def architecture(self) -> list[dict[str, Any]]:
        """Its layers, as networks.summary.LayerSummary has them, in the order in which an image passes them."""
        return self._engine.architecture()

    def examples(self, kind: str, true: str, read: str) -> list[tuple[float, bytes]]:
        """Return what its weights file keeps of the class `true` that was read as `read`, from the set called `kind`.

        Each is the confidence of that reading and a PNG file, the surest first.
        """
        classes = self.description.classes
        wanted = (kind, classes.index(true), classes.index(read))
        return [
            (example.confidence, encode_png(picture))
            for example, picture in zip(self.description.examples, self._pictures, strict=True)
            if (example.set, example.true, example.read) == wanted
        ]

    def check(self) -> None:
        """Run a forward pass, as any reading does."""
        self.read([np.zeros((1, 1), np.uint8)])

    def read_files(self, files: Sequence[bytes]) -> list[Reading]:
        """Read image files, in order. Raises an InkError for the first that cannot be read, saying which it is."""
        if self.reads_photographs:
            photos = decode_all(files, partial(read_photo, size=self.description.input_size))
            return self._read_photographs(np.stack(list(photos)))
        return self.read(decode_all(files, read_ink))

    def read_drawing(self, drawing: Drawing, width: float | None = None) -> Reading:
        """Read a drawing made of strokes of (x, y) points, y downwards, drawn with a pen of `width` in their unit."""
        return self.read([strokes.draw(drawing, width=width)])[0]

    def read(self, inks: Iterable[Ink]) -> list[Reading]:
        """Read ink, each (H, W) uint8 with 0 for paper and 255 for ink, as one batch."""
        self.check_reads_ink()
        return self.read_placed([place(ink) for ink in inks])  # one at a time: a hundred canvases take 8 MB

    def read_placed(self, placed: Sequence[Placed], first: Floats | None = None) -> list[Reading]:
        """Read images that were brought to MNIST's form. `first` are their logits (N, C), where they are known."""
        seen = np.stack([one.image for one in placed])
        readings = self._readings(seen, seen, first)
        return [
            dataclasses.replace(reading, label=None, verdict="blank", alternatives=()) if one.frame is None else reading
            for reading, one in zip(readings, placed, strict=True)
        ]

    def log_probabilities(self, inks: Sequence[Ink]) -> NDArray[np.float64]:
        """Look once at each ink, (H, W) uint8, and give the logarithms of its probabilities (N, classes + 1).

        The last is that of no digit: minus infinity where the network was not trained to tell.
        """
        logits = self.logits(np.stack([normalize(ink) for ink in inks]))
        logs = log_softmax(logits.astype(np.float64) / self.description.calibration.temperature)
        return logs if self.description.rejects else np.pad(logs, ((0, 0), (0, 1)), constant_values=-np.inf)

    def logits(self, images: Images) -> Floats:
        """Look once at images (N, 28, 28), uint8 or float32 from 0 to 1. Returns logits (N, C) float32."""
        return self._engine.logits(images)

    def gradients(self, images: Floats, slope: Callable[[Floats], Floats]) -> Floats:
        """Tell how a score changes with each pixel of images (N, 28, 28), float32 from 0 to 1. Returns the same shape.

        `slope` is given the logits (N, C), and says how the score changes with each of them.
        """
        return self._engine.gradients(images, slope)

    def trace(self, image: Image) -> list[Layer]:
        """Follow one image (28, 28) uint8 through the network, from its input to its logits."""
        return self._engine.trace(image)

    def kernels(self) -> dict[str, Kernels]:
        """Return the kernels of each convolution, by its name."""
        return self._engine.kernels()

    def check_reads_ink(self) -> None:
        """Raise Undecodable where the network reads photographs."""
        if self.reads_photographs:
            raise Undecodable(f"{self.name} reads photographs in colour, and no drawings: send it an image file.")

    def _read_photographs(self, photos: Image) -> list[Reading]:
        return self._readings(np.moveaxis(photos, 1, 3), photos)

    def _readings(self, seen: Image, images: Image, first: Floats | None = None) -> list[Reading]:
        described = self.description
        first = self.logits(images) if first is None else first
        logits = look_again(images, first, self.logits)
        rows = calibration.probabilities(logits[:, described.class_outputs], described.calibration).tolist()
        refused = [False] * len(rows)
        if described.rejects:
            strangeness = rejection.strangeness(first[:, described.class_outputs])
            refused = (strangeness >= described.calibration.refused_from).tolist()
        return list(map(self._reading, seen, rows, refused))

    def _reading(self, seen: Image, row: Sequence[float], refused: bool) -> Reading:
        probabilities = dict(zip(self.description.classes, row, strict=True))
        label, other = sorted(probabilities, key=probabilities.__getitem__, reverse=True)[:2]
        confidence = probabilities[label]
        if refused:
            return Reading(None, confidence, probabilities, "not-a-digit", (), seen)
        if confidence >= self.description.calibration.sure_from:
            return Reading(label, confidence, probabilities, "sure", (), seen)
        return Reading(label, confidence, probabilities, "unsure", (label, other), seen)


def decode_all(files: Sequence[bytes], decode: Callable[[bytes], T]) -> Iterator[T]:
    """Decode files, in order. Raises an InkError for the first that cannot be decoded, saying which it is."""
    for number, data in enumerate(files, start=1):
        try:
            yield decode(data)
        except InkError as error:
            if len(files) == 1:
                raise
            raise type(error)(f"Image {number} of {len(files)}: {error}") from error
