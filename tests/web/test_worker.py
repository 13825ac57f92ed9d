"""web/worker.py overrides undocumented methods of gunicorn, and was compared with one version of them."""

import hashlib
from importlib import metadata
from pathlib import Path

from gunicorn.workers import base, gthread

GUNICORN = "27.0.1"
SOURCES = {
    base: "9a39e0e16d6233298a3db01442c7913f17329e05caff9eb3263edc9037f50ed3",
    gthread: "2aa395873b3e9084dc99c580f890843b6554b53e930258344c0e4cde3a16bdeb",
}


def test_gunicorn_is_the_version_that_the_worker_was_compared_with():
    advice = "compare web/worker.py with the new gunicorn/workers/gthread.py, then note its version and digests here"
    assert metadata.version("gunicorn") == GUNICORN, advice
    for module, digest in SOURCES.items():
        assert hashlib.sha256(Path(module.__file__).read_bytes()).hexdigest() == digest, f"{module.__name__}: {advice}"
