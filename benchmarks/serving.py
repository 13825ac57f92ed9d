"""How many requests the real server answers a second, how late, in how much memory, and where the time goes.

    python -m benchmarks.serving
    python -m benchmarks.serving --runtimes onnx --seconds 5 --connections 8 32 --bodies canvas

gunicorn runs as in service (gunicorn.conf.py), once for each runtime, and wrk asks it over open connections from the
same machine. Before each line the same number of connections asks an empty Flask view under the same gunicorn, the
floor: what they are compared with was measured in the same seconds, since other work on the machine comes and goes.
"""

import argparse
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

from benchmarks.faults.load import Body, Load, ask, bodies, serve, told

CONNECTIONS = (1, 2, 8, 32, 128)
STEP_REPEATS = 200


def steps(runtime: str, sent: Sequence[Body]) -> None:
    """Print the time of each step of a request, one after the other on one thread."""
    from model.inference.recognizer import Recognizer
    from model.preprocessing.ink import read_ink
    from model.preprocessing.normalize import place

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
            timed(lambda content=body.content: io.BytesIO(content).read()),
            timed(lambda content=body.content: read_ink(content)),
            timed(lambda ink=ink: place(ink)),
            timed(lambda placed=placed: recognizer.read_placed([placed])),
            timed(lambda reading=reading: json.dumps(reading.document())),
        )
        print(f"| {body.name} | " + " | ".join(f"{one:.3f}" for one in spent) + " |")


def timed(what: Callable[[], Any]) -> float:
    """Return the median time of `what`, in milliseconds."""
    spent = []
    for _ in range(STEP_REPEATS):
        started = time.perf_counter()
        what()
        spent.append((time.perf_counter() - started) * 1000)
    return statistics.median(spent)


def row(name: str, connections: int, found: Load, floor: Load | None, images: int = 1) -> str:
    """Write one line of the table."""
    share = f"1/{floor.rate / found.rate:.1f}" if floor and found.rate else "–"
    rate = f"{found.rate:,.0f}" + (f" ({found.rate * images:,.0f} images)" if images > 1 else "")
    times = " | ".join(f"{late:.1f}" for late in (found.median, found.p95, found.p99))
    return f"| {name} | {connections} | {rate} | {times} | {found.refused + found.failed} | {share} |"


def main() -> None:
    """Print the tables."""
    known = bodies()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtimes", nargs="+", choices=("torch", "onnx"), default=["torch", "onnx"])
    parser.add_argument("--bodies", nargs="+", choices=known, default=list(known))
    parser.add_argument("--connections", nargs="+", type=int, default=CONNECTIONS)
    parser.add_argument("--seconds", type=int, default=3, help="for each line of the tables (default: 3)")
    options = parser.parse_args()
    sent = [known[name] for name in options.bodies]
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")

    empty = Body("an empty view", "/", "text/plain", b"", method="GET")
    with serve("benchmarks.floor:create_app()", ready="/") as below:
        for runtime in options.runtimes:
            steps(runtime, sent)
            with serve(DIGITPAD_RUNTIME=runtime) as server:
                print(f"\n{runtime}: ready {server.start_seconds:.2f} s after the start, {told(server)}\n")
                print("| body | connections | requests a second | median, ms | p95 | p99 | errors | of an empty view |")
                print("|---|---:|---:|---:|---:|---:|---:|---:|")
                floors: dict[int, list[Load]] = {count: [] for count in options.connections}
                for body, count in tqdm([(body, count) for body in sent for count in options.connections], leave=False):
                    floors[count].append(ask(below, empty, count, options.seconds))
                    found = ask(server, body, count, options.seconds)
                    tqdm.write(row(body.name, count, found, floors[count][-1], body.images))
                for count, asked in floors.items():
                    print(row(empty.name, count, sorted(asked, key=_rate)[len(asked) // 2], None))
                print(f"\nAfter all of it {told(server)}")


def _rate(load: Load) -> float:
    return load.rate


if __name__ == "__main__":
    main()
