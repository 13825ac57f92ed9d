"""Numbers: an image file or a drawing → its text, and each digit with its probabilities and its box."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from model.inference.recognizer import Drawing, Reading, Recognizer, decode_all
from model.preprocessing.ink import read_scan
from model.preprocessing.normalize import Scan, is_blank
from model.preprocessing.strokes import draw_row
from model.segmentation.segment import Character, segment

NumberVerdict = Literal["sure", "unsure", "not-a-number", "blank"]
SIGNS: Final = {"point": ".", "minus": "-"}
SURE_OF_CUTS: Final = 0.9  # the least probability of the way that the number was cut


@dataclass(frozen=True)
class Digit:
    """A digit of a number. `box` is x, y, width and height in what was sent: pixels, or the unit of the strokes.

    `label` is what it is read as for the sake of its number, even where its own `reading` refuses it.
    """

    label: str
    box: tuple[float, float, float, float]
    reading: Reading

    def document(self) -> dict[str, object]:
        """Describe it in what JSON can hold."""
        return {**self.reading.document(), "label": self.label, "box": self.box}


@dataclass(frozen=True)
class Number:
    """What one image was read as.

    `text` has a point and a minus sign beside the digits; it is None where there is no number. `confidence` is the
    probability that all of it is right: of every digit, and of the way that they were cut apart.
    """

    text: str | None
    confidence: float
    digits: tuple[Digit, ...]
    verdict: NumberVerdict

    def document(self) -> dict[str, object]:
        """Describe it in what JSON can hold."""
        digits = [digit.document() for digit in self.digits]
        return {"text": self.text, "confidence": self.confidence, "digits": digits, "verdict": self.verdict}


def read_files(recognizer: Recognizer, files: Sequence[bytes]) -> list[Number]:
    """Read the number in each image file, in order. Raises an InkError for the first that cannot be read."""
    return [read_scan_of_number(recognizer, scan) for scan in decode_all(files, read_scan)]


def read_drawing(recognizer: Recognizer, drawing: Drawing, width: float | None = None) -> Number:
    """Read a number made of strokes of (x, y) points, y downwards, drawn with a pen of `width` in their unit."""
    return read_scan_of_number(recognizer, draw_row(drawing, width=width))


def read_scan_of_number(recognizer: Recognizer, scan: Scan) -> Number:
    """Read the number in `scan`. Raises Undecodable where the recogniser reads photographs."""
    recognizer.check_reads_ink()
    if is_blank(scan.ink):
        return Number(None, 0.0, (), "blank")
    segmentation = segment(scan.ink, recognizer.log_probabilities)
    if segmentation is None:
        return Number(None, 0.0, (), "not-a-number")
    inks = [character.ink for character in segmentation.characters if character.kind == "digit"]
    readings = iter(recognizer.read(inks))
    text, digits, verdicts = "", [], []
    for character in segmentation.characters:
        if character.kind == "digit":
            reading = next(readings)
            digits.append(_digit(reading, character, scan))
            verdicts.append(reading.verdict)
        text += SIGNS.get(character.kind) or digits[-1].label
    confidence = segmentation.probability * math.prod(digit.reading.confidence for digit in digits)
    if 2 * verdicts.count("not-a-digit") > len(verdicts):
        return Number(None, confidence, tuple(digits), "not-a-number")
    sure = segmentation.probability >= SURE_OF_CUTS and set(verdicts) == {"sure"}
    return Number(text, confidence, tuple(digits), "sure" if sure else "unsure")


def _digit(reading: Reading, character: Character, scan: Scan) -> Digit:
    # One digit that is refused stands all the same: cuts leave scars, and the other digits still tell the number.
    label = max(reading.probabilities, key=reading.probabilities.__getitem__)
    return Digit(label, scan.sent(character.box), reading)
