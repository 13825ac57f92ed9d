"""python -m model predict: read image files."""

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from model.commands import add_weights, weights_of
from model.ink import InkError
from model.recognizer import Reading, Recognizer


def add(commands: Any) -> None:
    """Add the command."""
    predict = commands.add_parser("predict", help="read image files")
    predict.add_argument("files", nargs="+", metavar="FILE", help="an image with one digit; - for standard input")
    predict.add_argument("--json", action="store_true", help="one JSON object a line, with all probabilities")
    add_weights(predict)
    predict.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Read every file. Returns 1 when one of them could not be read."""
    recognizer = Recognizer.load(weights_of(options))
    status = 0
    for name in options.files:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            reading = recognizer.read_files([data])[0]
        except (OSError, InkError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            status = 1
            continue
        print(_as_json(name, reading) if options.json else _as_text(name, reading))
    return status


def _as_text(name: str, reading: Reading) -> str:
    if reading.label is None:
        return f"{name}: {reading.verdict}"
    doubt = f", perhaps {reading.alternatives[1]}" if reading.alternatives else ""
    return f"{name}: {reading.label}  {reading.confidence:.1%}, {reading.verdict}{doubt}"


def _as_json(name: str, reading: Reading) -> str:
    values = {field.name: getattr(reading, field.name) for field in dataclasses.fields(reading) if field.name != "seen"}
    return json.dumps({"file": name, **values})
