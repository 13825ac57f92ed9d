"""Numbers entirely right, through POST /read, composed of pen digits of writers whom no training saw.

    DIGITPAD_DATA=… python -m benchmarks.numbers

Every number is written by one writer, at any size, with any pen, on an uneven baseline; see benchmarks/rows.py. Apart,
no ink of two neighbours meets. Touching, the ink of every two neighbours does, by a twentieth to a quarter of the pen's
width where they are closest; overlapping, by up to six tenths of it.

--writers training composes with digits that trainings see: what is tuned is tuned on those.
"""

import argparse
import os
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

if hasattr(os, "sched_setaffinity"):  # before torch starts its threads
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

from flask.testing import FlaskClient
from tqdm import tqdm

from app import create_app
from benchmarks.rows import KINDS, Row, by_writer, composed
from model.data import pen_digits


def main() -> None:
    """Print every kind's figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path(os.environ.get("DIGITPAD_DATA") or "data"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND", help="of the numbers")
    parser.add_argument("--count", type=int, help="of each kind, instead of as many as it has")
    parser.add_argument("--writers", choices=("unseen", "training"), default="unseen")
    parser.add_argument("--model", help="the network that reads (default: the server's)")
    options = parser.parse_args()
    client = create_app().test_client()
    digits = pen_digits.load(pen_digits.fetch(options.data_dir / "pen-digits"))
    some = pen_digits.split_writers(digits)[options.writers == "unseen"]
    writers = by_writer(some)
    path = f"/read?model={options.model}" if options.model else "/read"
    answer = client.post(path, json={"strokes": []})
    if answer.status_code != 200:
        parser.exit(1, f"{answer.json['detail']}\n")
    model = answer.json["model"]
    print(f"{model['name']}, {model['version']}, {len(writers)} {options.writers} writers, seed {options.seed}\n")
    for kind in options.only:
        print_figures(kind, composed(kind, writers, options.seed, options.count), client, path)


def print_figures(kind: str, rows: Sequence[Row], client: FlaskClient, path: str) -> None:
    """Read numbers; print how many were entirely right, how many surely, and what went wrong most."""
    times, mistakes = [], []
    sure = sure_right = 0
    count = len(rows)
    for row in tqdm(rows, desc=kind, leave=False):
        started = time.perf_counter()
        answer = client.post(path, data=row.png, content_type="image/png").json
        times.append((time.perf_counter() - started) * 1000)
        right = answer["text"] == row.text
        sure += answer["verdict"] == "sure"
        sure_right += right and answer["verdict"] == "sure"
        if not right:
            mistakes.append((row.text, answer["text"] or answer["verdict"]))
    late = statistics.quantiles(times, n=20)[18]
    print(f"{kind}: {1 - len(mistakes) / count:.1%} right, {len(mistakes)} of {count:,} wrong")
    print(f"  sure of {sure / count:.1%}, and right in {sure_right / max(1, sure):.2%} of those")
    print(f"  {statistics.median(times):.1f} ms median, 95th percentile {late:.1f} ms, from PNG to answer, on one core")
    split = sum(len(read) != len(written) for written, read in mistakes)
    pairs = Counter(
        f"{one} as {other}"
        for written, read in mistakes
        if len(read) == len(written)
        for one, other in zip(written, read, strict=True)
        if one != other
    )
    frequent = ", ".join(f"{pair} ({number})" for pair, number in pairs.most_common(6))
    print(f"  wrong: {split} with another number of characters; {frequent}")
    print(f"  such as {', '.join(f'{written} as {read}' for written, read in mistakes[:6])}\n")


if __name__ == "__main__":
    main()
