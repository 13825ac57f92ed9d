"""How long POST /inspect takes on one core, and how large its answers are.

    python -m benchmarks.inspection
    python -m benchmarks.inspection --requests 300 lenet5 mlp

The page asks while somebody draws, so the drawing is sent as strokes. As in benchmarks/latency.py, it is the whole of
the application without a socket, one request at a time, pinned to one core. Processor time is told too: on a machine
that has other work, it is what the wall clock would say without that.
"""

import argparse
import os
import statistics
import time

if hasattr(os, "sched_setaffinity"):  # before torch starts its threads
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

from app import create_app
from benchmarks.canvas import SEVEN

BODY = {"strokes": SEVEN, "width": 18}
QUERIES = {
    "": 1.0,
    "&layers=all": 1.0,
    "&layers=none&why=true": 0.1,
    "&layers=none&towards=1": 0.1,
}  # and what part of the requests is enough


def main() -> None:
    """Print medians and 99th percentiles, of /predict too, which the page would ask otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=["digitpad"], metavar="MODEL", help="(default: digitpad)")
    parser.add_argument("--requests", type=int, default=1000, metavar="N", help="of the quick ones (default: 1000)")
    options = parser.parse_args()
    client = create_app().test_client()
    for model in options.models:
        measured = {
            f"/predict?model={model}": 1.0,
            **{f"/inspect?model={model}{q}": part for q, part in QUERIES.items()},
        }
        for address, part in measured.items():
            count = max(20, round(part * options.requests))
            times, busy = [], []
            for _ in range(20 + count):
                started, worked = time.perf_counter(), time.process_time()
                answer = client.post(address, json=BODY)
                times.append((time.perf_counter() - started) * 1000)
                busy.append((time.process_time() - worked) * 1000)
                assert answer.status_code == 200, answer.text
            median, late = statistics.median(times[20:]), statistics.quantiles(times[20:], n=100)[98]
            size = len(answer.data) / 1000
            processor = statistics.median(busy[20:])
            figures = (
                f"median {median:.2f} ms, 99th percentile {late:.2f} ms, processor {processor:.2f} ms, {size:.1f} kB"
            )
            print(f"POST {address}, n={count}: {figures}")


if __name__ == "__main__":
    main()
