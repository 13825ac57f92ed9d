"""How long POST /predict takes on one core, from the body's bytes to the answer's.

    python -m benchmarks.latency

The whole of the application (routing, decoding, normalising, network, JSON) without a socket, one request at a time,
with the process pinned to one core where the system allows it.
"""

import os
import statistics
import time

if hasattr(os, "sched_setaffinity"):  # before torch starts its threads
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

from app import create_app
from benchmarks.canvas import seven_png

WARM_UP, REQUESTS = 50, 1000


def main() -> None:
    """Print the median and the 99th percentile."""
    client, body = create_app().test_client(), seven_png()
    times = []
    for _ in range(WARM_UP + REQUESTS):
        started = time.perf_counter()
        answer = client.post("/predict", data=body, content_type="image/png")
        times.append((time.perf_counter() - started) * 1000)
        assert answer.json["digit"] == 7
    times = times[WARM_UP:]
    median, late = statistics.median(times), statistics.quantiles(times, n=100)[98]
    print(f"POST /predict, 280×280 PNG, one core, n={REQUESTS}: median {median:.2f} ms, 99th percentile {late:.2f} ms")


if __name__ == "__main__":
    main()
