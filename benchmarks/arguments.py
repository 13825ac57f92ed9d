"""Command-line options that several benchmarks have."""

import argparse
import os
from pathlib import Path


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser that describes the command with its docstring."""
    return argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)


def data_parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser for a benchmark that reads data sets, with --data-dir and --seed."""
    arguments = parser(description)
    arguments.add_argument("--data-dir", type=Path, default=Path(os.environ.get("DIGITPAD_DATA") or "data"))
    arguments.add_argument("--seed", type=int, default=0)
    return arguments


def pin_to_one_core() -> None:
    """Run this thread, and those that it starts, on one core, where the system allows that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
