"""The store of corrections, in SQLite and PostgreSQL."""

import contextlib
import dataclasses
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy
from sqlalchemy import event

from corrections.entries import FOLDS, New
from corrections.errors import Full, NotThere, Unavailable
from corrections.store import LARGEST_ID, Store, address
from tests.helpers.drawings import ROOT

ANSWER = {"label": "1", "confidence": 0.9, "probabilities": {"1": 0.9, "7": 0.1}, "verdict": "sure"}
STROKES = [{"width": 18, "points": [[1.5, 2.25, 0.7], [3, 4, 1.1]]}, {"width": None, "points": [[5, 6]]}]


def new(label: str = "7", strokes: list | None = STROKES) -> New:
    return New(label, strokes, b"\x89PNG picture\x00", b"\x89PNG seen", ANSWER, "digitpad", "sha256:1f2e")


@pytest.fixture
def opened():
    """Open stores that are closed after the test."""
    with contextlib.ExitStack() as stack:
        yield lambda url, **options: stack.enter_context(contextlib.closing(Store(str(url), **options)))


@pytest.fixture
def store(opened, url):
    return opened(url)


def test_what_is_stored_comes_out_as_it_was(store):
    before = datetime.now(UTC)
    added = store.add(new())
    assert timedelta(0) <= added.time - before < timedelta(minutes=1)
    assert store.get(added.id) == added
    for name, value in vars(new()).items():
        assert getattr(added, name) == value
    assert added.drawn
    assert not store.add(new(strokes=None)).drawn
    assert store.get(2).strokes is None


def test_another_process_finds_it(opened, store, url):
    store.add(new())
    other = opened(url)
    assert [entry.label for entry in other.page(10)] == ["7"]


def test_pages_go_from_the_newest_to_the_oldest(store):
    for number in range(7):
        store.add(new(str(number)))
    first = store.page(3)
    assert [entry.label for entry in first] == ["6", "5", "4"]
    assert [entry.label for entry in store.page(3, first[-1].id)] == ["3", "2", "1"]
    assert store.page(3, 1) == []
    assert store.page(3, 10**30)[0].label == "6"
    assert [(entry.label, entry.drawn) for entry in store.everything(at_once=2)] == [(str(n), True) for n in range(7)]
    assert store.count() == 7


def test_what_is_stored_meanwhile_is_not_in_the_list(store):
    store.add(new("1"))
    store.add(new("2"))
    listed = store.everything(at_once=1)
    assert next(listed).label == "1"
    store.add(new("3"))
    assert [correction.label for correction in listed] == ["2"]


def test_one_can_be_relabelled_and_deleted(store):
    kept, other = store.add(new()), store.add(new())
    assert store.relabel(other.id, "none").label == "none"
    assert store.get(other.id).fold == other.fold
    store.remove(other.id)
    assert [entry.id for entry in store.page(10)] == [kept.id]
    assert store.add(new()).id > other.id  # its number is not given again
    assert store.remove_all() == 2
    assert store.count() == 0


@pytest.mark.parametrize("number", [0, -1, 3, LARGEST_ID, LARGEST_ID + 1, 10**30])
def test_what_is_not_there_is_said(store, number):
    store.add(new())
    for use in (store.get, store.remove, lambda number: store.relabel(number, "1")):
        with pytest.raises(NotThere, match=f"no correction {number}"):
            use(number)


def test_only_labels_are_stored(store):
    with pytest.raises(ValueError, match="no label"):
        store.add(new("10"))
    assert store.count() == 0
    with pytest.raises(ValueError, match="no label"):
        store.relabel(store.add(new()).id, "seven")


def test_each_label_is_dealt_out_in_turn(store):
    for label in "7171777777":
        store.add(new(label))
    folds = {label: [entry.fold for entry in store.everything() if entry.label == label] for label in "17"}
    assert folds["7"] == [(2 + turn) % FOLDS for turn in range(8)]
    assert folds["1"] == [1, 2]
    store.remove(1)
    assert store.add(new("7")).fold == (folds["7"][-1] + 1) % FOLDS


def test_no_more_are_stored_than_may_be(opened, url):
    store = opened(url, limit=2)
    store.add(new())
    store.add(new())
    with pytest.raises(Full, match="DIGITPAD_MAX_CORRECTIONS"):
        store.add(new())
    store.remove(1)
    assert store.add(new()).id == 3


WRITER = """
import sys
from corrections.entries import New
from corrections.store import Store
store = Store(sys.argv[1], limit=90)
for number in range(25):
    try:
        store.add(New(str(number % 3), None, bytes(1000), bytes(100), {}, "digitpad", ""))
        if number % 5 == 4:
            store.relabel(store.page(1)[0].id, "9")
    except Exception as error:
        assert type(error).__name__ == "Full", error
"""


def test_several_processes_write_at_once(opened, url):
    command = [sys.executable, "-c", WRITER, url]
    writers = [subprocess.Popen(command, cwd=ROOT, env=os.environ, stderr=subprocess.PIPE) for _ in range(4)]
    for writer in writers:
        assert writer.communicate(timeout=60)[1] == b""
        assert writer.returncode == 0
    store = opened(url)
    assert store.count() == 90  # not one more than may be
    assert len({entry.id for entry in store.everything()}) == 90


def test_a_newer_schema_is_refused(opened, store, url):
    store.add(new())
    with store.engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE digitpad_schema SET version = 2"))
    newer = opened(url)
    with pytest.raises(Unavailable, match="schema is 2, and this one knows 1"):
        newer.page(1)


# SQLite alone


@pytest.fixture
def path(tmp_path):
    return tmp_path / "instance" / "corrections.sqlite3"


def test_a_full_disk_is_told_and_keeps_what_was_there(opened, path):
    store = opened(path)
    store.add(new())
    # A file that may have no more pages is what SQLite sees of a full disk.
    store.engine.dispose()
    event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 1"))
    large = dataclasses.replace(new(), picture=bytes(100_000))
    with pytest.raises(Full, match="disk of the corrections is full"):
        store.add(large)
    assert store.get(1).label == "7"


def test_a_file_that_cannot_be_written_is_told_and_can_be_read(opened, path):
    opened(path).add(new())
    reader = opened(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert reader.get(1).label == "7"
    with pytest.raises(Unavailable, match="make its file and its folder writable"):
        reader.add(new())


def test_a_file_that_is_no_database_is_told_and_left_alone(opened, path):
    path.parent.mkdir()
    path.write_text("somebody's letters " * 100)
    with pytest.raises(Unavailable, match="is no database"):
        opened(path).count()
    assert path.read_text().startswith("somebody's letters")


def test_a_file_that_somebody_else_locks_is_waited_for_and_told(opened, path, monkeypatch):
    monkeypatch.setattr("corrections.database.TIMEOUT", 1)
    store = opened(path)
    store.add(new())
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="busy: try again"):
        store.add(new())
    assert store.count() == 1  # readers do not wait
    other.close()
    store.add(new())


def test_what_is_deleted_is_no_more_in_the_files(opened, path):
    store = opened(path)
    store.add(new())
    store.add(New("1", None, b"a secret picture", b"", ANSWER, "digitpad", ""))
    store.remove(2)
    assert all(b"a secret picture" not in file.read_bytes() for file in path.parent.iterdir())
    assert any(b"PNG picture" in file.read_bytes() for file in path.parent.iterdir())


def test_nothing_is_opened_before_it_is_needed(path):
    Store(str(path)).close()
    assert not path.parent.exists()


def test_a_database_that_is_not_there_is_only_made_where_it_may_be(path):
    with pytest.raises(Unavailable, match="There are no corrections in"):
        Store(str(path), create=False).count()
    assert not path.parent.exists()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "://", "postgresql://u:p@h:port/x", "nosuch://h/x"])
def test_addresses_that_make_no_sense_are_refused(url):
    with pytest.raises(ValueError, match="DIGITPAD_DATABASE_URL"):
        Store(url)


def test_addresses_that_people_know_are_understood():
    assert address("postgres://u:p@h/x").drivername == "postgresql+psycopg"
    assert address("postgresql://u:p@h/x").drivername == "postgresql+psycopg"
    assert address("some/file.sqlite3").database == "some/file.sqlite3"


def test_a_server_that_is_not_there_is_told_without_its_password(opened):
    pytest.importorskip("psycopg")
    store = opened("postgresql://someone:secret@127.0.0.1:9/digitpad")
    with pytest.raises(Unavailable, match="does not answer") as told:
        store.count()
    assert "secret" not in str(told.value)
