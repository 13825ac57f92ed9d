"""The guard set: digits that any usable weights read right. New weights that do not are kept out of service.

A file can be whole and well formed, and still read nothing right: trained on the wrong data, or with its classes mixed
up. guard.json holds three ways of writing each digit, drawn for this purpose, as strokes in a 100 × 100 box: an open
four and a closed one, a seven with a bar, a one with a foot. Each is read with a thin pen and with a thick one. They
are easy digits, on purpose: every committed network reads all of them.
"""

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from model.errors import DigitpadError
from model.inference.recognizer import Recognizer
from model.preprocessing import strokes
from model.preprocessing.normalize import Ink

FILE: Final = Path(__file__).with_name("guard.json")
CLASSES: Final = tuple("0123456789")
PENS: Final = (6.0, 13.0)  # in the unit of the strokes
ALLOWED: Final = 2  # of 60: one way of writing may be strange to a network that reads all others


class Misread(DigitpadError):
    """Weights read digits of the guard set wrongly. The message says which."""


def check(recognizer: Recognizer, instead_of: Recognizer | None = None) -> None:
    """Raise Misread where a recogniser may not be put into service, `instead_of` the one that is there.

    It may where it reads all but ALLOWED digits of the guard set, or no fewer than the one that is there. What was made
    to read other things than the ten digits is not asked, unless it would take the place of what reads digits.
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
    some = ", ".join(f"a {true} as {read}" for true, read in wrong[:5])
    raise Misread(
        f"it misreads {len(wrong)} of the {len(_inks())} digits of the guard set ({some}{', …' if wrong[5:] else ''})"
    )


def reads_digits(recognizer: Recognizer) -> bool:
    """Say whether drawings of the ten digits are what a recogniser reads."""
    return set(recognizer.description.classes) == set(CLASSES) and not recognizer.reads_photographs


def misread(recognizer: Recognizer) -> list[tuple[str, str]]:
    """Return which digits of the guard set are read wrongly, each with what it is read as, or with the verdict."""
    readings = recognizer.read(_inks())
    return [
        (true, reading.label or reading.verdict)
        for true, reading in zip(_labels(), readings, strict=True)
        if reading.label != true
    ]


@functools.cache
def _drawings() -> Sequence[tuple[str, Sequence[strokes.Stroke]]]:
    examples = json.loads(FILE.read_text("utf-8"))
    return tuple((label, drawing) for label, drawings in examples.items() for drawing in drawings)


def _labels() -> list[str]:
    return [label for label, _ in _drawings() for _ in PENS]


@functools.cache
def _inks() -> Sequence[Ink]:
    return tuple(strokes.draw(drawing, width=width) for _, drawing in _drawings() for width in PENS)
