"""python -m model predict: read image files."""

import argparse
import json
from typing import Any

from model.commands import add_files, add_weights, for_each_file, weights_of
from model.recognizer import Reading, Recognizer


def add(commands: Any) -> None:
    """Add the command."""
    predict = commands.add_parser("predict", help="read image files")
    add_files(predict, "an image with one digit")
    add_weights(predict)
    predict.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Read every file. Returns 1 when one of them could not be read."""
    recognizer = Recognizer.load(weights_of(options))
    describe = _as_json if options.json else _as_text
    return for_each_file(options.files, lambda name, data: describe(name, recognizer.read_files([data])[0]))


def _as_text(name: str, reading: Reading) -> str:
    if reading.label is None:
        return f"{name}: {reading.verdict}"
    doubt = f", perhaps {reading.alternatives[1]}" if reading.alternatives else ""
    return f"{name}: {reading.label}  {reading.confidence:.1%}, {reading.verdict}{doubt}"


def _as_json(name: str, reading: Reading) -> str:
    return json.dumps({"file": name, **reading.document()})
