"""A full or read-only disk: digits are read, and the answer to a correction says what to do."""

import contextlib
import shutil
import subprocess

import pytest

from tests.helpers.drawings import DRAWINGS
from tests.helpers.server import Server, post

SEVEN = {"strokes": DRAWINGS["7"]}
READ_ONLY = ["unshare", "--mount", "sh", "-c", 'mount -o remount,ro,bind / && exec "$@"', "sh"]


def works(command: list[str]) -> bool:
    return shutil.which(command[0]) is not None and subprocess.run(command, capture_output=True).returncode == 0


def test_on_a_read_only_file_system():
    if not works([*READ_ONLY, "true"]):
        pytest.skip("a read-only file system cannot be had here: this takes root, and unshare")
    server = Server()
    server.inside = READ_ONLY
    with server.running():
        assert post(server, "predict", SEVEN)[1]["label"] == "7"
        status, problem = post(server, "corrections", {**SEVEN, "label": "7"})
        assert status == 503
        assert "writable" in problem["detail"]


@pytest.fixture
def small_disk(tmp_path):
    """Mount a disk of one megabyte."""
    if not works(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)]):
        pytest.skip("a small disk cannot be mounted here: this takes root")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def test_on_a_full_disk(small_disk):
    filling = small_disk / "filling"
    with contextlib.suppress(OSError), open(filling, "wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    database = small_disk / "instance" / "corrections.sqlite3"
    settings = {"TMPDIR": str(small_disk), "DIGITPAD_DATABASE_URL": str(database)}
    with Server().running(**settings) as server:
        assert post(server, "predict", SEVEN)[1]["label"] == "7"
        status, problem = post(server, "corrections", {**SEVEN, "label": "7"})
        assert (status, problem["title"]) == (507, "No room")
        filling.unlink()
        assert post(server, "corrections", {**SEVEN, "label": "7"})[0] == 201  # as soon as there is room
