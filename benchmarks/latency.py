"""How long POST /predict and /inspect take on one core, from the body's bytes to the answer's.

    python -m benchmarks.latency
    python -m benchmarks.latency --requests 300 lenet5 mlp

The whole application (routing, decoding, normalising, network, JSON) without a socket, one request at a time. /predict
is sent a 280×280 PNG and the strokes of a drawing; /inspect is sent the strokes, as from the page. On a busy machine,
processor time is what the wall clock would show on an idle one.
"""

import statistics
import time

from flask.testing import FlaskClient
from tqdm import tqdm

from app import create_app
from benchmarks.arguments import parser, pin_to_one_core
from benchmarks.canvas import SEVEN, seven_png

WARM_UP = 50
DRAWING = {"json": {"strokes": SEVEN, "width": 18}}
REQUESTS = (  # what is sent, its name and address, and which part of --requests is enough
    ({"data": seven_png(), "content_type": "image/png"}, "280×280 PNG", "/predict?model={}", 1.0),
    (DRAWING, "strokes", "/predict?model={}", 1.0),
    (DRAWING, "strokes", "/inspect?model={}", 1.0),
    (DRAWING, "strokes", "/inspect?model={}&layers=all", 1.0),
    (DRAWING, "strokes", "/inspect?model={}&layers=none&why=true", 0.1),
    (DRAWING, "strokes", "/inspect?model={}&layers=none&towards=1", 0.1),
)


def main() -> None:
    """Print medians and 99th percentiles."""
    arguments = parser(__doc__)
    arguments.add_argument("models", nargs="*", default=["digitpad"], metavar="MODEL", help="(default: digitpad)")
    arguments.add_argument("--requests", type=int, default=1000, metavar="N", help="of the quick ones (default: 1000)")
    options = arguments.parse_args()
    pin_to_one_core()
    client = create_app().test_client()
    for model in options.models:
        for sent, name, address, part in REQUESTS:
            path = address.format(model)
            print(f"POST {path}, {name}, {measure(client, path, sent, max(20, round(part * options.requests)))}")


def measure(client: FlaskClient, path: str, sent: dict[str, object], count: int) -> str:
    """Send `count` requests one after the other. Returns times in milliseconds, and the size of an answer."""
    times, busy = [], []
    for _ in tqdm(range(WARM_UP + count), desc=path, leave=False):
        started, worked = time.perf_counter(), time.process_time()
        answer = client.post(path, **sent)
        times.append((time.perf_counter() - started) * 1000)
        busy.append((time.process_time() - worked) * 1000)
        assert answer.status_code == 200, answer.text
    times, processor = times[WARM_UP:], statistics.median(busy[WARM_UP:])
    median, p99, size = statistics.median(times), statistics.quantiles(times, n=100)[98], len(answer.data) / 1000
    return (
        f"n={count}: median {median:.2f} ms, 99th percentile {p99:.2f} ms, processor {processor:.2f} ms, {size:.1f} kB"
    )


if __name__ == "__main__":
    main()
