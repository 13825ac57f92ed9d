"""A folder of the running gunicorn server: for the numbers of /metrics, and for the weights that were loaded last.

gunicorn runs gunicorn.conf.py again on SIGHUP. This module is imported once by gunicorn's main process, so the folder
stays as long as the server runs, and workers that are forked later know it.
"""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

MEMORY = "/dev/shm"  # noqa: S108 — mkdtemp makes a folder there that no other user can open


@cache
def make() -> Path | None:
    """Make the folder, in memory if possible: a full disk does not matter then. None where nothing can be written."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="digitpad-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
        for name in ("metrics", "weights"):
            (folder / name).mkdir()
    except OSError:
        return None
    return folder


def remove() -> None:
    """Remove the folder."""
    if folder := make():
        shutil.rmtree(folder, ignore_errors=True)
