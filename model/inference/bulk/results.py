"""Results of bulk reading as one file: CSV, JSON lines or Parquet, written atomically."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from model.errors import UsageError
from model.files import write_atomically
from model.inference.bulk import parquet
from model.inference.bulk.items import Row

FORMATS: Final = (".csv", ".jsonl", ".parquet")
GROUP: Final = 10_000  # rows of a Parquet row group

Write = Callable[[Sequence[Row]], None]


def check(path: Path) -> None:
    """Check that results can be written to `path`. Raises UsageError."""
    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"{path} has an unknown format: name a file that ends in {', '.join(FORMATS)}.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file in it.")
    if not path.parent.is_dir():
        raise UsageError(f"The folder {path.parent} is not there: make it, or name another.")
    if path.suffix.lower() == ".parquet":
        parquet.arrow()


@contextmanager
def writing(path: Path, columns: Sequence[str]) -> Iterator[Write]:
    """Yield a function that writes rows. The file replaces an older one when the block ends."""
    how = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}[path.suffix.lower()]
    with write_atomically(path) as temporary, how(temporary, columns) as write:
        yield write


@contextmanager
def _csv(path: Path, columns: Sequence[str]) -> Iterator[Write]:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        yield writer.writerows


@contextmanager
def _jsonl(path: Path, columns: Sequence[str]) -> Iterator[Write]:
    with path.open("w", encoding="utf-8") as file:
        yield lambda rows: file.writelines(json.dumps(_document(row)) + "\n" for row in rows)


def _document(row: Row) -> dict[str, Any]:
    """Convert a row to the object that `predict --json` prints."""
    if row["error"] is not None:
        return {"file": row["file"], "error": row["error"]}
    answer = {name: row[name] for name in ("file", "label", "confidence")}
    probabilities = {name.removeprefix("p_"): value for name, value in row.items() if name.startswith("p_")}
    return {**answer, "probabilities": probabilities, "verdict": row["verdict"]}


@contextmanager
def _parquet(path: Path, columns: Sequence[str]) -> Iterator[Write]:
    pyarrow = parquet.arrow()
    schema = arrow_schema(columns)
    waiting: list[Row] = []

    def write(rows: Sequence[Row], at_least: int = GROUP) -> None:
        waiting.extend(rows)
        if len(waiting) >= at_least:
            writer.write_table(pyarrow.Table.from_pylist(waiting, schema))
            waiting.clear()

    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        yield write
        write([], at_least=1)


def arrow_schema(columns: Sequence[str]) -> Any:
    """Return the columns' types: a batch without any digit does not show them."""
    pyarrow = parquet.arrow()
    numbers = {name for name in columns if name == "confidence" or name.startswith("p_")}
    return pyarrow.schema([(name, pyarrow.float64() if name in numbers else pyarrow.string()) for name in columns])
