"""Images → batches → rows, in this process."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice

from model.files import read_whole
from model.inference.bulk import parquet
from model.inference.bulk.items import BATCH, LARGEST, TIFF, Inputs, Item, Row, columns, shown
from model.inference.recognizer import Reading, Recognizer
from model.preprocessing import tiff
from model.preprocessing.image_files import InkError


def items_of(inputs: Inputs, column: str, name_column: str | None) -> Iterator[Item]:
    """Yield all images, in order. Parquet files are read in batches."""
    for path in inputs.images:
        yield from pages(shown(path), path)
    if inputs.tables:
        yield from parquet.items_of(inputs.tables, column, name_column)


def pages(name: str, path: str) -> Iterator[Item]:
    """Yield the image in a file; of a TIFF file with several pages, each page, called `name#page=2`."""
    load = partial(read_whole, path, LARGEST)
    offsets: list[int] = []
    if path.lower().endswith(TIFF):
        with contextlib.suppress(OSError):  # loading raises it again, and it becomes a row
            offsets = tiff.page_offsets(load())
    if len(offsets) < 2:
        yield Item(name, load)
        return
    for number, offset in enumerate(offsets, start=1):
        yield Item(tiff.page_name(name, number), partial(_page, load, offset))


def _page(load: Callable[[], bytes], offset: int) -> bytes:
    # The file is read for each page: those of a batch of files would not fit into memory.
    return tiff.page(load(), offset)


def in_batches(recognizer: Recognizer, items: Iterable[Item]) -> Iterator[list[Row]]:
    """Read images in this process. Yields the rows of each batch."""
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield read_batch(recognizer, batch)


def read_batch(recognizer: Recognizer, items: Sequence[Item]) -> list[Row]:
    """Read images as one batch. Returns a row for each, in order."""
    readings: list[Reading | str] = [""] * len(items)
    placed = {}
    for index, item in enumerate(items):
        try:
            data = item.load()
            if recognizer.reads_photographs:
                readings[index] = recognizer.read_files([data])[0]
            else:
                placed[index] = recognizer.scan(data).place()  # 28×28, because a batch of whole inks would be large
        except (OSError, InkError) as error:
            readings[index] = str(error)
    if placed:
        for index, reading in zip(placed, recognizer.read_placed(list(placed.values())), strict=True):
            readings[index] = reading
    classes = recognizer.description.classes
    return [_row(item.name, reading, classes) for item, reading in zip(items, readings, strict=True)]


def _row(name: str, reading: Reading | str, classes: Sequence[str]) -> Row:
    if isinstance(reading, str):
        return {**dict.fromkeys(columns(classes)), "file": name, "error": reading}
    probabilities = {f"p_{label}": value for label, value in reading.probabilities.items()}
    answer = {"label": reading.label, "verdict": reading.verdict, "confidence": reading.confidence}
    return {"file": name, **answer, **probabilities, "error": None}
