"""The command line: python -m model predict | read | evaluate | compare | summary | data | convolve | export."""

import argparse
import sys
from collections.abc import Sequence

from model.commands import compare, convolve, data, evaluate, export, predict, read, summary
from model.errors import DigitpadError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit status: 1 if something could not be read or written."""
    parser = argparse.ArgumentParser(prog="python -m model", description="Digits from the command line.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (predict, read, evaluate, compare, summary, data, convolve, export):
        module.add(commands)
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
    sys.exit(main())
