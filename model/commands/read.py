"""python -m model read: read the numbers in image files."""

import argparse

from model.commands.options import add_files, add_weights, print_each, weights_of
from model.inference import numbers
from model.inference.numbers import Number
from model.inference.recognizer import Recognizer


def add(read: argparse.ArgumentParser) -> None:
    """Add its options."""
    add_files(read, "an image of a number: digits and signs, in one or several lines")
    add_weights(read)
    read.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Read every file. Returns 1 if one of them could not be read."""
    recognizer = Recognizer.load(weights_of(options))
    return print_each(options.files, lambda data: numbers.read_files(recognizer, [data])[0], _as_text, options.json)


def _as_text(number: Number) -> str:
    if number.text is None:
        return number.verdict
    return f"{number.text}  {number.confidence:.1%}, {number.verdict}"
