"""The production server's settings.

gunicorn --config gunicorn.conf.py 'app:create_app()'
"""

import os

# Before torch is imported: with a worker for each core, a pool of threads in each would only make them wait.
os.environ["OMP_NUM_THREADS"] = "1"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


bind = os.environ.get("DIGITPAD_BIND", "127.0.0.1:8000")
# One worker a core; beyond eight, memory (about 580 MB a worker) runs out before requests do.
workers = int(os.environ.get("DIGITPAD_WORKERS") or min(8, _cores()))
# Threads let a worker take in one request while it computes another, and keep idle connections cheap.
worker_class = "gthread"
threads = int(os.environ.get("DIGITPAD_THREADS") or 4)
# Each worker imports torch and loads its own weights after the fork: a forward pass before it would hang the workers.
preload_app = False
timeout = 60  # in seconds, for a worker to start or to answer
graceful_timeout = 30
keepalive = 15
accesslog = "-"
