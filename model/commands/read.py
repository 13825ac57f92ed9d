"""python -m model read: read the numbers in image files."""

import argparse
import json
from typing import Any

from model.commands.options import add_files, add_weights, for_each_file, weights_of
from model.inference import numbers
from model.inference.numbers import Number
from model.inference.recognizer import Recognizer


def add(commands: Any) -> None:
    """Add the command."""
    read = commands.add_parser("read", help="read the numbers in image files")
    add_files(read, "an image of a number with 1 to 12 digits")
    add_weights(read)
    read.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Read every file. Returns 1 if one of them could not be read."""
    recognizer = Recognizer.load(weights_of(options))
    describe = _as_json if options.json else _as_text
    return for_each_file(options.files, lambda name, data: describe(name, numbers.read_files(recognizer, [data])[0]))


def _as_text(name: str, number: Number) -> str:
    if number.text is None:
        return f"{name}: {number.verdict}"
    return f"{name}: {number.text}  {number.confidence:.1%}, {number.verdict}"


def _as_json(name: str, number: Number) -> str:
    return json.dumps({"file": name, **number.document()})
