"""How well the served weights read images that they never saw, in one table.

    DIGITPAD_DATA=… python -m benchmarks.handwriting

Every image goes through POST /predict as a program or the page would send it:
- MNIST's test split as it is, and corrupted in nine ways (2,000 digits each);
- 1,000 digits by six writers of the pen digits whom no training saw, drawn on a 280×280 canvas at random places, sizes
  and pens, and photographs of them on paper (benchmarks/photographs.py tells more of these);
- digits and letters from other countries, where pen-dev is present.
Numbers of four digits by the same six writers go through POST /read (benchmarks/numbers.py tells more).

"right" counts refused digits as wrong, "refused" is what the verdict calls no digit or no number, and intervals are
Wilson's, of 95 %. A letter is right when it is refused, and a number when all of it is.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from app import create_app
from benchmarks.arguments import data_parser
from benchmarks.canvas import Sample, drawings, encode, load_json
from benchmarks.composed_numbers import composed
from benchmarks.corruptions import CORRUPTIONS, Pixels
from benchmarks.data import by_writer, sampled, split_pen_digits
from benchmarks.tally import NO_DIGIT, Tally, read, served_model
from model.data import mnist
from model.evaluation import plots
from model.inference.ink import ink_reader
from model.preprocessing.normalize import normalize
from tests.helpers.photographs import snapshot

read_ink = ink_reader()  # with the committed ink network

CORRUPTED = 2000  # digits for each corruption
HEADER = "{:<34}{:>7}{:>10}{:>18}{:>9}{:>13}{:>10}".format
UNSEEN = 1000  # drawings by unseen writers, and photographs of them
PICTURED = ("MNIST test", "pen digits, unseen writers", "pen-dev, other countries")

Images = list[tuple[str, bytes]]  # pairs of a label and an image file


def main() -> None:
    """Read everything and print the table, and what was mistaken most."""
    parser = data_parser(__doc__)
    parser.add_argument(
        "--misread", type=Path, metavar="FILE", help="draw the misread digits that were not corrupted into a PNG file"
    )
    options = parser.parse_args()
    client = create_app().test_client()
    print(f"{served_model(client)}, seed {options.seed}\n")
    print(HEADER("", "n", "right", "95 % interval", "sure", "sure, right", "refused"))
    tallies = []
    for name, path, images in kinds(options.data_dir, options.seed):
        tallies.append(read(client, path, name, images))
        print(row(tallies[-1]), flush=True)
    print()
    for tally in tallies:
        if frequent := tally.frequent():
            print(f"{tally.name}: most often {frequent}")
    if options.misread:
        misread = [item for tally in tallies if tally.name in PICTURED for item in tally.misread]
        images = np.stack([255 - normalize(read_ink(png)) for png, _, _ in misread])
        plots.draw_sheet(options.misread, images, [f"{label} as {answer}" for _, label, answer in misread])
        print(f"\nWrote {options.misread}")


def row(tally: Tally) -> str:
    """Write the figures as a line of the table."""
    low, high = tally.interval()
    return HEADER(
        tally.name, f"{tally.count:,}", f"{tally.right / tally.count:.2%}", f"{low:.2%} – {high:.2%}",
        f"{tally.sure / tally.count:.1%}", f"{tally.sure_right / tally.sure:.2%}" if tally.sure else "–",
        f"{tally.refused / tally.count:.2%}",
    )  # fmt: skip


def kinds(folder: Path, seed: int) -> Iterator[tuple[str, str, Images]]:
    """Make each kind of images: its name, where it is sent, and the images."""
    test = mnist.load(folder, train=False)
    labels = [str(label) for label in test.labels.tolist()]
    images = test.images.numpy()
    yield "MNIST test", "/predict", [(label, to_png(image)) for label, image in zip(labels, images, strict=True)]
    for number, (name, corrupt) in enumerate(CORRUPTIONS.items()):
        random = np.random.default_rng([seed, number])
        chosen = np.sort(random.permutation(len(images))[:CORRUPTED])
        yield f"MNIST test, {name}", "/predict", [(labels[i], to_png(corrupt(images[i], random))) for i in chosen]

    held_out = split_pen_digits(folder)[1]
    samples = sampled(held_out, UNSEEN, seed)
    yield "pen digits, unseen writers", "/predict", drawn(samples, seed)
    photographs = [
        (sample.label, snapshot(sample.strokes, np.random.default_rng([seed, index]))[0])
        for index, sample in enumerate(tqdm(samples, desc="taking photographs", leave=False))
    ]
    yield "photographs of those", "/predict", photographs
    for name, file in (("pen-dev, other countries", "strokes"), ("pen-dev, letters", "letters")):
        path = folder / "pen-dev" / f"{file}.json.gz"
        if path.exists():
            pairs = drawn(load_json(path), seed)
            yield name, "/predict", pairs if file == "strokes" else [(NO_DIGIT, png) for _, png in pairs]
    for kind in ("four digits apart", "four digits touching"):
        yield f"numbers: {kind}", "/read", composed(kind, by_writer(held_out), seed)


def to_png(pixels: Pixels) -> bytes:
    """Encode grey pixels."""
    return encode(Image.fromarray(pixels), compress_level=1)


def drawn(samples: list[Sample], seed: int) -> Images:
    """Draw samples on the page's canvas."""
    return [(sample.label, png) for sample, png in drawings(samples, seed)]


if __name__ == "__main__":
    main()
