"""Images by name, which bulk reading takes, and table rows, which it makes."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from model.errors import UsageError

TIFF: Final = (".tif", ".tiff")
SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", *TIFF)
UNREAD: Final = (".heic", ".heif", ".avif", ".jxl", ".jp2")  # images, too: each becomes a row that says why
TABLE: Final = ".parquet"
BATCH: Final = 128  # images; more are no faster
LARGEST: Final = 256_000_000  # bytes of an image file
Row = dict[str, Any]  # keys are those of `columns`


@dataclass(frozen=True)
class Item:
    """An image's name, and a function that returns its bytes. It may raise OSError or an InkError."""

    name: str
    load: Callable[[], bytes]


@dataclass(frozen=True)
class Inputs:
    """The files to read: images or Parquet files, never both."""

    images: Sequence[str]
    tables: Sequence[str]


def columns(classes: Sequence[str]) -> list[str]:
    """Name the columns of the results: the probability of the class "7" is in `p_7`."""
    return ["file", "label", "verdict", "confidence", *[f"p_{name}" for name in classes], "error"]


def find(names: Iterable[str]) -> Inputs:
    """Find the files to read: those in `names`, and those in folders, in the order of their names.

    Raises UsageError for a folder with nothing to read, for one that cannot be read, and if there are both images and
    Parquet files.
    """
    images: list[str] = []
    tables: list[str] = []
    for name in names:
        if Path(name).is_dir():
            paths = [path for path in _walk(name) if path.lower().endswith((*SUFFIXES, *UNREAD, TABLE))]
            if not paths:
                endings = ", ".join(SUFFIXES)
                raise UsageError(f"{name} holds nothing to read: no file in it ends in {endings} or {TABLE}.")
        else:
            paths = [name]
        for path in paths:
            (tables if path.lower().endswith(TABLE) else images).append(path)
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
    """Write a path as UTF-8 text, whatever its bytes are."""
    return os.fsencode(path).decode(errors="replace")
