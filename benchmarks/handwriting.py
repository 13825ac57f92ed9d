"""How well the served weights read what they never saw, in one table.

    DIGITPAD_DATA=… python -m benchmarks.handwriting

Every image goes through POST /predict as a program or the page would send it: MNIST's test split as it is, and spoilt
in nine ways (2,000 digits each); pen strokes on a 280×280 canvas at random places, sizes and pens, by six writers of
the pen digits whom no training saw (1,000 digits), and photographs of them on paper (benchmarks/photographs.py tells
more of these); digits and letters from other countries, where pen-dev is present. Numbers of four digits by the same
six writers go through POST /read (benchmarks/numbers.py tells more).

"right" counts refused digits as wrong, "refused" is what the verdict calls no digit or no number, and intervals are
Wilson's, of 95 %. A letter is right when it is refused, and a number when all of it is.
"""

import argparse
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from flask.testing import FlaskClient
from PIL import Image
from tqdm import tqdm

from app import create_app
from benchmarks.canvas import Sample, drawings, load_json, to_png
from benchmarks.corruptions import CORRUPTIONS
from benchmarks.rows import by_writer, composed
from model.data import mnist, pen_digits, photographs
from model.evaluation import plots
from model.preprocessing.ink import read_ink
from model.preprocessing.normalize import normalize

SPOILT = 2000  # digits for each corruption
HEADER = "{:<34}{:>7}{:>10}{:>18}{:>9}{:>13}{:>10}".format
LETTER = "no digit"
UNSEEN = 1000  # drawings by unseen writers, and photographs of them
PICTURED = ("MNIST test", "pen digits, unseen writers", "pen-dev, other countries")


@dataclass
class Tally:
    """What became of one kind of images."""

    name: str
    count: int = 0
    right: int = 0
    sure: int = 0
    sure_right: int = 0
    refused: int = 0
    mistakes: Counter[str] = field(default_factory=Counter)
    misread: list[tuple[bytes, str]] = field(default_factory=list)  # the digits' images, and what they were read as

    def add(self, label: str, png: bytes, answer: dict[str, object]) -> None:
        """Count an answer to an image of `label`."""
        refused = answer["verdict"] in ("not-a-digit", "not-a-number")
        found = answer["text"] if "text" in answer else answer["label"]
        right = refused if label == LETTER else found == label
        self.count += 1
        self.right += right
        self.refused += refused
        self.sure += answer["verdict"] == "sure"
        self.sure_right += right and answer["verdict"] == "sure"
        if not right and label != LETTER:
            mistake = f"{label} as {found or answer['verdict']}"
            self.mistakes[mistake] += 1
            self.misread.append((png, mistake))

    def row(self) -> str:
        """Write the figures as a line of the table."""
        low, high = wilson(self.right, self.count)
        trusted = f"{self.sure_right / self.sure:.2%}" if self.sure else "–"
        return HEADER(
            self.name, f"{self.count:,}", f"{self.right / self.count:.2%}", f"{low:.2%} – {high:.2%}",
            f"{self.sure / self.count:.1%}", trusted, f"{self.refused / self.count:.2%}",
        )  # fmt: skip


def main() -> None:
    """Print the table, and the most frequent mistakes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path(os.environ.get("DIGITPAD_DATA") or "data"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--misread", type=Path, metavar="FILE",
        help="draw the digits that were misread, as the network saw them: of drawings that are not spoilt")  # fmt: skip
    options = parser.parse_args()
    client = create_app().test_client()
    model = client.get("/readyz").json["model"]
    print(f"{model['name']}, {model['version']}, seed {options.seed}\n")
    print(HEADER("", "n", "right", "95 % interval", "sure", "sure, right", "refused"))
    tallies = []
    for name, path, images in kinds(options.data_dir, options.seed):
        tallies.append(read(name, path, images, client))
        print(tallies[-1].row(), flush=True)
    print()
    for tally in tallies:
        if tally.mistakes:
            some = ", ".join(f"{what} ({count})" for what, count in tally.mistakes.most_common(6))
            print(f"{tally.name}: most often {some}")
    if options.misread:
        kept = [item for tally in tallies if tally.name in PICTURED for item in tally.misread]
        images = np.stack([255 - normalize(read_ink(png)) for png, _ in kept])
        plots.draw_sheet(options.misread, images, [mistake for _, mistake in kept])
        print(f"\nWrote {options.misread}")


def kinds(folder: Path, seed: int) -> Iterator[tuple[str, str, list[tuple[str, bytes]]]]:
    """Make each kind of images: its name, where it is sent, and pairs of a label and an image file."""
    test = mnist.load(folder, train=False)
    labels = [str(label) for label in test.labels.tolist()]
    images = test.images.numpy()
    yield (
        "MNIST test",
        "/predict",
        [(label, to_png(Image.fromarray(image))) for label, image in zip(labels, images, strict=True)],
    )
    for number, (name, spoil) in enumerate(CORRUPTIONS.items()):
        random = np.random.default_rng([seed, number])
        chosen = np.sort(random.permutation(len(images))[:SPOILT])
        yield (
            f"MNIST test, {name}",
            "/predict",
            [(labels[index], to_png(Image.fromarray(spoil(images[index], random)))) for index in chosen],
        )

    held_out = pen_digits.split_writers(pen_digits.load(pen_digits.fetch(folder / "pen-digits")))[1]
    chosen = np.random.default_rng(seed).permutation(len(held_out))[:UNSEEN]
    samples = [Sample(str(held_out[i].label), str(held_out[i].writer), held_out[i].strokes) for i in sorted(chosen)]
    yield "pen digits, unseen writers", "/predict", drawn(samples, seed)
    yield (
        "photographs of those",
        "/predict",
        [
            (sample.label, photographs.snapshot(sample.strokes, np.random.default_rng([seed, index]))[0])
            for index, sample in enumerate(tqdm(samples, desc="taking photographs", leave=False))
        ],
    )
    for name, file in (("pen-dev, other countries", "strokes"), ("pen-dev, letters", "letters")):
        path = folder / "pen-dev" / f"{file}.json.gz"
        if path.exists():
            found = drawn(load_json(path), seed)
            yield name, "/predict", found if file == "strokes" else [(LETTER, png) for _, png in found]
    for kind in ("four digits apart", "four digits touching"):
        yield f"numbers: {kind}", "/read", [(row.text, row.png) for row in composed(kind, by_writer(held_out), seed)]


def drawn(samples: list[Sample], seed: int) -> list[tuple[str, bytes]]:
    """Draw samples on the page's canvas."""
    return [(sample.label, png) for sample, png in drawings(samples, seed)]


def read(name: str, path: str, images: Iterable[tuple[str, bytes]], client: FlaskClient) -> Tally:
    """Send every image and count the answers."""
    tally = Tally(name)
    for label, png in tqdm(images, desc=name, leave=False):
        tally.add(label, png, client.post(path, data=png, content_type="image/png").json)
    return tally


def wilson(right: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion. Source: Wilson, "Probable Inference …" (1927)."""
    z = 1.96
    part, rest = right / count, z**2 / count
    middle = (part + rest / 2) / (1 + rest)
    half = z * np.sqrt(part * (1 - part) / count + rest / (4 * count)) / (1 + rest)
    return middle - half, middle + half


if __name__ == "__main__":
    main()
