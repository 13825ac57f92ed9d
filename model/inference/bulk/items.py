"""What bulk work reads and writes: items, which are images by name, and rows of a table."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from model.errors import UsageError

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

    A folder without images may hold Parquet files. Raises UsageError for one with neither, for one
    that cannot be read, and where there are both.
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
                raise UsageError(f"{name} holds nothing to read: no file in it ends in {endings} or {TABLE}.")
        else:
            some = [path for path in inside if path not in some_tables]
        images += some
        tables += some_tables
    if images and tables:
        raise UsageError(f"There are images ({images[0]}) and Parquet files ({tables[0]}): read one kind at a time.")
    return Inputs(images, tables)


def _walk(folder: str) -> Iterator[str]:
    def fail(error: OSError) -> None:
        raise UsageError(f"{error.filename} cannot be read ({error.strerror}).") from error

    for parent, folders, names in os.walk(folder, onerror=fail):
        folders.sort()
        yield from (os.path.join(parent, name) for name in sorted(names))


def shown(path: str) -> str:
    """Write a path as text: a name that is not UTF-8 would not go into a table."""
    return os.fsencode(path).decode(errors="replace")
