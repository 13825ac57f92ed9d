"""Accuracy on real images of handwriting, sent to POST /predict and POST /read as their authors would send them.

    DIGITPAD_REAL=… OMP_NUM_THREADS=1 python -m benchmarks.real --failures FOLDER

The folder has a folder for each set: of digits as LABEL/NNNN.png or .jpg, of letters and signs (nondigit_…) as
NAME/NNNN.png, and of numbers (numbers_…) as image files with their texts in labels.tsv.

"right" counts what was refused or blank as wrong, and intervals are Wilson's, of 95 %. "argmax" is the part whose most
probable digit is the right one, whatever the verdict. A letter or sign is right when it is refused, and wrong when it
is blank; those that nobody can tell from a digit are left out: O, o, I, i, l, S, s, Z, z, B, b, q, g and a slash (an i,
because its dot is often missing). Of a number, the digits are compared, and no points, commas or signs.

With --failures, a contact sheet of each set shows what is misread or refused: each image beside the 28×28 pixels that
the network saw, or with the boxes of a number's digits.
"""

import os
from pathlib import Path

from app import create_app
from benchmarks.arguments import parser
from benchmarks.sheets import write_failures
from benchmarks.tally import NO_DIGIT, Tally, digits_of, read, served_model, total

WANTED = {  # the part that should be right
    "photos": "97%",
    "photos_cs114": "97.5%",
    "photos_inverted": "96%",
    "paper90x140": "97%",
    "charset62": "97.5%",
    "canvas": "99.3%",
    "nondigit_bhmsds": "90%",
    "nondigit_charset62": "90%",
    "nondigit_greek": "90%",
    "numbers_car_a": "",
    "numbers_meza": "",
}
LOOKALIKES = {f"CAP_{letter}" for letter in "OISZB"} | {f"SMALL_{letter}" for letter in "oilszbqg"} | {"slash", "z"}
HEADER = "{:<24}{:>6}{:>9}{:>18}{:>9}{:>22}{:>10}{:>7}{:>9}".format

Images = list[tuple[str, bytes]]  # pairs of a label and an image file


def main() -> None:
    """Read all sets and print the table."""
    options = parser(__doc__)
    options.add_argument("--real", type=Path, default=os.environ.get("DIGITPAD_REAL"), metavar="FOLDER")
    options.add_argument("--sets", type=lambda names: names.split(","), default=list(WANTED), metavar="NAME,…")
    options.add_argument("--failures", type=Path, metavar="FOLDER", help="write contact sheets of what is misread")
    chosen = options.parse_args()
    if chosen.real is None:
        raise SystemExit("Name the folder of the real images with --real or DIGITPAD_REAL.")
    client = create_app().test_client()
    print(f"{served_model(client)}\n")
    print(HEADER("", "n", "right", "95 % interval", "argmax", "sure and wrong", "refused", "blank", "wanted"))
    digits: list[Tally] = []
    for name in chosen.sets:
        path = "/read" if name.startswith("numbers_") else "/predict"
        tally = read(client, path, name, load(chosen.real / name), only_digits=path == "/read")
        print(row(tally, WANTED.get(name, "")), flush=True)
        if chosen.failures:
            write_failures(chosen.failures, client, path, tally)
        if not name.startswith(("numbers_", "nondigit_")):
            digits.append(tally)
    if len(digits) > 1:
        print(row(total("all sets of digits", digits)))
        print("Wanted of all sets of digits: 0.3% or less sure and wrong.")


def load(folder: Path) -> Images:
    """Load a set: numbers with the digits of their texts, letters and signs with NO_DIGIT, digits with their label."""
    if (folder / "labels.tsv").exists():
        lines = (line.split("\t") for line in (folder / "labels.tsv").read_text().splitlines() if line)
        return [(digits_of(text), (folder / name).read_bytes()) for name, text in lines]
    paths = sorted(path for path in folder.glob("*/*") if path.suffix in (".png", ".jpg"))
    if not paths:
        raise SystemExit(f"There are no images in {folder}.")
    if folder.name.startswith("nondigit_"):
        return [(NO_DIGIT, path.read_bytes()) for path in paths if path.parent.name not in LOOKALIKES]
    return [(path.parent.name, path.read_bytes()) for path in paths]


def row(tally: Tally, wanted: str = "") -> str:
    """Write the figures as a line of the table."""
    low, high = tally.interval()
    part = "{:.1%}".format
    return HEADER(
        tally.name, f"{tally.count:,}", part(tally.right / tally.count), f"{low:.1%} – {high:.1%}",
        part(tally.likeliest / tally.count) if tally.likeliest else "–",
        f"{tally.sure_wrong} ({tally.sure_wrong / tally.count:.1%})", part(tally.refused / tally.count),
        tally.blank, wanted,
    )  # fmt: skip


if __name__ == "__main__":
    main()
