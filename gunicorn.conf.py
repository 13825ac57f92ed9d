"""The production server's settings.

gunicorn --config gunicorn.conf.py 'app:create_app()'
"""

import contextlib
import ctypes
import os
import shutil
import tempfile
from typing import Any

os.environ.setdefault("DIGITPAD_LOG_FORMAT", "json")
# Before torch is imported: with a worker for each core, a pool of threads in each would only make them wait.
os.environ["OMP_NUM_THREADS"] = "1"

# Photographs are large, and come and go: each is to have memory of its own, which goes back to the system, instead of
# a heap for each thread that keeps what the largest image took. Drawings are small, and come all the time: what one had
# is kept for the next one, since pages that the system gives anew cost a third of the decoding. (mallopt of glibc;
# elsewhere nothing is set.)
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
with contextlib.suppress(OSError, AttributeError):
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)
    ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 1 << 20)
    ctypes.CDLL(None).mallopt(M_TRIM_THRESHOLD, 8 << 20)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


bind = os.environ.get("DIGITPAD_BIND", "127.0.0.1:8000")
# One worker a core; beyond eight, memory (with torch some 430 MB a worker) runs out before requests do.
workers = int(os.environ.get("DIGITPAD_WORKERS") or min(8, _cores()))
# Threads take requests in. Four of them compute at once (web/limits.py); the others read what clients send slowly, say
# that there is too much to do, and answer probes.
worker_class = "web.worker.Worker"
threads = int(os.environ.get("DIGITPAD_THREADS") or 16)
# Where workers show that they live: in memory where that can be, since a disk may be full, slow or read-only.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 — the file there has no name
# Each worker imports torch and loads its own weights after the fork: a forward pass before it would hang the workers.
preload_app = False
timeout = 60  # in seconds, for a worker to start or to answer
graceful_timeout = 30
keepalive = 15
accesslog = None  # the application writes a line a request itself: docs/operations.md


logconfig_dict = {
    "formatters": {
        "generic": {"()": "web.logs.Lines" if os.environ["DIGITPAD_LOG_FORMAT"] == "json" else "web.logs.Text"}
    },
    "root": {"level": "WARNING", "handlers": []},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["error_console"], "propagate": False}},
}


def _metrics_folder() -> str:
    """Make the folder where each worker counts for /metrics in files of its own: before any of them starts.

    In memory where that can be: a full disk cannot harm it then. On SIGHUP these settings are read anew; the folder
    stays.
    """
    folder, prefix = os.environ.pop("PROMETHEUS_MULTIPROC_DIR", ""), f"digitpad-metrics-{os.getpid()}-"
    if prefix in folder:
        return folder
    memory = "/dev/shm"  # noqa: S108 — mkdtemp makes a folder there that is nobody else's
    try:
        return tempfile.mkdtemp(prefix=prefix, dir=memory if os.access(memory, os.W_OK) else None)
    except OSError:
        return ""


if metrics_folder := _metrics_folder():
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics_folder


def when_ready(server: Any) -> None:
    """Say what does not work."""
    if not metrics_folder:
        server.log.warning("There is no folder to write to, so that /metrics tells of one worker at a time: set TMPDIR")


def child_exit(server: Any, worker: Any) -> None:
    """Leave a worker that is gone out of what counts the living; what it counted stays."""
    if metrics_folder:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)


# Where workers keep the weights that they took last, for those that replace them: web/spare_weights.py. Settings are
# read anew on SIGHUP; the folder stays. One that another server made for itself, and will remove, is not ours to use.
SPARE, OWN_SPARE = "digitpad-spare-", f"digitpad-spare-{os.getpid()}-"


def _is_named(folder: str, prefix: str) -> bool:
    return os.path.basename(folder).startswith(prefix)


spare = os.environ.get("DIGITPAD_SPARE", "")
if not spare or (_is_named(spare, SPARE) and not _is_named(spare, OWN_SPARE)):
    os.environ["DIGITPAD_SPARE"] = ""
    with contextlib.suppress(OSError):  # nowhere to write: the log says so when there is something to keep
        os.environ["DIGITPAD_SPARE"] = tempfile.mkdtemp(prefix=OWN_SPARE)


def on_exit(server: Any) -> None:
    """Remove the folders that were made here: of the metrics, and of the spare weights."""
    if metrics_folder:
        shutil.rmtree(metrics_folder, ignore_errors=True)
    if _is_named(os.environ["DIGITPAD_SPARE"], OWN_SPARE):
        shutil.rmtree(os.environ["DIGITPAD_SPARE"], ignore_errors=True)


def post_worker_init(worker: Any) -> None:
    """Let each worker watch the weights for itself: a thread of the master would not outlive the fork."""
    from web import reload

    reload.start(worker.wsgi)
