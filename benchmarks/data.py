"""Pen digits by writer: of the writers that trainings see, and of those that none ever saw."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.canvas import Sample, load_json
from benchmarks.composed_numbers import Strokes, Writer
from model.data import pen_digits
from model.data.pen_digits import PenDigit


def load_pen_digits(folder: Path) -> list[PenDigit]:
    """Load the pen digits below a data folder; they are fetched where they are missing."""
    return pen_digits.load(pen_digits.fetch(folder / "pen-digits"))


def split_pen_digits(folder: Path) -> tuple[list[PenDigit], list[PenDigit]]:
    """Load the digits of the writers that trainings see, and those of the held-out writers."""
    return pen_digits.split_writers(load_pen_digits(folder))


def sampled(digits: Sequence[PenDigit], count: int, seed: int) -> list[Sample]:
    """Choose `count` digits at random, in their order."""
    chosen = sorted(np.random.default_rng(seed).permutation(len(digits))[:count])
    return [Sample(str(digits[i].label), str(digits[i].writer), digits[i].strokes) for i in chosen]


def by_writer(digits: Sequence[PenDigit]) -> list[Writer]:
    """Group digits by writer, and each writer's by label; all of them have written every digit."""
    writers: dict[int, dict[str, list[Strokes]]] = {}
    for digit in digits:
        writers.setdefault(digit.writer, {}).setdefault(str(digit.label), []).append(digit.strokes)
    return [writers[writer] for writer in sorted(writers)]


def load_letters(folder: Path) -> dict[str, list[Strokes]]:
    """Load the letters from other countries below a data folder, if they are there: each one's drawings."""
    path = folder / "pen-dev" / "letters.json.gz"
    letters: dict[str, list[Strokes]] = {}
    for sample in load_json(path) if path.exists() else []:
        letters.setdefault(sample.label, []).append(sample.strokes)
    return letters
