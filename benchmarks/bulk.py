"""How fast `python -m model predict` reads a folder and a Parquet file, without Ray and with 1, 2, 4, … workers.

    python -m benchmarks.bulk [--count N]

Draws N digits (280×280 PNG, seed 0) into a temporary folder and into one Parquet file with row groups of 250, and runs
the command on them in a process of its own. The time to start is that of the same command on two images. Prints both in
seconds, and the images a second with the start and, where more than a second is left, without it. Ray and pyarrow are
in requirements-bulk.txt.
"""

import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
from tqdm import tqdm

from benchmarks import arguments, canvas
from model.data import templates

HOME = Path(__file__).parent.parent
GROUP = 250  # rows


def main() -> None:
    """Make the images, read them in each way, and print a row for each."""
    parser = arguments.parser(__doc__)
    parser.add_argument("--count", type=int, default=6000, help="images (default: 6000)")
    parser.add_argument("--workers", type=int, nargs="*", help="with Ray (default: 1, 2, 4, … up to the cores)")
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    workers = options.workers or [2**power for power in range(cores.bit_length()) if 2**power <= cores]
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        make(work, options.count)
        print(f"{options.count:,} PNG files of 280×280, {cores} cores\n")
        print(f"{'':<32}{'seconds':>8}{'start':>8}{'a second':>10}{'without start':>15}")
        answers = []
        for source in ("scans", "scans.parquet"):
            for count in (0, *workers):
                start, _ = read(work, f"few-{source}", count)
                seconds, labels = read(work, source, count)
                answers.append(labels)
                what = f"{source}, {f'Ray, {count} workers' if count else 'plain'}"
                running = seconds - start  # under a second, it is noise
                alone = f"{options.count / running:,.0f}" if running > 1 else "–"
                print(f"{what:<32}{seconds:>8.1f}{start:>8.1f}{options.count / seconds:>10,.0f}{alone:>15}", flush=True)
        agree = all(labels == answers[0] for labels in answers)
        print(f"\nAll read the same labels in the same order: {agree}")


def make(work: Path, count: int) -> None:
    """Draw the digits into a folder with a sub-folder for each thousand, and put them into a Parquet file."""
    random = np.random.default_rng(0)
    digits = templates.write_digits(count, list(templates.DIGITS), random)
    images = []
    for number, digit in enumerate(tqdm(digits, desc="drawing", leave=False)):
        images.append(canvas.draw(canvas.Sample(str(digit.label), "", digit.strokes), random))
        path = work / "scans" / f"{number // 1000:03}" / f"{number:07}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(images[-1])
    (work / "few-scans").mkdir()
    for number, image in enumerate(images[:2]):
        (work / "few-scans" / f"{number}.png").write_bytes(image)
    for name, rows in (("scans", images), ("few-scans", images[:2])):
        pyarrow.parquet.write_table(pyarrow.table({"image": rows}), work / f"{name}.parquet", row_group_size=GROUP)


def read(work: Path, source: str, workers: int) -> tuple[float, list[str]]:
    """Run the command. Returns the seconds from command to prompt, and the labels that it wrote."""
    command = [sys.executable, "-m", "model", "predict", str(work / source), "--out", str(work / "out.csv")]
    command += ["--ray", "--workers", str(workers)] if workers else []
    started = time.perf_counter()
    subprocess.run(command, cwd=HOME, capture_output=True, check=True)
    seconds = time.perf_counter() - started
    with (work / "out.csv").open(newline="") as file:
        return seconds, [row["label"] for row in csv.DictReader(file)]


if __name__ == "__main__":
    main()
