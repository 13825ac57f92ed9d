"""An application for all tests of web/, and a store of corrections for each."""

import pytest

from app import create_app
from corrections.store import FILE, Store
from web import corrections_store


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a module with each of its RUNTIMES. Only some modules test what may depend on the runtime."""
    if "app" in metafunc.fixturenames:
        metafunc.parametrize("app", getattr(metafunc.module, "RUNTIMES", ["auto"]), indirect=True, scope="session")


@pytest.fixture(scope="session")
def app(request, tmp_path_factory):
    """Build an application for a runtime."""
    corrections = tmp_path_factory.mktemp("instance") / FILE  # not the user's own
    return create_app({"TESTING": True, "DATABASE_URL": str(corrections), "RUNTIME": request.param})


@pytest.fixture
def store(app, tmp_path, monkeypatch):
    """Give the application an empty store."""
    store = Store(str(tmp_path / "instance" / FILE), limit=30)
    monkeypatch.setitem(app.extensions, corrections_store.EXTENSION, store)
    yield store
    store.close()
