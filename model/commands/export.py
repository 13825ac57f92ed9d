"""python -m model export: write the ONNX files that a server without torch runs."""

import argparse
from pathlib import Path

from model.files import WEIGHTS
from model.inference.engines.export import export, exporter
from model.inference.engines.onnx import SUFFIX
from model.networks import weights
from model.networks.description import WeightsError


def add(command: argparse.ArgumentParser) -> None:
    """Add its options."""
    command.add_argument("files", nargs="*", type=Path, metavar="FILE",
        help="weights files (default: all in weights/ that read drawings)")  # fmt: skip
    command.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Write NAME.onnx beside each weights file. Raises WeightsError at the first that cannot be exported."""
    paths = options.files or sorted(WEIGHTS.glob("*.safetensors"))
    if not paths:
        raise WeightsError(f"There are no weights in {WEIGHTS}: train them with `python train.py`.")
    for path in paths:
        loaded = weights.load(path)
        make = exporter(loaded.description)
        if make is None and not options.files:
            continue
        target = path.with_suffix(SUFFIX)
        difference = (make or export)(loaded, target)
        print(
            f"{target}: {target.stat().st_size / 1000:,.0f} kB, the same as torch up to {difference:.1e} of the logits"
        )
    return 0
