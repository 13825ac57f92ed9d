"""Ten minutes of full load, after which the server must be as fast as before and take no more memory.

    python -m benchmarks.faults.soak
    python -m benchmarks.faults.soak --minutes 2 --runtime torch

Every minute wrk sends each kind of body in turn over eight connections, and a line is printed. The exit status is 1
where a request failed, or where memory at the end is more than 5 % above the largest of the first two minutes, in which
every path has run. Memory varies by almost as much with the work at hand.
"""

import sys

from tqdm import tqdm

from benchmarks.arguments import parser
from benchmarks.faults.load import ask, bodies, serve

SECONDS = {"canvas": 30, "strokes": 10, "small": 10, "photo": 5, "batch": 5}
CONNECTIONS = 8
GROWTH = 1.05


def main() -> int:
    """Print a line for each minute. Returns 1 if anything is wrong."""
    arguments = parser(__doc__)
    arguments.add_argument("--runtime", choices=("torch", "onnx"), default="onnx")
    arguments.add_argument("--minutes", type=int, default=10)
    options = arguments.parse_args()
    sent, requests, failed, memory = bodies(), 0, 0, []
    print("| minute | requests | of canvases a second | p99, ms | refused or failed | memory, MB |")
    print("|---:|---:|---:|---:|---:|---:|")
    with serve(DIGITPAD_RUNTIME=options.runtime) as server:
        for minute in tqdm(range(1, options.minutes + 1), desc="minutes", leave=False):
            loads = {name: ask(server, sent[name], CONNECTIONS, seconds) for name, seconds in SECONDS.items()}
            requests += sum(load.requests for load in loads.values())
            failed += sum(load.refused + load.failed for load in loads.values())
            memory.append(server.total_memory())
            canvas = loads["canvas"]
            tqdm.write(
                f"| {minute} | {requests:,} | {canvas.rate:,.0f} | {canvas.p99:.0f} | {failed} | {memory[-1]:.0f} |"
            )
    grown = memory[-1] > GROWTH * max(memory[:2])
    print(f"\n{requests:,} requests, {failed} failed; memory {'GREW' if grown else 'stayed flat'}.")
    return int(grown or failed > 0)


if __name__ == "__main__":
    sys.exit(main())
