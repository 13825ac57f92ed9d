"""How a database is spoken to: what SQLite and PostgreSQL each need, so that several processes can write at once."""

import sqlite3
import time
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy
from sqlalchemy import Connection, MetaData, event
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import NoSuchModuleError, OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

PATIENCE: Final = 10  # in seconds: for a lock, and for a connection
LOCK: Final = 0x44494749  # of PostgreSQL's advisory locks, ours: "DIGI"


def engine(url: URL) -> Engine:
    """Prepare to speak to the database at `url`, without doing so yet. Raises ValueError where there is no driver."""
    try:
        if url.get_backend_name() == "sqlite":
            made = sqlalchemy.create_engine(url, connect_args={"timeout": PATIENCE})
            event.listen(made, "connect", _begin_sqlite)
            event.listen(made, "begin", _begin_transaction)
            return made
        more = {"connect_args": {"connect_timeout": PATIENCE}} if url.get_backend_name() == "postgresql" else {}
        return sqlalchemy.create_engine(url, pool_pre_ping=True, **more)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise ValueError(
            f"DIGITPAD_DATABASE_URL names a {url.drivername} database, and there is no driver for it ({error}): "
            "for PostgreSQL, .venv/bin/pip install -r requirements-dev.txt"
        ) from error


def _begin_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_transaction` says, and not by guessing
    connection.execute("PRAGMA synchronous = NORMAL")  # enough with a write-ahead log: nothing can be torn
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten


def _begin_transaction(connection: Connection) -> None:
    # A transaction that writes takes its lock at once: one that first read could no longer wait for it.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def lock(connection: Connection) -> None:
    """Let no other process add a correction before this transaction ends. In SQLite, none can write in any case."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def make_tables(engine: Engine, tables: MetaData, then: Callable[[Connection], None]) -> None:
    """Make the tables that are missing, and do `then` in the same transaction. Several processes may do so at once."""
    if engine.dialect.name == "sqlite":
        _log_ahead(engine)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        lock(connection)
        for table in tables.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
        then(connection)


def _log_ahead(engine: Engine) -> None:
    """Have the file keep a write-ahead log: readers and a writer then do not wait for each other."""
    for attempt in range(PATIENCE * 20):
        try:
            _outside_of_transactions(engine, "PRAGMA journal_mode = WAL")
            return
        except (OperationalError, sqlite3.OperationalError) as error:
            # SQLite does not wait for its lock here, and other processes may be doing the same.
            cause = error.orig if isinstance(error, OperationalError) else error
            busy = getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or attempt == PATIENCE * 20 - 1:
                raise
            time.sleep(0.05)


def overwrite_deleted(engine: Engine) -> None:
    """Bring what was deleted from the write-ahead log into the file, and cut the log off."""
    if engine.dialect.name == "sqlite":
        _outside_of_transactions(engine, "PRAGMA wal_checkpoint(TRUNCATE)")


def _outside_of_transactions(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute(statement).fetchall()
