"""The guard set: easy digits that any usable weights read right. New weights that fail are not put into service.

A well-formed file may still misread everything: trained on wrong data, or with its classes in another order. guard.json
holds three ways of writing each digit, such as an open four, a seven with a bar and a one with a foot, as strokes in a
100 × 100 box. Each is drawn with a thin and with a thick pen. Every committed network reads all of them.
"""

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from model.errors import DigitpadError
from model.inference.ink import InkFinder
from model.inference.line import LineReader
from model.inference.recognizer import Recognizer
from model.preprocessing import strokes
from model.preprocessing.arrays import Ink

FILE: Final = Path(__file__).with_name("guard.json")
CLASSES: Final = tuple("0123456789")
PENS: Final = (6.0, 13.0)  # in the unit of the strokes
ALLOWED: Final = 2  # of 60: one way of writing, with both pens


class Misread(DigitpadError):
    """Weights misread digits of the guard set. The message says which."""


def check(recognizer: Recognizer, instead_of: Recognizer | None = None) -> None:
    """Raise Misread if a recogniser may not be put into service, in place of `instead_of` if that is given.

    It may misread ALLOWED digits of the guard set, or as many as `instead_of` does. A recogniser of other classes may
    not replace one that reads digits; otherwise it is not checked.
    """
    if not reads_digits(recognizer):
        if instead_of is not None and reads_digits(instead_of):
            raise Misread(f"it reads {', '.join(recognizer.description.classes)[:80]}, and no longer the ten digits")
        return
    wrong = misread(recognizer)
    if len(wrong) <= ALLOWED:
        return
    if instead_of is not None and reads_digits(instead_of) and len(wrong) <= len(misread(instead_of)):
        return
    examples = ", ".join(f"a {true} as {read}" for true, read in wrong[:5])
    more = ", …" if wrong[5:] else ""
    raise Misread(f"it misreads {len(wrong)} of the {len(_digits())} digits of the guard set ({examples}{more})")


def check_finder(finder: InkFinder, reader: Recognizer) -> None:
    """Raise Misread if an ink network may not be put into service.

    The first way of writing each digit is drawn on lined paper in uneven light. Of these pictures, `reader` may misread
    ALLOWED with the ink that is found.
    """
    labels, inks = zip(*_digits()[:: len(PENS) * 3], strict=True)
    readings = reader.read(finder.find(_on_paper(ink)).ink for ink in inks)
    wrong = [(true, reading.label) for true, reading in zip(labels, readings, strict=True) if reading.label != true]
    if len(wrong) > ALLOWED:
        examples = ", ".join(f"a {true} as {read or 'none'}" for true, read in wrong[:5])
        raise Misread(f"with the ink that it finds, {len(wrong)} of {len(labels)} digits are misread ({examples})")


def check_lines(reader: LineReader) -> None:
    """Raise Misread if a line network may not be put into service.

    The ways of writing each digit stand side by side, all digits in a line. It may misread ALLOWED of the lines.
    """
    digits = _digits()
    ways = len(digits) // len(CLASSES)
    lines = [_side_by_side([ink for _, ink in digits[way::ways]]) for way in range(ways)]
    wrong = [text for line in lines if (text := getattr(reader.read(line), "text", "nothing")) != "".join(CLASSES)]
    if len(wrong) > ALLOWED:
        raise Misread(f"it misreads {len(wrong)} of {len(lines)} lines of {''.join(CLASSES)} (as {', '.join(wrong)})")


def _side_by_side(inks: Sequence[Ink]) -> Ink:
    height = max(len(ink) for ink in inks)
    return np.hstack([np.pad(ink, ((height - len(ink), 0), (0, height // 4))) for ink in inks])


def _on_paper(ink: Ink) -> Image.Image:
    """Photograph a digit in blue ink on lined paper, with the light fading to one side."""
    room = ink.shape[0] // 2
    cover = np.pad(ink, room)[..., None] / np.float32(255)
    paper = np.full((*cover.shape[:2], 3), (235.0, 230.0, 220.0), np.float32)
    paper[:: max(8, room)] -= 50
    light = np.linspace(1, 0.7, cover.shape[1], dtype=np.float32)[None, :, None]
    return Image.fromarray(((paper + cover * (np.array((40.0, 50.0, 130.0)) - paper)) * light).astype(np.uint8))


def reads_digits(recognizer: Recognizer) -> bool:
    """Tell whether a recogniser reads drawings of the ten digits."""
    return set(recognizer.description.classes) == set(CLASSES) and not recognizer.reads_photographs


def misread(recognizer: Recognizer) -> list[tuple[str, str]]:
    """Return the misread digits of the guard set, each with the label that it is read as, or else the verdict."""
    readings = recognizer.read(ink for _, ink in _digits())
    return [
        (true, reading.label or reading.verdict)
        for (true, _), reading in zip(_digits(), readings, strict=True)
        if reading.label != true
    ]


@functools.cache
def _digits() -> Sequence[tuple[str, Ink]]:
    """Draw each digit of the guard set with each pen."""
    examples = json.loads(FILE.read_text("utf-8"))
    drawings = [(label, drawing) for label, ways in examples.items() for drawing in ways]
    return tuple((label, strokes.draw(drawing, width=width)) for label, drawing in drawings for width in PENS)
