"""Accuracy on made images of frames, forms and boards, through POST /predict and POST /read.

    DIGITPAD_DATA=… OMP_NUM_THREADS=1 python -m benchmarks.forms --rows border,code-boxes --failures FOLDER

Draws 200 images for each row (benchmarks/scenes/) with digits by the pen digits' held-out writers and MNIST's
validation digits, at random places, in random colours and sizes, and reads them with the served weights. Empty boxes
and cells are right when they are blank. The rows named "plain" are paper without any print: what forms can reach at
best. "right" counts what was refused or blank as wrong, and intervals are Wilson's, of 95 %.

--show writes a contact sheet of each row's first images, and --failures one of those that are misread, refused or
blank: each image beside the 28×28 pixels that the network saw, or with the boxes of a number's digits.
"""

import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from app import create_app
from benchmarks.arguments import data_parser
from benchmarks.scenes import boards, fields, frames
from benchmarks.scenes.hand import Hand, Random, Scene, load
from benchmarks.sheets import NUMBER, SIDE, fit, write_failures, write_sheet
from benchmarks.tally import Tally, read, served_model, total

SHOWN = 30  # images of each row on a contact sheet
HEADER = "{:<28}{:>6}{:>9}{:>18}{:>18}{:>10}{:>8}   {}".format


@dataclass(frozen=True)
class Row:
    """One kind of images: what draws one, where it is sent, and how many should be right."""

    draw: Callable[[Hand, Random], Scene]
    path: str = "/predict"
    wanted: str = ""


FLAT, PHOTOGRAPHED = "97%", "93%, at most 1% sure and wrong"
CODE = ("95%", PHOTOGRAPHED)
BLANK = ("100% blank", "100% blank")


def _both(
    name: str, draw: Callable[..., Scene], path: str = "/predict", wanted: tuple[str, str] = (FLAT, PHOTOGRAPHED)
) -> dict[str, Row]:
    """Return two rows of a form: scanned, and photographed."""
    return {
        name: Row(partial(draw, send=fields.flat), path, wanted[0]),
        f"{name}-photo": Row(partial(draw, send=fields.photo), path, wanted[1]),
    }


ROWS: Mapping[str, Row] = {
    "border": Row(frames.border, wanted="98%"),
    "border-number": Row(frames.border_number, "/read", "97%"),
    "cell": Row(frames.cell, wanted="95%"),
    "white-pad": Row(frames.white_pad, wanted="95%"),
    "black-pad": Row(frames.black_pad, wanted="95%"),
    "scanner-margin": Row(frames.scanner_margin, wanted="95%"),
    "table-beside": Row(frames.table_beside, wanted="95%"),
    "plot": Row(frames.plot, wanted="80%, or refused"),
    **_both("plain", fields.on_plain_paper, wanted=("", "")),
    **_both("box", fields.in_box),
    **_both("comb", fields.in_comb),
    **_both("box-crossed", fields.over_the_box),
    **_both("writing-line", fields.on_a_line),
    **_both("code-plain", partial(fields.code, kind="plain"), "/read", ("", "")),
    **_both("code-boxes", partial(fields.code, kind="boxes"), "/read", CODE),
    **_both("code-cells", partial(fields.code, kind="cells"), "/read", CODE),
    **_both("code-comb", partial(fields.code, kind="comb"), "/read", CODE),
    **_both("code-drop-out", partial(fields.code, kind="drop-out"), "/read", CODE),
    **_both("code-underlined", partial(fields.code, kind="underlined"), "/read", CODE),
    **_both("code-lines", partial(fields.code, kind="lines"), "/read", CODE),
    **_both("empty-cell", fields.empty_cell, wanted=BLANK),
    **_both("empty-row", fields.empty_row, "/read", BLANK),
    **_both("partly-empty", fields.partly_empty, "/read", CODE),
    "chalk": Row(boards.chalk, wanted="95%"),
    "chalk-wiped": Row(boards.wiped_chalk, wanted="95%"),
    "same-lightness": Row(boards.same_lightness, wanted="97%"),
    "whiteboard": Row(boards.whiteboard, wanted="97%"),
}

ONE_DIGIT = ("box", "comb", "box-crossed", "writing-line")
CODES = ("code-boxes", "code-cells", "code-comb", "code-drop-out", "code-underlined", "code-lines")
GROUPS = {  # rows that are also counted together
    "screenshots of pads": (("white-pad", "black-pad"), "95%"),
    "forms of one digit": (ONE_DIGIT, FLAT),
    "forms of one digit, photo": (tuple(f"{name}-photo" for name in ONE_DIGIT), PHOTOGRAPHED),
    "forms of five digits": (CODES, CODE[0]),
    "forms of five digits, photo": (tuple(f"{name}-photo" for name in CODES), PHOTOGRAPHED),
    "empty forms": (("empty-cell", "empty-cell-photo", "empty-row", "empty-row-photo"), BLANK[0]),
    "chalk, clean and wiped": (("chalk", "chalk-wiped"), "95%"),
}


def main() -> None:
    """Draw and read all rows, and print the table."""
    parser = data_parser(__doc__)
    parser.add_argument("--count", type=int, default=200, help="images in each row (default: %(default)s)")
    parser.add_argument("--rows", type=lambda names: names.split(","), default=list(ROWS), metavar="NAME,…")
    parser.add_argument("--show", type=Path, metavar="FOLDER", help="write contact sheets of examples, and read none")
    parser.add_argument("--failures", type=Path, metavar="FOLDER", help="write contact sheets of what is misread")
    options = parser.parse_args()
    hand = load(options.data_dir)
    if options.show:
        for name in options.rows:
            show(options.show, name, list(scenes(hand, name, options.seed, min(SHOWN, options.count))))
        return
    client = create_app().test_client()
    print(f"{served_model(client)}, seed {options.seed}\n")
    print(HEADER("", "n", "right", "95 % interval", "sure and wrong", "refused", "blank", "wanted right"))
    tallies: dict[str, Tally] = {}
    for name in options.rows:
        path = ROWS[name].path
        tallies[name] = tally = read(client, path, name, list(scenes(hand, name, options.seed, options.count)))
        print(line(tally, ROWS[name].wanted), flush=True)
        if options.failures:
            write_failures(options.failures, client, path, tally)
    print()
    for title, (names, wanted) in GROUPS.items():
        if tallies.keys() >= set(names):
            print(line(total(title, [tallies[name] for name in names]), wanted))


def scenes(hand: Hand, name: str, seed: int, count: int) -> Iterator[Scene]:
    """Draw the images of a row. Each depends on the seed, the row's name and its number only."""
    for index in range(count):
        yield ROWS[name].draw(hand, np.random.default_rng([seed, zlib.crc32(name.encode()), index]))


def show(folder: Path, name: str, drawn: list[Scene]) -> None:
    """Write a contact sheet of images with their labels and sizes."""
    size = NUMBER if ROWS[name].path == "/read" else (2 * SIDE, 2 * SIDE)
    images = [(Image.open(io.BytesIO(file)), label) for label, file in drawn]
    cells = [(fit(image, size), f"{label} {image.width} x {image.height} {image.mode}") for image, label in images]
    write_sheet(folder / f"{name}.png", cells)


def line(tally: Tally, wanted: str) -> str:
    """Write the figures as a line of the table."""
    low, high = tally.interval()
    part = "{:.1%}".format
    return HEADER(
        tally.name, tally.count, part(tally.right / tally.count), f"{low:.1%} – {high:.1%}",
        f"{tally.sure_wrong} ({tally.sure_wrong / tally.count:.1%})", tally.refused, tally.blank, wanted,
    )  # fmt: skip


if __name__ == "__main__":
    main()
