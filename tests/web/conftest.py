"""An application whose corrections are the test's own."""

import pytest

from corrections.store import FILE, Store
from web import corrections_store


@pytest.fixture
def store(app, tmp_path, monkeypatch):
    """Let the application of the tests store its corrections here."""
    store = Store(str(tmp_path / "instance" / FILE), limit=30)
    monkeypatch.setitem(app.extensions, corrections_store.EXTENSION, store)
    yield store
    store.close()
