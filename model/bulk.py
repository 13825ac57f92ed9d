"""Reading images by the thousand and more: folders and Parquet files → batches → rows of a table.

One image that cannot be read is a row with its error, never the end of the job. Parquet wants pyarrow, from
requirements-bulk.txt.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from model.datasets import DataMissing
from model.files import read_whole
from model.preprocessing.image_files import InkError
from model.preprocessing.ink import read_ink
from model.preprocessing.normalize import place
from model.recognizer import Reading, Recognizer

SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")
TABLE: Final = ".parquet"
BATCH: Final = 128  # images: more make the network no faster
LARGEST: Final = 256_000_000  # bytes of a file: more than any image that is read can have

Row = dict[str, Any]  # by the names that `columns` gives


@dataclass(frozen=True)
class Item:
    """An image by its name, and how to get its bytes. That may raise OSError or an InkError."""

    name: str
    load: Callable[[], bytes]


@dataclass(frozen=True)
class Inputs:
    """What is to be read: image files or Parquet files, never both."""

    images: Sequence[str]
    tables: Sequence[str]


def columns(classes: Sequence[str]) -> list[str]:
    """Name the columns of the results: the probability of the class "7" is in `p_7`."""
    return ["file", "label", "verdict", "confidence", *[f"p_{name}" for name in classes], "error"]


def find(names: Iterable[str]) -> Inputs:
    """Find what `names` mean: files, and folders for all images in them, in the order of their names.

    A folder without images may hold Parquet files. Raises DataMissing for one with neither, or where there are both.
    """
    images: list[str] = []
    tables: list[str] = []
    for name in names:
        inside = list(_walk(name)) if Path(name).is_dir() else [name]
        some_tables = [path for path in inside if path.lower().endswith(TABLE)]
        if Path(name).is_dir():
            some = [path for path in inside if path.lower().endswith(SUFFIXES)]
            if not some and not some_tables:
                endings = ", ".join(SUFFIXES)
                raise DataMissing(f"{name} holds nothing to read: no file in it ends in {endings} or {TABLE}.")
        else:
            some = [path for path in inside if path not in some_tables]
        images += some
        tables += some_tables
    if images and tables:
        raise DataMissing(f"There are images ({images[0]}) and Parquet files ({tables[0]}): read one kind at a time.")
    return Inputs(images, tables)


def _walk(folder: str) -> Iterator[str]:
    def fail(error: OSError) -> None:
        raise error

    for parent, folders, names in os.walk(folder, onerror=fail):
        folders.sort()
        yield from (os.path.join(parent, name) for name in sorted(names))


def items_of(inputs: Inputs, column: str, name_column: str | None) -> Iterator[Item]:
    """Yield all images, in order. Parquet files are read piece by piece."""
    for path in inputs.images:
        yield Item(shown(path), partial(read_whole, path, LARGEST))
    if inputs.tables:
        from model import tables

        yield from tables.items_of(inputs.tables, column, name_column)


def shown(path: str) -> str:
    """Write a path as text: a name that is not UTF-8 would not go into a table."""
    return os.fsencode(path).decode(errors="replace")


def in_batches(recognizer: Recognizer, items: Iterable[Item]) -> Iterator[list[Row]]:
    """Read images in this process, a batch at a time."""
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield read_batch(recognizer, batch)


def read_batch(recognizer: Recognizer, items: Sequence[Item]) -> list[Row]:
    """Read images as one batch. Returns a row for each, in order."""
    found: list[Reading | str] = [""] * len(items)
    placed = {}
    for index, item in enumerate(items):
        try:
            data = item.load()
            if recognizer.reads_photographs:
                found[index] = recognizer.read_files([data])[0]
            else:
                placed[index] = place(read_ink(data))  # 28×28: a batch of whole inks would be large
        except (OSError, InkError) as error:
            found[index] = str(error)
    if placed:
        for index, reading in zip(placed, recognizer.read_placed(list(placed.values())), strict=True):
            found[index] = reading
    return [_row(item.name, one, recognizer.description.classes) for item, one in zip(items, found, strict=True)]


def _row(name: str, found: Reading | str, classes: Sequence[str]) -> Row:
    if isinstance(found, str):
        return {**dict.fromkeys(columns(classes)), "file": name, "error": found}
    probabilities = {f"p_{label}": value for label, value in found.probabilities.items()}
    told = {"label": found.label, "verdict": found.verdict, "confidence": found.confidence}
    return {"file": name, **told, **probabilities, "error": None}
