"""Accuracy on photographs of handwriting, through POST /predict as a phone would send them, and their speed.

    OMP_NUM_THREADS=1 DIGITPAD_DATA=… python -m benchmarks.photographs

Makes 1,000 photographs (`photographs`: several papers and pens, uneven light, shadows, blur, noise, JPEG, marks at
the edges) of digits by the pen digits' held-out writers, whom no training saw, and reads them and clean drawings of
the same strokes with the served weights. Prints what is misread, by each effect, and the time from the bytes of a
12-megapixel JPEG file to ink.
"""

import argparse
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from flask.testing import FlaskClient
from tqdm import tqdm

from app import create_app
from benchmarks import canvas
from model.data import pen_digits, photographs
from model.data.photographs import Conditions
from model.preprocessing.ink import read_ink

TIMED_PHOTOGRAPHS = 5
REPEATS = 10

# What photographs are told apart by.
EFFECTS: dict[str, Callable[[Conditions], Sequence[str]]] = {
    "paper": lambda taken: [taken.paper],
    "pen": lambda taken: [taken.pen],
    "shadow": lambda taken: [taken.shadow],
    "marks": lambda taken: taken.marks or ["none"],
    "digit": lambda taken: ["under a third of the side" if taken.digit < 1 / 3 else "larger"],
    "noise": lambda taken: ["under 3 levels" if taken.noise < 3 else "more"],
    "quality": lambda taken: ["30 to 59" if taken.quality < 60 else "60 to 90"],
}


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path(os.environ.get("DIGITPAD_DATA") or "data"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=1000, help="how many photographs to take (default: 1000)")
    parser.add_argument(
        "--training-writers",
        action="store_true",
        help="photograph digits that trainings see: for choosing, not for figures",
    )
    options = parser.parse_args()
    client = create_app().test_client()
    model = client.get("/readyz").json["model"]
    print(f"{model['name']}, {model['version']}, seed {options.seed}\n")

    writers = pen_digits.split_writers(pen_digits.load(pen_digits.fetch(options.data_dir / "pen-digits")))
    digits = writers[0 if options.training_writers else 1]
    chosen = np.random.default_rng(options.seed).permutation(len(digits))[: options.count]
    digits = [digits[i] for i in sorted(chosen)]
    print_clean(digits, client, options.seed)
    print_photographs(digits, client, options.seed)
    print_time(digits, options.seed)


def print_clean(digits: Sequence[pen_digits.PenDigit], client: FlaskClient, seed: int) -> None:
    """Print how many clean drawings of the digits are read right."""
    samples = [canvas.Sample(str(digit.label), str(digit.writer), digit.strokes) for digit in digits]
    wrong = 0
    for sample, png in tqdm(canvas.drawings(samples, seed), total=len(samples), desc="drawings", leave=False):
        wrong += client.post("/predict", data=png, content_type="image/png").json["label"] != sample.label
    print(f"clean drawings: {1 - wrong / len(samples):.2%} right, {wrong} of {len(samples):,} wrong")


def print_photographs(digits: Sequence[pen_digits.PenDigit], client: FlaskClient, seed: int) -> None:
    """Print how many photographs are read right, the most frequent mistakes, and which effects they were made under."""
    mistakes: Counter[str] = Counter()
    sure = sure_right = 0
    taken, wrong = {name: Counter() for name in EFFECTS}, {name: Counter() for name in EFFECTS}
    for index, digit in enumerate(tqdm(digits, desc="photographs", leave=False)):
        jpeg, conditions = photographs.snapshot(digit.strokes, np.random.default_rng([seed, index]))
        answer = client.post("/predict", data=jpeg, content_type="image/jpeg").json
        right = answer["label"] == str(digit.label)
        sure += answer["verdict"] == "sure"
        sure_right += right and answer["verdict"] == "sure"
        if not right:
            mistakes[f"{digit.label} as {answer['label'] or answer['verdict']} (no. {index})"] += 1
        for name, kinds in EFFECTS.items():
            taken[name].update(kinds(conditions))
            wrong[name].update([] if right else kinds(conditions))
    count = len(digits)
    print(f"photographs: {1 - mistakes.total() / count:.2%} right, {mistakes.total()} of {count:,} wrong")
    print(f"  sure of {sure / count:.1%}, and right in {sure_right / max(1, sure):.2%} of those")
    confused = Counter(mistake.split(" (")[0] for mistake in mistakes)
    print(f"  most often {', '.join(f'{what} ({times})' for what, times in confused.most_common(6))}")
    for name in EFFECTS:
        kinds = [f"{kind} {wrong[name][kind]} of {number}" for kind, number in sorted(taken[name].items())]
        print(f"  wrong by {name}: {', '.join(kinds)}")


def print_time(digits: Sequence[pen_digits.PenDigit], seed: int) -> None:
    """Print the median time from a 12-megapixel JPEG file to ink, on one thread: nothing here uses more."""
    random = np.random.default_rng(seed)
    times, sizes = [], []
    for digit in digits[:TIMED_PHOTOGRAPHS]:
        conditions = replace(photographs.random_conditions(random), size=photographs.TWELVE_MEGAPIXELS, quality=90)
        jpeg = photographs.encode(photographs.photograph(digit.strokes, conditions, random), conditions.quality)
        sizes.append(len(jpeg))
        for _ in range(REPEATS):
            started = time.perf_counter()
            read_ink(jpeg)
            times.append((time.perf_counter() - started) * 1000)
    low, median, high = np.quantile(times, (0, 0.5, 0.9))
    print(
        f"12 megapixels to ink: {median:.0f} ms median, {low:.0f} at best, {high:.0f} for one in ten, "
        f"n = {len(times)}, files of {min(sizes) / 1e6:.1f} to {max(sizes) / 1e6:.1f} MB"
    )


if __name__ == "__main__":
    main()
