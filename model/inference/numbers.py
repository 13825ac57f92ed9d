"""Reading numbers: an image file or a drawing → its text, and each digit with its probabilities and its box."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from model.inference.recognizer import Drawing, Reading, Recognizer, decode_all
from model.preprocessing.normalize import Scan, is_blank, place
from model.preprocessing.strokes import draw_row
from model.segmentation.segment import Character, segment

NumberVerdict = Literal["sure", "unsure", "not-a-number", "blank"]
SIGNS: Final = {"point": ".", "minus": "-"}
SURE_OF_CUTS: Final = 0.9  # the least probability of a sure number's segmentation


@dataclass(frozen=True)
class Digit:
    """A digit of a number. `box` is x, y, width and height in pixels of the image, or in the unit of the strokes.

    `label` is the likeliest class, even if the digit's own `reading` is refused.
    """

    label: str
    box: tuple[float, float, float, float]
    reading: Reading

    def document(self) -> dict[str, object]:
        """Return its fields as values for JSON."""
        return {**self.reading.document(), "label": self.label, "box": self.box}


@dataclass(frozen=True)
class Number:
    """The number that was read in one image.

    `text` has digits, points and minus signs; it is None if there is no number. `confidence` is the probability that
    everything is right: the segmentation and every digit.
    """

    text: str | None
    confidence: float
    digits: tuple[Digit, ...]
    verdict: NumberVerdict
    found: Scan | None = None  # see Reading

    def document(self) -> dict[str, object]:
        """Return its fields as values for JSON."""
        digits = [digit.document() for digit in self.digits]
        paper = {"paper": self.found.paper} if self.found else {}
        return {"text": self.text, "confidence": self.confidence, "digits": digits, "verdict": self.verdict, **paper}


def read_files(recognizer: Recognizer, files: Sequence[bytes]) -> list[Number]:
    """Read the number in each image file, in order. Raises an InkError at the first that cannot be read."""
    return [read_scan_of_number(recognizer, scan) for scan in decode_all(files, recognizer.scan)]


def read_drawing(recognizer: Recognizer, drawing: Drawing, width: float | None = None) -> Number:
    """Read a number made of strokes of (x, y) points, y downwards, drawn with a pen of `width` in their unit."""
    return read_scan_of_number(recognizer, draw_row(drawing, width=width))


def read_scan_of_number(recognizer: Recognizer, scan: Scan) -> Number:
    """Read the number in `scan`. Raises Undecodable if the recogniser reads photographs."""
    recognizer.check_reads_ink()
    found = None if scan.paper is None else scan
    if is_blank(scan.ink):
        return Number(None, 0.0, (), "blank", found)
    segmentation = segment(scan.ink, recognizer.log_probabilities)
    if segmentation is None:
        return Number(None, 0.0, (), "not-a-number", found)
    inks = [character.ink for character in segmentation.characters if character.kind == "digit"]
    readings = iter(recognizer.read_placed([dataclasses.replace(place(ink), found=found) for ink in inks]))
    text, digits, verdicts = "", [], []
    for character in segmentation.characters:
        if character.kind == "digit":
            reading = next(readings)
            digits.append(_digit(reading, character, scan))
            verdicts.append(reading.verdict)
        text += SIGNS.get(character.kind) or digits[-1].label
    confidence = segmentation.probability * math.prod(digit.reading.confidence for digit in digits)
    if 2 * verdicts.count("not-a-digit") > len(verdicts):
        return Number(None, confidence, tuple(digits), "not-a-number", found)
    sure = segmentation.probability >= SURE_OF_CUTS and set(verdicts) == {"sure"}
    return Number(text, confidence, tuple(digits), "sure" if sure else "unsure", found)


def _digit(reading: Reading, character: Character, scan: Scan) -> Digit:
    # A refused digit has a label all the same: cuts disfigure a digit, and the others still make a number.
    label = max(reading.probabilities, key=reading.probabilities.__getitem__)
    return Digit(label, scan.sent(character.box), reading)
