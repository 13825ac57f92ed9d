"""Images → batches → rows, in this process."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice

from model.files import read_whole
from model.inference.bulk import parquet
from model.inference.bulk.items import BATCH, LARGEST, Inputs, Item, Row, columns, shown
from model.inference.recognizer import Reading, Recognizer
from model.preprocessing.image_files import InkError


def items_of(inputs: Inputs, column: str, name_column: str | None) -> Iterator[Item]:
    """Yield all images, in order. Parquet files are read in batches."""
    for path in inputs.images:
        yield Item(shown(path), partial(read_whole, path, LARGEST))
    if inputs.tables:
        yield from parquet.items_of(inputs.tables, column, name_column)


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
