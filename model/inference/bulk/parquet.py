"""Parquet files with a column of images: of bytes, or of structs with a field `bytes`, as in many data sets."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from model.errors import PackageMissing, UsageError
from model.inference.bulk import items
from model.inference.bulk.items import Item

if TYPE_CHECKING:
    import pyarrow

NEEDED: Final = "`pip install -r requirements-bulk.txt`"


def arrow() -> Any:
    """Import pyarrow. Raises PackageMissing if it is not installed."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise PackageMissing(f"Parquet needs pyarrow, which is not installed: {NEEDED}.") from error
    return pyarrow


def count(paths: Sequence[str], column: str, name_column: str | None) -> int:
    """Count the rows. Raises UsageError if a file cannot be read, or a column is missing or holds no images."""
    return sum(_open(path, column, name_column).metadata.num_rows for path in paths)


def groups(paths: Sequence[str]) -> list[tuple[str, int, int]]:
    """List the row groups of files: path, number of the group, and number of its first row."""
    row_groups = []
    for path in paths:
        described, first = arrow().parquet.ParquetFile(path).metadata, 0
        for group in range(described.num_row_groups):
            row_groups.append((path, group, first))
            first += described.row_group(group).num_rows
    return row_groups


def items_of(paths: Sequence[str], column: str, name_column: str | None) -> Iterator[Item]:
    """Yield the images of all rows, in order."""
    for path, group, first in groups(paths):
        yield from items_of_group(path, group, first, column, name_column)


def items_of_group(path: str, group: int, first: int, column: str, name_column: str | None) -> Iterator[Item]:
    """Yield the images of one row group, named by `name_column`, or else by row numbers that start at `first`."""
    wanted = [column] if name_column in (None, column) else [column, name_column]
    for batch in _open(path, column, name_column).iter_batches(items.BATCH, row_groups=[group], columns=wanted):
        for at, value in enumerate(batch[column]):
            name = str(batch[name_column][at]) if name_column else f"{items.shown(path)}#{first + at}"
            yield Item(name, partial(bytes, _value(value)))
        first += len(batch)


def _value(scalar: Any) -> bytes:
    value = scalar.as_py()
    return (value.get("bytes") if isinstance(value, dict) else value) or b""  # null is an empty image


def _open(path: str, column: str, name_column: str | None) -> Any:
    pyarrow = arrow()
    try:
        file = pyarrow.parquet.ParquetFile(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise UsageError(f"{path} cannot be read as Parquet: {error}") from error
    schema = file.schema_arrow
    for name, option in ((column, "--column"), (name_column, "--name-column")):
        if name is not None and name not in schema.names:
            there = ", ".join(schema.names)
            raise UsageError(f"{path} has no column {name!r}: name one of {there} with {option}.")
    if not _holds_bytes(pyarrow, schema.field(column).type):
        raise UsageError(f"The column {column!r} of {path} holds no bytes: name the one of images with --column.")
    return file


def _holds_bytes(pyarrow: Any, kind: "pyarrow.DataType") -> bool:
    types = pyarrow.types
    if types.is_struct(kind):
        at = kind.get_field_index("bytes")
        return at >= 0 and _holds_bytes(pyarrow, kind.field(at).type)
    return bool(types.is_binary(kind) or types.is_large_binary(kind))
