"""The commands of `python -m model`: each module adds its own to the parser."""

import argparse
import os
from pathlib import Path
from typing import Final

from model import sources

WEIGHTS: Final = Path(__file__).parent.parent.parent / "weights"


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
