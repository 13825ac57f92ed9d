"""Accuracy on photographs of handwriting, through POST /predict as a phone would send them, and their speed.

    OMP_NUM_THREADS=1 DIGITPAD_DATA=… python -m benchmarks.photographs

Makes 1,000 photographs (`tests.helpers.photographs`: several papers and pens, uneven light, shadows, blur, noise,
JPEG, marks at the edges) of digits by the pen digits' held-out writers, whom no training saw, and reads them and clean
drawings of the same strokes with the served weights. Prints what is misread, by each effect, and the time from the
bytes of a 12-megapixel JPEG file to ink.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from flask.testing import FlaskClient
from tqdm import tqdm

from app import create_app
from benchmarks.arguments import data_parser
from benchmarks.canvas import Sample, drawings
from benchmarks.data import sampled, split_pen_digits
from benchmarks.tally import Tally, read, served_model
from model.inference.ink import ink_reader
from tests.helpers import photographs
from tests.helpers.photographs import Conditions

read_ink = ink_reader()  # with the committed ink network

TIMED_PHOTOGRAPHS = 5
REPEATS = 10

# Mistakes are counted by each of these.
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
    parser = data_parser(__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many photographs to take (default: 1000)")
    parser.add_argument(
        "--training-writers",
        action="store_true",
        help="photograph digits that trainings see: for choosing, not for figures",
    )
    options = parser.parse_args()
    client = create_app().test_client()
    print(f"{served_model(client)}, seed {options.seed}\n")
    digits = split_pen_digits(options.data_dir)[0 if options.training_writers else 1]
    samples = sampled(digits, options.count, options.seed)
    clean = [(sample.label, png) for sample, png in drawings(samples, options.seed)]
    print(read(client, "/predict", "clean drawings", clean).summary())
    print_photographs(samples, client, options.seed)
    print_time(samples, options.seed)


def print_photographs(samples: Sequence[Sample], client: FlaskClient, seed: int) -> None:
    """Print how many photographs are read right, the most frequent mistakes, and which effects they were made under."""
    tally = Tally("photographs")
    taken, wrong = {name: Counter() for name in EFFECTS}, {name: Counter() for name in EFFECTS}
    for index, sample in enumerate(tqdm(samples, desc="photographs", leave=False)):
        jpeg, conditions = photographs.snapshot(sample.strokes, np.random.default_rng([seed, index]))
        answer = client.post("/predict", data=jpeg, content_type="image/jpeg").get_json()
        right = tally.add(sample.label, jpeg, answer)
        for name, kinds in EFFECTS.items():
            taken[name].update(kinds(conditions))
            wrong[name].update([] if right else kinds(conditions))
    print(tally.summary())
    print(f"  most often {tally.frequent()}")
    for name in EFFECTS:
        kinds = [f"{kind} {wrong[name][kind]} of {number}" for kind, number in sorted(taken[name].items())]
        print(f"  wrong by {name}: {', '.join(kinds)}")


def print_time(samples: Sequence[Sample], seed: int) -> None:
    """Print the median time from a 12-megapixel JPEG file to ink, on one thread."""
    random = np.random.default_rng(seed)
    times, sizes = [], []
    for sample in samples[:TIMED_PHOTOGRAPHS]:
        conditions = replace(photographs.random_conditions(random), size=photographs.TWELVE_MEGAPIXELS, quality=90)
        jpeg = photographs.encode(photographs.photograph(sample.strokes, conditions, random), conditions.quality)
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
