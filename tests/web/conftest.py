"""The runtimes that tests of web/ run with, and a store of corrections."""

from importlib.util import find_spec

import pytest

from corrections.entries import FILE
from corrections.store import Store
from web import corrections_store


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a module with each of its RUNTIMES. Only some modules test what may depend on the runtime."""
    if "app" in metafunc.fixturenames and hasattr(metafunc.module, "RUNTIMES"):
        installed = [name for name in metafunc.module.RUNTIMES if name != "torch" or find_spec("torch")]
        metafunc.parametrize("app", installed, indirect=True, scope="session")


@pytest.fixture
def store(app, tmp_path, monkeypatch):
    """Give the application an empty store."""
    store = Store(str(tmp_path / "instance" / FILE), limit=30)
    monkeypatch.setitem(app.extensions, corrections_store.EXTENSION, lambda: store)
    yield store
    store.close()
