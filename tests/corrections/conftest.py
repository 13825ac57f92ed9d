"""The databases that the store is tested with."""

import os
import uuid

import pytest
import sqlalchemy

from tests.helpers import postgresql


@pytest.fixture(scope="session")
def postgresql_server():
    """Run a PostgreSQL server. Where it is not installed, the tests are skipped, but in CI they fail."""
    programs = postgresql.programs()
    if programs is None:
        if "CI" in os.environ:
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed")
    with postgresql.running(programs) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Return the address of an empty database: an SQLite file, or a schema in PostgreSQL."""
    if request.param == "sqlite":
        yield str(tmp_path / "instance" / "corrections.sqlite3")
        return
    address = sqlalchemy.make_url(request.getfixturevalue("postgresql_server")).set(drivername="postgresql+psycopg")
    engine, schema = sqlalchemy.create_engine(address), f"digitpad_test_{uuid.uuid4().hex}"
    with engine.begin() as connection:
        connection.execute(sqlalchemy.schema.CreateSchema(schema))
    yield address.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.schema.DropSchema(schema, cascade=True))
    engine.dispose()
