"""The command line: python -m model predict | read | evaluate | compare | summary | data | convolve | export."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from model.commands.terminal import run
from model.errors import DigitpadError

# Each is a module of model/commands/, which is loaded when it is asked for: most need torch, and seconds to begin.
COMMANDS = {
    "predict": "read images: files, folders, Parquet files",
    "read": "read the numbers in image files",
    "evaluate": "score weights on a test split, class by class",
    "compare": "measure all networks, and write their table into docs/networks.md",
    "summary": "show a network's layers, shapes, parameters and multiplications",
    "data": "export, preview, show, stats, split",
    "convolve": "work out a convolution on one digit",
    "export": "write the ONNX files beside weights files, or the page for a static host",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit status: 1 if something could not be read or written."""
    parser = argparse.ArgumentParser(prog="python -m model", description="Digits from the command line.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    arguments = sys.argv[1:] if arguments is None else arguments
    for name, about in COMMANDS.items():
        command = commands.add_parser(name, help=about)
        if name in arguments[:1]:
            import_module(f"model.commands.{name}").add(command)
    options = parser.parse_args(arguments)
    try:
        status: int = options.command(options)
        return status
    except DigitpadError as error:
        print(f"model: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(run(main))
