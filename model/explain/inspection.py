"""All explanations of one answer together, for POST /inspect."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from model.explain import attribution, counterfactual, steps
from model.explain.attribution import Why
from model.explain.counterfactual import Change
from model.explain.steps import Step
from model.inference.recognizer import Drawing, Reading, Recognizer
from model.inference.test_time_augmentation import is_doubtful
from model.preprocessing.normalize import Scan
from model.preprocessing.strokes import draw_scan

Which = Literal["steps", "all", "none"]
NO_DIGIT = "not-a-digit"  # the name of the output beyond the classes


@dataclass(frozen=True)
class Wanted:
    """What to explain: which layers, the score of `label` (or else of the answer), the counterfactual `towards`."""

    layers: Which = "steps"
    why: bool = False
    label: str | None = None
    towards: str | None = None


@dataclass(frozen=True)
class Inspection:
    """A reading and its explanations.

    `frame` is the square that the network saw, as left, top and side in pixels of the upright image or in the unit of
    the strokes; None for empty paper. `logits` are those of the first look, by label; the softmax divides them by
    `temperature`. After a second look the probabilities are not the softmax of these logits alone.
    """

    reading: Reading
    frame: tuple[float, float, float] | None
    steps: list[Step]
    logits: Mapping[str, float]
    temperature: float
    second_look: bool
    why: Why | None
    change: Change | None

    @property
    def found(self) -> Scan | None:
        """The ink that was found on paper; see Reading."""
        return self.reading.found


def inspect_file(recognizer: Recognizer, data: bytes, wanted: Wanted) -> Inspection:
    """Inspect how an image file is read. Raises an InkError if it cannot be read."""
    recognizer.check_reads_ink()
    return inspect(recognizer, recognizer.scan(data), wanted)


def inspect_drawing(recognizer: Recognizer, drawing: Drawing, width: float | None, wanted: Wanted) -> Inspection:
    """Inspect how a drawing made of strokes is read; see Recognizer.read_drawing."""
    recognizer.check_reads_ink()
    return inspect(recognizer, draw_scan(drawing, width=width), wanted)


def inspect(recognizer: Recognizer, scan: Scan, wanted: Wanted) -> Inspection:
    """Inspect how the ink of `scan` is read. The labels in `wanted` must be classes."""
    placed = scan.place()
    path = [] if wanted.layers == "none" else recognizer.trace(placed.image)
    # The path ends in the logits, so the network need not run again.
    logits = path[-1].values[None] if path else recognizer.logits(placed.image[None])
    reading = recognizer.read_placed([placed], logits)[0]
    described = recognizer.description
    names = [*described.classes, *[NO_DIGIT] * described.rejects]
    label = wanted.label or max(reading.probabilities, key=reading.probabilities.__getitem__)
    return Inspection(
        reading,
        _sent(scan, placed.frame),
        steps.fold(path) if wanted.layers == "steps" else steps.each_operation(path),
        dict(zip(names, logits[0].tolist(), strict=True)),
        recognizer.temperature(placed.found),
        bool(is_doubtful(logits[0])),
        attribution.explain(recognizer, placed.image, label) if wanted.why else None,
        counterfactual.find_change(recognizer, placed.image, wanted.towards) if wanted.towards else None,
    )


def _sent(scan: Scan, frame: tuple[float, float, float] | None) -> tuple[float, float, float] | None:
    if frame is None:
        return None
    left, top, side = frame
    left, top, side, _ = scan.sent((left, top, side, side))
    return left, top, side
