"""Connections to SQLite and PostgreSQL, set up so that several processes can write at once."""

import sqlite3
import time
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy
from sqlalchemy import Connection, MetaData, event
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import NoSuchModuleError, OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

TIMEOUT: Final = 10  # in seconds, for a lock and for a connection
LOCK: Final = 0x44494749  # the number of our advisory lock in PostgreSQL: "DIGI"


def engine(url: URL) -> Engine:
    """Create an engine for the database at `url`, without connecting. Raises ValueError if there is no driver."""
    try:
        if url.get_backend_name() == "sqlite":
            sqlite = sqlalchemy.create_engine(url, connect_args={"timeout": TIMEOUT})
            event.listen(sqlite, "connect", _begin_sqlite)
            event.listen(sqlite, "begin", _begin_transaction)
            return sqlite
        more = {"connect_args": {"connect_timeout": TIMEOUT}} if url.get_backend_name() == "postgresql" else {}
        return sqlalchemy.create_engine(url, pool_pre_ping=True, **more)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise ValueError(
            f"DIGITPAD_DATABASE_URL names a {url.drivername} database, and there is no driver for it ({error}): "
            "for PostgreSQL, .venv/bin/pip install -r requirements-dev.txt"
        ) from error


def _begin_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # `_begin_transaction` begins transactions
    connection.execute("PRAGMA synchronous = NORMAL")  # with a write-ahead log, the file cannot be damaged
    connection.execute("PRAGMA secure_delete = ON")  # deleted data are overwritten


def _begin_transaction(connection: Connection) -> None:
    # A transaction that will write locks at once: SQLite does not wait for the lock of one that has read before.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def lock(connection: Connection) -> None:
    """Keep other processes from adding corrections until this transaction ends. In SQLite, BEGIN IMMEDIATE does."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def make_tables(engine: Engine, tables: MetaData, then: Callable[[Connection], None]) -> None:
    """Create missing tables, and call `then` in the same transaction. Several processes may do this at once."""
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
    """Switch the file to a write-ahead log, with which readers and a writer do not wait for each other."""
    for attempt in range(TIMEOUT * 20):
        try:
            _outside_of_transactions(engine, "PRAGMA journal_mode = WAL")
            return
        except (OperationalError, sqlite3.OperationalError) as error:
            # SQLite does not wait for a lock here, and other processes may do the same.
            cause = error.orig if isinstance(error, OperationalError) else error
            busy = getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or attempt == TIMEOUT * 20 - 1:
                raise
            time.sleep(0.05)


def overwrite_deleted(engine: Engine) -> None:
    """Write the write-ahead log to the file and truncate it: it may still contain deleted data."""
    if engine.dialect.name == "sqlite":
        _outside_of_transactions(engine, "PRAGMA wal_checkpoint(TRUNCATE)")


def _outside_of_transactions(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute(statement).fetchall()
