"""python -m model export: write the ONNX files that a server without torch runs, or the page for a static host."""

import argparse
import subprocess
import sys
from pathlib import Path

from tqdm import tqdm

from model.files import WEIGHTS
from model.inference.engines.export import export, exporter
from model.inference.engines.onnx import SUFFIX
from model.networks import weights
from model.networks.description import WeightsError


def add(command: argparse.ArgumentParser) -> None:
    """Add its options."""
    command.add_argument("files", nargs="*", type=Path, metavar="FILE",
        help="weights files (default: all in weights/ that read drawings)")  # fmt: skip
    command.add_argument("--site", type=Path, metavar="DIR",
        help="instead, write the page, which then reads in the browser, as a folder for any static host")  # fmt: skip
    command.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Write NAME.onnx beside each weights file. Raises WeightsError at the first that cannot be exported."""
    if options.site:
        # What the page is made of belongs to web/, which model/ knows nothing of.
        command = [sys.executable, "-m", "web.site", str(options.site.resolve())]
        return subprocess.call(command, cwd=WEIGHTS.parent)  # noqa: S603 — our own module
    paths = options.files or sorted(WEIGHTS.glob("*.safetensors"))
    if not paths:
        raise WeightsError(f"There are no weights in {WEIGHTS}: train them with `python train.py`.")
    bar = tqdm(paths, desc="exporting", unit=" networks", leave=False, disable=len(paths) < 2)
    for path in bar:
        loaded = weights.load(path)
        make = exporter(loaded.description)
        if make is None and not options.files:
            continue
        target = path.with_suffix(SUFFIX)
        difference = (make or export)(loaded, target)
        bar.write(
            f"{target}: {target.stat().st_size / 1000:,.0f} kB, the same as torch up to {difference:.1e} of the logits"
        )
    return 0
