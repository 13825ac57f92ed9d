"""Throughput, latency and memory of the real server, and the time of each step of a request.

    python -m benchmarks.serving
    python -m benchmarks.serving --runtimes onnx --seconds 5 --connections 8 32 --bodies canvas

gunicorn runs as in service (gunicorn.conf.py), once for each runtime, and wrk asks it over open connections from the
same machine. Just before each line, as many connections ask an empty Flask view under the same gunicorn. Each line is
compared with that floor, since the machine's other work varies.
"""

import io
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks import arguments
from benchmarks.faults.load import Body, Load, ask, bodies, serve
from model.inference.ink import ink_reader
from model.inference.recognizer import Recognizer
from model.preprocessing.normalize import place

read_ink = ink_reader()  # with the committed ink network

CONNECTIONS = (1, 2, 8, 32, 128)
STEP_REPEATS = 200


def steps(runtime: str, sent: Sequence[Body]) -> None:
    """Print the time of each step of a request, one after the other on one thread."""
    recognizer = Recognizer.load(Path("weights/digitpad.safetensors"), runtime)  # type: ignore[arg-type]
    print(f"\nOne request alone, {runtime}, one thread, median of {STEP_REPEATS}, in ms:\n")
    print("| body | read body | decode | normalise | network | encode |\n|---|---:|---:|---:|---:|---:|")
    for body in sent:
        if body.kind == "application/json":
            continue  # its images are decoded as those of the other bodies are
        ink = read_ink(body.content)
        placed = place(ink)
        (reading,) = recognizer.read_placed([placed])
        spent = (
            median_time(lambda content=body.content: io.BytesIO(content).read()),
            median_time(lambda content=body.content: read_ink(content)),
            median_time(lambda ink=ink: place(ink)),
            median_time(lambda placed=placed: recognizer.read_placed([placed])),
            median_time(lambda reading=reading: json.dumps(reading.document())),
        )
        print(f"| {body.name} | " + " | ".join(f"{milliseconds:.3f}" for milliseconds in spent) + " |")


def median_time(what: Callable[[], Any]) -> float:
    """Return the median time of `what`, in milliseconds."""
    spent = []
    for _ in range(STEP_REPEATS):
        started = time.perf_counter()
        what()
        spent.append((time.perf_counter() - started) * 1000)
    return statistics.median(spent)


def row(name: str, connections: int, load: Load, floor: Load | None, images: int = 1) -> str:
    """Write one line of the table."""
    share = f"1/{floor.rate / load.rate:.1f}" if floor and load.rate else "–"
    rate = f"{load.rate:,.0f}" + (f" ({load.rate * images:,.0f} images)" if images > 1 else "")
    times = " | ".join(f"{milliseconds:.1f}" for milliseconds in (load.median, load.p95, load.p99))
    return f"| {name} | {connections} | {rate} | {times} | {load.refused + load.failed} | {share} |"


def main() -> None:
    """Print the tables."""
    known = bodies()
    parser = arguments.parser(__doc__)
    parser.add_argument("--runtimes", nargs="+", choices=("torch", "onnx"), default=["torch", "onnx"])
    parser.add_argument("--bodies", nargs="+", choices=known, default=list(known))
    parser.add_argument("--connections", nargs="+", type=int, default=CONNECTIONS)
    parser.add_argument("--seconds", type=int, default=3, help="for each line of the tables (default: 3)")
    options = parser.parse_args()
    sent = [known[name] for name in options.bodies]
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")

    empty = Body("an empty view", "", "text/plain", b"", method="GET")
    with serve("benchmarks.empty_view:create_app()", ready="") as empty_server:
        for runtime in options.runtimes:
            steps(runtime, sent)
            with serve(DIGITPAD_RUNTIME=runtime) as server:
                print(f"\n{runtime}: ready {server.start_seconds:.2f} s after the start, {server.memory_summary()}\n")
                print("| body | connections | requests a second | median, ms | p95 | p99 | errors | of an empty view |")
                print("|---|---:|---:|---:|---:|---:|---:|---:|")
                floors: dict[int, list[Load]] = {count: [] for count in options.connections}
                for body, count in tqdm([(body, count) for body in sent for count in options.connections], leave=False):
                    floors[count].append(ask(empty_server, empty, count, options.seconds))
                    load = ask(server, body, count, options.seconds)
                    tqdm.write(row(body.name, count, load, floors[count][-1], body.images))
                for count, asked in floors.items():
                    print(row(empty.name, count, sorted(asked, key=lambda load: load.rate)[len(asked) // 2], None))
                print(f"\nAfter all of it {server.memory_summary()}")


if __name__ == "__main__":
    main()
