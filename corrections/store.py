"""The store: corrections in a database, written by several processes at once.

The database is an SQLite file, PostgreSQL, or another that SQLAlchemy supports; the first two are tested. It is opened
when it is first used, so that a server reads digits without it.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy
from sqlalchemy import Connection, Row, func, select
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from corrections import database
from corrections.entries import FOLDS, LABELS, Correction, Entry, New
from corrections.errors import Full, NotThere, Unavailable, translate
from corrections.schema import VERSION, corrections, metadata, schema

LARGEST_ID: Final = 2**31 - 1


class Store:
    """Corrections in the database at `url`, at most `limit` of them.

    Raises ValueError for an invalid `url`. All methods raise Unavailable if the database cannot be used. With
    create=False, a missing database is not created.
    """

    def __init__(self, url: str, limit: int = 10_000, create: bool = True) -> None:
        self.url, self.limit, self.create = address(url), limit, create
        self.engine: Engine = database.engine(self.url)
        self._opening = threading.Lock()
        self._open = False

    def add(self, new: New) -> Correction:
        """Store a correction. Raises Full if there are `limit` already."""
        if new.label not in LABELS:
            raise ValueError(f"{new.label!r} is no label: {', '.join(LABELS)} are")
        time = datetime.now(UTC).replace(tzinfo=None)
        with self._transaction(writes=True) as connection:
            database.lock(connection)
            if _count(connection) >= self.limit:
                raise Full(
                    f"There are {self.limit:,} corrections, and no more are stored: export them and delete some, or "
                    "let whoever runs this server raise DIGITPAD_MAX_CORRECTIONS."
                )
            values = {**vars(new), "answer": dict(new.answer), "time": time, "fold": _next_fold(connection, new.label)}
            number = connection.execute(corrections.insert().values(values)).inserted_primary_key
        assert number is not None  # noqa: S101 — the table has one
        return self.get(int(number[0]))

    def get(self, number: int) -> Correction:
        """Return the correction with this id. Raises NotThere."""
        with self._transaction() as connection:
            row = connection.execute(select(corrections).where(corrections.c.id == _checked(number))).first()
        if row is None:
            raise _missing(number)
        return _correction(row)

    def page(self, count: int, before: int | None = None) -> list[Entry]:
        """Return up to `count` corrections, the newest first: of those with smaller ids than `before`."""
        chosen = select(*_entry_columns()).order_by(corrections.c.id.desc()).limit(count)
        if before is not None:
            chosen = chosen.where(corrections.c.id < min(before, LARGEST_ID))
        with self._transaction() as connection:
            return [_entry(row) for row in connection.execute(chosen)]

    def count(self) -> int:
        """Count the corrections."""
        with self._transaction() as connection:
            return _count(connection)

    def everything(self, at_once: int = 50) -> Iterator[Correction]:
        """Yield all present corrections, the oldest first. At most `at_once` are in memory."""
        last = 0
        with self._transaction() as connection:
            newest = connection.execute(select(func.max(corrections.c.id))).scalar() or 0
        while True:
            chosen = select(corrections).where(corrections.c.id > last, corrections.c.id <= newest)
            with self._transaction() as connection:
                rows = connection.execute(chosen.order_by(corrections.c.id).limit(at_once)).all()
            yield from map(_correction, rows)
            if len(rows) < at_once:
                return
            last = rows[-1].id

    def relabel(self, number: int, label: str) -> Correction:
        """Change the label of a correction, but not its fold. Raises NotThere."""
        if label not in LABELS:
            raise ValueError(f"{label!r} is no label: {', '.join(LABELS)} are")
        with self._transaction(writes=True) as connection:
            which = corrections.c.id == _checked(number)
            if not connection.execute(corrections.update().where(which).values(label=label)).rowcount:
                raise _missing(number)
        return self.get(number)

    def remove(self, number: int) -> None:
        """Delete a correction. Raises NotThere."""
        with self._transaction(writes=True) as connection:
            if not connection.execute(corrections.delete().where(corrections.c.id == _checked(number))).rowcount:
                raise _missing(number)
        self._overwrite_deleted()

    def remove_all(self) -> int:
        """Delete all corrections. Returns their number."""
        with self._transaction(writes=True) as connection:
            deleted = connection.execute(corrections.delete()).rowcount
        self._overwrite_deleted()
        return deleted

    def close(self) -> None:
        """Close the connections to the database."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self, writes: bool = False) -> Iterator[Connection]:
        with _translated_errors():
            if not self._open:
                with self._opening:
                    self._prepare()
                    self._open = True
            with self.engine.connect().execution_options(writes=writes) as connection, connection.begin():
                yield connection

    def _prepare(self) -> None:
        """Create the tables if they are missing, and check their version."""
        if self.url.get_backend_name() == "sqlite" and "uri" not in self.url.query:
            path = Path(str(self.url.database))
            if not self.create and not path.exists():
                raise Unavailable(f"There are no corrections in {path}: name the database that they were stored in.")
            path.parent.mkdir(parents=True, exist_ok=True)
        with self.engine.connect() as connection, connection.begin():
            there = sqlalchemy.inspect(connection).has_table(schema.name)
        if not there:
            database.make_tables(self.engine, metadata, _write_version)
        with self.engine.connect() as connection, connection.begin():
            version = connection.execute(select(func.max(schema.c.version))).scalar()
        if version != VERSION:
            raise Unavailable(
                f"The corrections were stored by another version of Digitpad (their schema is {version}, and this one "
                f"knows {VERSION}): update Digitpad, or name another database with DIGITPAD_DATABASE_URL."
            )

    def _overwrite_deleted(self) -> None:
        with _translated_errors():
            database.overwrite_deleted(self.engine)


def address(url: str) -> URL:
    """Parse the address of a database, or the path of an SQLite file. Raises ValueError."""
    try:
        parsed = make_url(url) if "://" in url else URL.create("sqlite", database=url)
    except (ArgumentError, ValueError):
        raise ValueError(
            "DIGITPAD_DATABASE_URL is no address of a database: write sqlite:////path/to/file, or "
            "postgresql://user:password@host/name"
        ) from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ValueError("DIGITPAD_DATABASE_URL names no file: write sqlite:////path/to/file")
    return parsed


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise translate(error) from error


def _checked(number: int) -> int:
    if not 0 < number <= LARGEST_ID:
        raise _missing(number)
    return number


def _missing(number: int) -> NotThere:
    return NotThere(f"There is no correction {number}: GET /corrections lists those that there are.")


def _count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(corrections)).scalar_one())


def _next_fold(connection: Connection, label: str) -> int:
    """Return the next fold for `label`. Labels start at different folds, so that few of each fill all folds."""
    last = select(corrections.c.fold).where(corrections.c.label == label).order_by(corrections.c.id.desc()).limit(1)
    fold = connection.execute(last).scalar()
    return LABELS.index(label) % FOLDS if fold is None else (int(fold) + 1) % FOLDS


def _write_version(connection: Connection) -> None:
    if connection.execute(select(func.count()).select_from(schema)).scalar_one() == 0:
        connection.execute(schema.insert().values(version=VERSION))


def _entry_columns() -> Sequence[Any]:
    drawn = corrections.c.strokes.is_not(None).label("drawn")
    return (*(column for column in corrections.c if column.name not in ("strokes", "picture", "seen")), drawn)


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.id, row.time.replace(tzinfo=UTC), row.label, row.fold, bool(row.drawn), *_answer(row))


def _correction(row: Row[Any]) -> Correction:
    entry = (row.id, row.time.replace(tzinfo=UTC), row.label, row.fold, row.strokes is not None, *_answer(row))
    return Correction(*entry, row.strokes, bytes(row.picture), bytes(row.seen))


def _answer(row: Row[Any]) -> tuple[Any, str, str]:
    return row.answer, row.model, row.version
