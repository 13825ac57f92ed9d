"""Options that several commands share, and the loop over the files that they read."""

import argparse
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from model.files import WEIGHTS
from model.inference.numbers import Number
from model.inference.recognizer import Reading
from model.preprocessing import tiff
from model.preprocessing.image_files import InkError

Answer = TypeVar("Answer", Number, Reading)


def add_data_dir(command: argparse.ArgumentParser) -> None:
    """Add --data-dir to `command`."""
    command.add_argument(
        "--data-dir", type=Path, default=Path(os.environ.get("DIGITPAD_DATA") or "data"), metavar="DIR",
        help="the data sets; missing ones are downloaded into it (default: DIGITPAD_DATA, or data)",
    )  # fmt: skip


def source(text: str) -> str:
    """Parse a data set's name for --data."""
    from model.data.sources import FOLDER  # and torch: predict and read do without

    if text in ("mnist", "cifar10") or (text.startswith(FOLDER) and text != FOLDER):
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is no data set: use mnist, cifar10 or folder:PATH")


def at_least(least: int) -> Callable[[str], int]:
    """Return a parser of whole numbers from `least` on."""

    def count(text: str) -> int:
        if int(text) < least:
            raise argparse.ArgumentTypeError(f"it must be at least {least}")
        return int(text)

    return count


def above_zero(text: str) -> float:
    """Parse a number that is greater than zero, and finite."""
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError("it must be greater than 0")
    return number


def add_weights(command: argparse.ArgumentParser) -> None:
    """Add --network and --weights to `command`; see `weights_of`."""
    which = command.add_mutually_exclusive_group()
    which.add_argument("--network", default="digitpad", metavar="NAME", help="in weights/ (default: digitpad)")
    which.add_argument("--weights", type=Path, metavar="FILE", help="a weights file anywhere")


def weights_of(options: argparse.Namespace) -> Path:
    """Return the path of the weights file that --network or --weights names."""
    named: Path | None = options.weights
    return named or WEIGHTS / f"{options.network}.safetensors"


def add_files(command: argparse.ArgumentParser, what: str) -> None:
    """Add the image files and --json to `command`; see `print_each`."""
    command.add_argument("files", nargs="+", metavar="FILE", help=f"{what}; - for standard input")
    command.add_argument("--json", action="store_true", help="one JSON object a line, with all probabilities")


def print_each(
    names: Sequence[str], read: Callable[[bytes], Answer], as_text: Callable[[Answer], str], as_json: bool
) -> int:
    """Print what `read` answers to each file and page, as JSON or as text. Returns 1 if one could not be read."""
    status = 0
    for name in names:
        try:
            for page, data in _pages(name):
                status |= _print(page, data, read, as_text, as_json)
        except BrokenPipeError:  # of standard output: nobody reads on
            raise
        except OSError as error:
            status = _say(name, error)
    return status


def _pages(name: str) -> Iterator[tuple[str, bytes]]:
    """Read a file. Yields its name and content; for a TIFF file of several pages, those of each."""
    data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    offsets = tiff.page_offsets(data)
    if len(offsets) < 2:
        yield name, data
        return
    for number, offset in enumerate(offsets, start=1):
        yield tiff.page_name(name, number), tiff.page(data, offset)


def _print(
    name: str, data: bytes, read: Callable[[bytes], Answer], as_text: Callable[[Answer], str], as_json: bool
) -> int:
    try:
        answer = read(data)
    except InkError as error:
        return _say(name, error)
    print(json.dumps({"file": name, **answer.document()}) if as_json else f"{name}: {as_text(answer)}")
    return 0


def _say(name: str, error: Exception) -> int:
    print(f"{name}: {getattr(error, 'strerror', None) or error}", file=sys.stderr)
    return 1
