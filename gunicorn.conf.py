"""The production server's settings.

gunicorn --config gunicorn.conf.py 'app:create_app()'
"""

import contextlib
import ctypes
import os
from typing import Any

from web import server_folder

LOG_FORMAT = os.environ.setdefault("DIGITPAD_LOG_FORMAT", "json")
# Before torch is imported: there is one worker per core, so more threads in a worker only wait for each other.
os.environ["OMP_NUM_THREADS"] = "1"

# Large blocks (photographs) go back to the system when they are freed, and all threads share two heaps: otherwise a
# worker keeps as much memory as its largest images took. Freed small blocks (drawings) stay with the process, up to
# 8 MB: new pages from the system cost a third of the time of decoding. Only glibc has mallopt.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
with contextlib.suppress(OSError, AttributeError):
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)
    ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 1 << 20)
    ctypes.CDLL(None).mallopt(M_TRIM_THRESHOLD, 8 << 20)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


bind = os.environ.get("DIGITPAD_BIND", "127.0.0.1:8000")
# One worker per core, at most eight: a worker with torch takes some 430 MB, so memory runs out first.
workers = int(os.environ.get("DIGITPAD_WORKERS") or min(8, _cores()))
# Two threads of a worker compute at once (web/limits.py). The others read slow requests, refuse requests when the
# worker is busy, and answer probes.
worker_class = "web.worker.Worker"
threads = int(os.environ.get("DIGITPAD_THREADS") or 16)
# Heartbeats of the workers. In memory if possible: a disk may be full, slow or read-only.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 — the file there has no name
# Each worker imports torch and loads its weights after the fork: a forward pass before the fork would hang the workers.
preload_app = False
timeout = 60  # in seconds, for a worker to start or to answer
graceful_timeout = 30
keepalive = 15
accesslog = None  # the application logs requests itself: docs/operations.md
logconfig_dict = {
    "formatters": {"generic": {"()": f"web.logs.{'JsonFormatter' if LOG_FORMAT == 'json' else 'TextFormatter'}"}},
    "root": {"level": "WARNING", "handlers": []},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["error_console"], "propagate": False}},
}

folder = server_folder.make()
# prometheus_client reads this variable when it is imported: each worker then counts in files of its own.
os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
if folder:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder / "metrics")


def when_ready(server: Any) -> None:
    """Warn if there is no folder."""
    if not folder:
        server.log.warning(
            "No folder can be written: /metrics shows one worker at a time, and no copy of the weights is kept for "
            "workers that start later. Set TMPDIR."
        )


def post_worker_init(worker: Any) -> None:
    """Start a worker's watcher of the weights: a thread that gunicorn's main process starts does not survive a fork."""
    from web import reload

    reload.start(worker.wsgi, folder / "weights" if folder else None)


def child_exit(server: Any, worker: Any) -> None:
    """Remove a dead worker's gauges. Its counters stay."""
    if folder:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """Remove the folder."""
    server_folder.remove()
