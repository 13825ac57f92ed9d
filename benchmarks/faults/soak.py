"""Ten minutes of full load, after which the server must be as fast and as small as before.

    python -m benchmarks.faults.soak
    python -m benchmarks.faults.soak --minutes 2 --runtime torch

Every minute all kinds of bodies are sent, one kind after the other, over eight connections by wrk (see load.py beside).
Each line tells a minute. The exit status is 1 where a request failed, or memory at the end is more than 5 % above the
largest of the first two minutes, when every path has been gone: it goes up and down by as much with what is at work.
"""

import argparse
import sys

from tqdm import tqdm

from benchmarks.faults.load import ask, bodies, serve

SECONDS = {"canvas": 30, "strokes": 10, "small": 10, "photo": 5, "batch": 5}
CONNECTIONS = 8
GROWTH = 1.05


def main() -> int:
    """Print a line for each minute. Returns 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtime", choices=("torch", "onnx"), default="onnx")
    parser.add_argument("--minutes", type=int, default=10)
    options = parser.parse_args()
    sent, requests, failed, memory = bodies(), 0, 0, []
    print("| minute | requests | of canvases a second | p99, ms | refused or failed | memory, MB |")
    print("|---:|---:|---:|---:|---:|---:|")
    with serve(DIGITPAD_RUNTIME=options.runtime) as server:
        for minute in tqdm(range(1, options.minutes + 1), desc="minutes", leave=False):
            found = {name: ask(server, sent[name], CONNECTIONS, seconds) for name, seconds in SECONDS.items()}
            requests += sum(load.requests for load in found.values())
            failed += sum(load.refused + load.failed for load in found.values())
            memory.append(sum(server.memory()))
            canvas = found["canvas"]
            tqdm.write(
                f"| {minute} | {requests:,} | {canvas.rate:,.0f} | {canvas.p99:.0f} | {failed} | {memory[-1]:.0f} |"
            )
    grown = memory[-1] > GROWTH * max(memory[:2])
    print(f"\n{requests:,} requests, {failed} failed; memory {'GREW' if grown else 'stayed flat'}.")
    return int(grown or failed > 0)


if __name__ == "__main__":
    sys.exit(main())
