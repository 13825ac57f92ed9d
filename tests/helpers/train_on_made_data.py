"""Run train.py as a process of its own, on data that a test has made: --data-dir comes first."""

import sys
from pathlib import Path

import train
from tests.helpers.datasets import know_mnist

if __name__ == "__main__":
    know_mnist(Path(sys.argv[2]))
    sys.exit(train.main())
