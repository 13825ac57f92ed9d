"""What the commands share: options, and reading the files that are named."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from model.data import sources
from model.files import WEIGHTS
from model.preprocessing.image_files import InkError


def add_data_dir(command: argparse.ArgumentParser) -> None:
    """Let `command` be told where the data sets are."""
    command.add_argument(
        "--data-dir", type=Path, default=Path(os.environ.get("DIGITPAD_DATA") or "data"), metavar="DIR",
        help="where the data sets are, or are put (default: DIGITPAD_DATA, or data)",
    )  # fmt: skip


def source(text: str) -> str:
    """Parse the name of a data set, as `--data` takes it."""
    try:
        return sources.check(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def add_weights(command: argparse.ArgumentParser) -> None:
    """Let `command` be told whose weights to use; `weights_of` finds them."""
    which = command.add_mutually_exclusive_group()
    which.add_argument("--network", default="digitpad", metavar="NAME", help="in weights/ (default: digitpad)")
    which.add_argument("--weights", type=Path, metavar="FILE", help="a weights file anywhere")


def weights_of(options: argparse.Namespace) -> Path:
    """Return the path of the weights that the command line names."""
    named: Path | None = options.weights
    return named or WEIGHTS / f"{options.network}.safetensors"


def add_files(command: argparse.ArgumentParser, what: str) -> None:
    """Let `command` be told the image files to read, and how to print what was read; `for_each_file` reads them."""
    command.add_argument("files", nargs="+", metavar="FILE", help=f"{what}; - for standard input")
    command.add_argument("--json", action="store_true", help="one JSON object a line, with all probabilities")


def for_each_file(names: Sequence[str], read: Callable[[str, bytes], str]) -> int:
    """Print what `read` makes of each file's name and bytes. Returns 1 when one of them could not be read."""
    status = 0
    for name in names:
        try:
            print(read(name, sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()))
        except (OSError, InkError) as error:
            print(f"{name}: {getattr(error, 'strerror', None) or error}", file=sys.stderr)
            status = 1
    return status
