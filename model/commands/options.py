"""Options that several commands share, and the loop over the files that they read."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from model.data import sources
from model.files import WEIGHTS
from model.preprocessing.image_files import InkError


def add_data_dir(command: argparse.ArgumentParser) -> None:
    """Add --data-dir to `command`."""
    command.add_argument(
        "--data-dir", type=Path, default=Path(os.environ.get("DIGITPAD_DATA") or "data"), metavar="DIR",
        help="the data sets; missing ones are downloaded into it (default: DIGITPAD_DATA, or data)",
    )  # fmt: skip


def source(text: str) -> str:
    """Parse a data set's name for --data."""
    try:
        return sources.check(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


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
    """Add the image files and --json to `command`; see `for_each_file`."""
    command.add_argument("files", nargs="+", metavar="FILE", help=f"{what}; - for standard input")
    command.add_argument("--json", action="store_true", help="one JSON object a line, with all probabilities")


def for_each_file(names: Sequence[str], read: Callable[[str, bytes], str]) -> int:
    """Print `read(name, content)` for each file. Returns 1 if one of them could not be read."""
    status = 0
    for name in names:
        try:
            print(read(name, sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()))
        except (OSError, InkError) as error:
            print(f"{name}: {getattr(error, 'strerror', None) or error}", file=sys.stderr)
            status = 1
    return status
