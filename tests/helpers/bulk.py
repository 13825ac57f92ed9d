"""A folder and Parquet files for bulk reading, and the tables that come of them."""

import csv
from pathlib import Path

import pyarrow
from pyarrow import parquet

from tests.helpers.drawings import DRAWINGS, png_of

LABELS = sorted(DRAWINGS)


def make_scans(folder: Path) -> Path:
    """Make a folder with ten digits in sub-folders, a damaged image, and a text file."""
    (folder / "b" / "deep").mkdir(parents=True)
    for at, label in enumerate(LABELS):
        (folder / ("b" if at % 2 else "b/deep") / f"{label}.PNG").write_bytes(png_of(label))
    (folder / "a.jpg").write_bytes(b"no image")
    (folder / "b" / "notes.txt").write_text("not an image")
    return folder


def write_parquet(path, images, group=4, **columns):
    parquet.write_table(pyarrow.table({"image": images, **columns}), path, row_group_size=group)
    return str(path)


def rows_of(path) -> list[dict]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))
