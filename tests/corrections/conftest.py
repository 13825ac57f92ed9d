"""The databases that the store is tested with."""

import os
import uuid

import pytest
import sqlalchemy

POSTGRESQL = "DIGITPAD_TEST_POSTGRESQL"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Name an empty database: an SQLite file, or a schema of its own in the PostgreSQL database that is named."""
    if request.param == "sqlite":
        yield str(tmp_path / "instance" / "corrections.sqlite3")
        return
    if POSTGRESQL not in os.environ:
        pytest.skip(f"{POSTGRESQL} names no PostgreSQL database, such as postgresql://user:password@host/name")
    found = sqlalchemy.make_url(os.environ[POSTGRESQL]).set(drivername="postgresql+psycopg")
    engine, schema = sqlalchemy.create_engine(found), f"digitpad_test_{uuid.uuid4().hex}"
    with engine.begin() as connection:
        connection.execute(sqlalchemy.schema.CreateSchema(schema))
    yield found.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.schema.DropSchema(schema, cascade=True))
    engine.dispose()
