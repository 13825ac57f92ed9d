"""Accuracy on real handwriting, through POST /predict as the page sends it.

    DIGITPAD_DATA=… python -m benchmarks.handwriting

Draws pen strokes on a 280×280 canvas at random places, sizes and pens, and reads them with the served weights:
1,000 digits of the pen digits' held-out writers, whom no training saw, and the digits of pen-dev/strokes.json.gz,
written in other countries, where that file is present.
"""

import argparse
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from flask.testing import FlaskClient
from tqdm import tqdm

from app import create_app
from benchmarks.canvas import Sample, drawings, load_json
from model import datasets, pendigits


def main() -> None:
    """Print both figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path(os.environ.get("DIGITPAD_DATA") or "data"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    client = create_app().test_client()
    model = client.get("/readyz").json["model"]
    print(f"{model['name']}, {model['version']}, seed {options.seed}\n")

    held_out = datasets.split_writers(pendigits.load(pendigits.fetch(options.data_dir / "pen-digits")))[1]
    chosen = np.random.default_rng(options.seed).permutation(len(held_out))[:1000]
    samples = [Sample(str(held_out[i].label), str(held_out[i].writer), held_out[i].strokes) for i in sorted(chosen)]
    print_accuracy("pen digits, six unseen writers", samples, client, options.seed)
    path = options.data_dir / "pen-dev" / "strokes.json.gz"
    if path.exists():
        print_accuracy("pen-dev, other countries", load_json(path), client, options.seed)


def print_accuracy(name: str, samples: Sequence[Sample], client: FlaskClient, seed: int) -> None:
    """Read every sample and print how many were read right, how many surely, and the most frequent mistakes."""
    mistakes: Counter[str] = Counter()
    sure = sure_right = 0
    for sample, png in tqdm(drawings(samples, seed), total=len(samples), desc=name, leave=False):
        answer = client.post("/predict", data=png, content_type="image/png").json
        right = answer["label"] == sample.label
        sure += answer["verdict"] == "sure"
        sure_right += right and answer["verdict"] == "sure"
        if not right:
            mistakes[f"{sample.label} as {answer['label']}"] += 1
    right = len(samples) - mistakes.total()
    print(f"{name}: {right / len(samples):.2%} right, {mistakes.total()} of {len(samples):,} wrong")
    print(f"  sure of {sure / len(samples):.1%}, and right in {sure_right / max(1, sure):.2%} of those")
    print(f"  most often {', '.join(f'{what} ({count})' for what, count in mistakes.most_common(6))}\n")


if __name__ == "__main__":
    main()
