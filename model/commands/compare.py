"""python -m model compare: the table of all networks."""

import argparse
from pathlib import Path

from model.evaluation import comparison
from model.files import WEIGHTS


def add(compare: argparse.ArgumentParser) -> None:
    """Add its options."""
    compare.add_argument("--weights-dir", type=Path, default=WEIGHTS, metavar="DIR", help="(default: weights)")
    compare.add_argument("--document", type=Path, default=WEIGHTS.parent / "docs" / "networks.md", metavar="FILE",
        help="the document whose table is replaced (default: docs/networks.md)")  # fmt: skip
    compare.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Measure all networks, write their table, and print it."""
    rows = comparison.write(options.weights_dir / "logs", options.document)
    print(comparison.markdown(rows))
    return 0
