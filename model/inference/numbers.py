"""Reading numbers: an image file or a drawing → lines of text, and each digit with its probabilities and its box."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from model.errors import DigitpadError
from model.inference.line import OTHER, Line, LineCharacter, LineReader
from model.inference.recognizer import Drawing, Reading, Recognizer, decode_all
from model.networks.description import LINE_CLASSES
from model.preprocessing.normalize import Scan, is_blank, place
from model.preprocessing.strokes import draw_row
from model.segmentation.characters import CharacterInk, cut_out
from model.segmentation.lines import InkLine, find_lines

NumberVerdict = Literal["sure", "unsure", "not-a-number", "blank"]
DIGITS: Final = 10  # the first of LINE_CLASSES
SIGN: Final = 0.35  # of a line's height: a part of a digit that is smaller may be a point or a sign
ONE: Final = 0.9  # of its height: what is wider is more than a digit
MAX_LINES: Final = 12
MAX_CHARACTERS: Final = 20  # of a line
MAX_MISSED: Final = 20  # places that are told
MAX_OTHERS: Final = 0.4  # of a line's characters: with more that are none, it is no number


class NoLineNetwork(DigitpadError):
    """Reading a number needs the line network, which is not there."""


@dataclass(frozen=True)
class Digit:
    """A digit of a number. `box` is x, y, width and height in pixels of the image, or in the unit of the strokes.

    The probabilities of `reading` are those that the digit has in its line. It is sure where its own network is sure of
    the same; where it touches another one and so cannot be looked at alone, where its line is.
    """

    label: str
    box: tuple[float, float, float, float]
    reading: Reading

    def document(self) -> dict[str, object]:
        """Return its fields as values for JSON."""
        return {**self.reading.document(), "label": self.label, "box": self.box}


@dataclass(frozen=True)
class NumberLine:
    """A line of a number; see Number. `missed` are the boxes of places where a point may stand that was not found."""

    text: str | None
    confidence: float
    digits: tuple[Digit, ...]
    verdict: NumberVerdict
    box: tuple[float, float, float, float]
    missed: tuple[tuple[float, float, float, float], ...] = ()

    def document(self) -> dict[str, object]:
        """Return its fields as values for JSON."""
        digits = [digit.document() for digit in self.digits]
        return {
            "text": self.text, "confidence": self.confidence, "digits": digits, "verdict": self.verdict,
            "box": self.box,
        }  # fmt: skip


@dataclass(frozen=True)
class Number:
    """The number that was read in one image.

    `text` is what stands there, with a line break between lines, and `?` for what is no character of a number; it is
    None if there is no number. `confidence` is the probability that everything is right.
    """

    text: str | None
    confidence: float
    lines: tuple[NumberLine, ...]
    verdict: NumberVerdict
    found: Scan | None = None  # see Reading

    @property
    def digits(self) -> tuple[Digit, ...]:
        """The digits of all lines."""
        return tuple(digit for line in self.lines for digit in line.digits)

    def document(self) -> dict[str, object]:
        """Return its fields as values for JSON."""
        lines = [line.document() for line in self.lines]
        digits = [digit.document() for digit in self.digits]
        paper: dict[str, object] = {"paper": self.found.paper} if self.found else {}
        missed = [box for line in self.lines for box in line.missed]
        if missed:
            paper["missed"] = missed[:MAX_MISSED]
        return {
            "text": self.text, "confidence": self.confidence, "digits": digits, "lines": lines,
            "verdict": self.verdict, **paper,
        }  # fmt: skip


def read_files(recognizer: Recognizer, files: Sequence[bytes]) -> list[Number]:
    """Read the number in each image file, in order. Raises an InkError at the first that cannot be read."""
    return [read_scan_of_number(recognizer, scan) for scan in decode_all(files, recognizer.scan)]


def read_drawing(recognizer: Recognizer, drawing: Drawing, width: float | None = None) -> Number:
    """Read a number made of strokes of (x, y) points, y downwards, drawn with a pen of `width` in their unit."""
    return read_scan_of_number(recognizer, draw_row(drawing, width=width))


def read_scan_of_number(recognizer: Recognizer, scan: Scan) -> Number:
    """Read the number in `scan`, line by line.

    Raises Undecodable if the recogniser reads photographs, and NoLineNetwork without the line network.
    """
    recognizer.check_reads_ink()
    reader = recognizer.companions.line
    if reader is None:
        raise NoLineNetwork(
            "Reading a number needs the line network: put line.safetensors beside the other weights, or train it with "
            "`python train.py --network line`."
        )
    found = None if scan.paper is None else scan
    if is_blank(scan.ink):
        return Number(None, 0.0, (), "blank", found)
    inks = find_lines(scan.ink)
    if not inks or len(inks) > MAX_LINES:
        return Number(None, 0.0, (), "not-a-number", found)
    lines = [_read_line(recognizer, reader, ink, scan) for ink in inks]
    confidence = float(np.prod([line.confidence for line in lines]))
    read = [line.text for line in lines if line.text is not None]
    if not read:
        return Number(None, confidence, tuple(lines), "not-a-number", found)
    sure = all(line.verdict == "sure" for line in lines)
    return Number("\n".join(read), confidence, tuple(lines), "sure" if sure else "unsure", found)


def _read_line(recognizer: Recognizer, reader: LineReader, ink: InkLine, scan: Scan) -> NumberLine:
    line = reader.read(ink.ink)
    box = scan.sent((ink.left, ink.top, ink.ink.shape[1], ink.ink.shape[0]))
    if (alone := _alone(recognizer, line, ink, scan, box)) is not None:
        return alone
    if line is None or not 0 < len(line.characters) <= MAX_CHARACTERS:
        return NumberLine(None, 0.0, (), "not-a-number", box)
    # On paper, a point that was not found would leave another number, and both networks sure of it.
    missed = tuple(scan.sent(spot) for spot in scan.misses if _is_in(spot, ink))
    sure = line.confidence >= reader.description.calibration.sure_from and OTHER not in line.text and not missed
    inks = cut_out(ink.ink, [character.columns for character in line.characters])
    digits, certain = _digits(recognizer, line, inks, ink, scan, sure)
    if line.text.count(OTHER) > MAX_OTHERS * len(line.text) or not digits:
        return NumberLine(None, line.confidence, digits, "not-a-number", box)
    return NumberLine(line.text, line.confidence, digits, "sure" if sure and certain else "unsure", box, missed)


def _is_in(spot: tuple[int, int, int, int], line: InkLine) -> bool:
    """Tell whether a spot of the ink begins between the ends of a line, in its rows or a little below them."""
    height, width = line.ink.shape
    return 0 <= spot[0] - line.left < width and 0 <= spot[1] - line.top < height + height // 4


def _alone(
    recognizer: Recognizer, line: Line | None, ink: InkLine, scan: Scan, box: tuple[float, float, float, float]
) -> NumberLine | None:
    """Read a line of one digit as /predict does; None where it is more, or less, than a digit.

    The digit's own network decides where the line has one character, and where it is sure of what is in one piece and
    no wider than a digit.
    """
    height, width = ink.ink.shape
    single = line is not None and len(line.characters) == 1 and line.text in LINE_CLASSES[:DIGITS]
    if not single and (width > ONE * height or ink.parts > 1):
        return None
    found = None if scan.paper is None else scan
    reading = recognizer.read_placed([dataclasses.replace(place(ink.ink), found=found)])[0]
    if not single and reading.verdict != "sure":
        return None
    if reading.verdict == "sure" and _may_hide_a_sign(cut_out(ink.ink, [(0.0, float(width))])[0], ink):
        reading = dataclasses.replace(reading, verdict="unsure", alternatives=_likeliest(reading))
    label = max(reading.probabilities, key=reading.probabilities.__getitem__)
    digits = (Digit(label, box, reading),)
    if reading.verdict not in ("sure", "unsure"):
        return NumberLine(None, reading.confidence, digits, "not-a-number", box)
    return NumberLine(label, reading.confidence, digits, reading.verdict, box)


def _may_hide_a_sign(character: CharacterInk, line: InkLine) -> bool:
    return character.smallest is not None and character.smallest < SIGN * line.ink.shape[0]


def _likeliest(reading: Reading) -> tuple[str, ...]:
    return tuple(sorted(reading.probabilities, key=reading.probabilities.__getitem__, reverse=True)[:2])


def _digits(
    recognizer: Recognizer, line: Line, inks: Sequence[CharacterInk], ink: InkLine, scan: Scan, sure: bool
) -> tuple[tuple[Digit, ...], bool]:
    """Read each digit of a line alone, too. Returns the digits, and whether nothing speaks against them.

    Both readers must agree on what touches no other character, and no digit may have a small part, which could be a
    point or a sign that was not read. `sure` tells whether the line is, as a whole.
    """
    found = None if scan.paper is None else scan
    wanted = [at for at, character in enumerate(line.characters) if character.label in LINE_CLASSES[:DIGITS]]
    if not wanted:
        return (), False
    readings = recognizer.read_placed([dataclasses.replace(place(inks[at].ink), found=found) for at in wanted])
    digits = []
    for at, reading in zip(wanted, readings, strict=True):
        left, top, width, height = inks[at].box
        box = scan.sent((ink.left + left, ink.top + top, width, height))
        character = line.characters[at]
        alone = reading.verdict == "sure" and reading.label == character.label
        digits.append(Digit(character.label, box, _in_line(reading, character, sure if inks[at].cut else alone)))
    agreed = all(
        inks[at].cut or reading.label == line.characters[at].label for at, reading in zip(wanted, readings, strict=True)
    )
    return tuple(digits), agreed and not any(_may_hide_a_sign(inks[at], ink) for at in wanted)


def _in_line(reading: Reading, character: LineCharacter, sure: bool) -> Reading:
    """Replace the probabilities of a digit by those that it has in its line, and its verdict."""
    label, chances = character.label, character.probabilities[:DIGITS]
    chances = chances / max(float(chances.sum()), 1e-300)
    probabilities = dict(zip(LINE_CLASSES[:DIGITS], chances.tolist(), strict=True))
    other = reading.label
    if other in (None, label):
        other = sorted(probabilities, key=probabilities.__getitem__, reverse=True)[1]
    return dataclasses.replace(
        reading, label=label, confidence=probabilities[label], probabilities=probabilities,
        verdict="sure" if sure else "unsure", alternatives=() if sure else (label, str(other)),
    )  # fmt: skip
