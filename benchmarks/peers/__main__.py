"""Digitpad, LitServe and Gradio, asked in turn: requests a second, times, start and memory, on one machine.

    python -m venv .venv-peers && .venv-peers/bin/pip install -r requirements-peers.txt
    python -m benchmarks.peers
    python -m benchmarks.peers --rounds 5 --seconds 4 --only digitpad litserve

All run the default network on ONNX Runtime with one thread in two workers, and are sent the same 280×280 canvas by wrk,
each in the form that costs it least. The others only crop, scale and look once (least.py): they find no ink on paper,
look at nothing twice, calibrate, refuse, limit, log and count nothing. An empty Flask view is the floor. Each round
starts and stops each server once; the table has medians over the rounds, and ratios are taken within a round.
"""

import argparse
import base64
import contextlib
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from benchmarks.arguments import parser
from benchmarks.canvas import seven_png
from benchmarks.faults.load import Body, Load, Server, ask, serve
from tests.helpers.server import wait_for

ROOT = Path(__file__).parents[2]
CONNECTIONS = (8, 32)
WARM_UP = 2  # in seconds, before each measurement
DIGITPAD, LITSERVE, GRADIO, EMPTY = "digitpad", "litserve", "gradio", "empty"
NAMES = {DIGITPAD: "**Digitpad**", LITSERVE: "LitServe", GRADIO: "Gradio", EMPTY: "an empty Flask view"}


@dataclass(frozen=True)
class Round:
    """What one server did in one round: loads by connections, the start in seconds, memory in MB (10⁶ bytes)."""

    loads: dict[int, Load]
    ready: float
    memory: float


class Peer(Server):
    """A server that runs in the environment of the peers."""

    def __init__(self, python: Path, module: str, ready: str) -> None:
        super().__init__(ready=ready)
        self._command = [str(python), "-m", f"benchmarks.peers.{module}", str(self.port)]

    def start(self, **settings: str) -> None:
        """Start it, and wait until it answers."""
        environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", **settings}
        self.process = subprocess.Popen(
            self._command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(self._is_ready)

    def stop(self) -> None:
        """Stop it with all that it started: LitServe's workers outlive their parent."""
        for number in self.processes()[::-1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        super().stop()

    def processes(self) -> list[int]:
        """List it and all that it started."""
        found = [self.process.pid] if self.process else []
        for number in found:
            for task in Path(f"/proc/{number}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        return found


@contextlib.contextmanager
def started(peer: Peer) -> Iterator[Peer]:
    """Run a peer until the block ends."""
    began = time.perf_counter()
    try:
        peer.start()
        peer.start_seconds = time.perf_counter() - began
        yield peer
    finally:
        peer.stop()


def main() -> None:
    """Print the table, and the ratios."""
    options = _options()
    png = seven_png()
    image = base64.b64encode(png).decode()
    servers: dict[str, tuple[Callable[[], AbstractContextManager[Server]], Body]] = {
        EMPTY: (
            lambda: serve("benchmarks.empty_view:create_app()", ready="", DIGITPAD_DATABASE_URL=""),
            Body(EMPTY, "", "text/plain", b"", method="GET"),
        ),
        DIGITPAD: (
            lambda: serve(DIGITPAD_RUNTIME="onnx", DIGITPAD_DATABASE_URL=""),
            Body(DIGITPAD, "predict", "image/png", png),
        ),
        LITSERVE: (
            lambda: started(Peer(options.python, "with_litserve", "health")),
            Body(LITSERVE, "predict", "application/json", json.dumps({"image": image}).encode()),
        ),
        GRADIO: (
            lambda: started(Peer(options.python, "with_gradio", "")),
            Body(GRADIO, "gradio_api/run/predict", "application/json", json.dumps({"data": [image]}).encode()),
        ),
    }
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
    rounds: dict[str, list[Round]] = {name: [] for name in options.only}
    for _ in tqdm(range(options.rounds), desc="rounds", leave=False):
        for name in options.only:
            start, body = servers[name]
            with start() as server:
                rounds[name].append(_round(server, body, options.seconds))
    print("\n".join(["", *_table(rounds), "", *_ratios(rounds)]))


def _options() -> argparse.Namespace:
    arguments = parser(__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=4, help="of each measurement (default: 4)")
    arguments.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), metavar="NAME")
    arguments.add_argument("--python", type=Path, default=ROOT / ".venv-peers/bin/python", help="of the peers")
    options = arguments.parse_args()
    if {LITSERVE, GRADIO} & set(options.only) and not shutil.which(options.python):
        sys.exit(f"{options.python} is not there: make the environment of the peers as --help says.")
    return options


def _round(server: Server, body: Body, seconds: int) -> Round:
    _check(server, body)
    ask(server, body, CONNECTIONS[0], WARM_UP)
    loads = {connections: ask(server, body, connections, seconds) for connections in CONNECTIONS}
    return Round(loads, server.start_seconds, server.total_memory())


def _check(server: Server, body: Body) -> None:
    """Ask once: who answers wrongly is not measured."""
    request = urllib.request.Request(f"{server.url}{body.path}", body.content or None, {"Content-Type": body.kind})
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read().decode().replace(" ", "")
    if body.content and '"digit":7' not in text:
        raise RuntimeError(f"{body.name} does not read a seven: {text[:200]}")


def _table(rounds: dict[str, list[Round]]) -> list[str]:
    heads = [f"{what} at {count}" for count in CONNECTIONS for what in ("requests/s", "p50 / p99, ms", "p99 / p50")]
    lines = [f"| | {' | '.join(heads)} | ready, s | MB |", "|---|" + "---:|" * (len(heads) + 2)]
    for name, ran in rounds.items():
        cells = []
        for count in CONNECTIONS:
            loads = [one.loads[count] for one in ran]
            rate = statistics.median(load.rate for load in loads)
            p50, p99 = (statistics.median(getattr(load, of) for load in loads) for of in ("median", "p99"))
            cells += [f"{rate:,.0f}", f"{p50:.1f} / {p99:.1f}", f"{p99 / p50:.1f}"]
        ready, memory = (statistics.median(getattr(one, of) for one in ran) for of in ("ready", "memory"))
        lines.append(f"| {NAMES[name]} | {' | '.join(cells)} | {ready:.2f} | {memory:.0f} |")
    return lines


def _ratios(rounds: dict[str, list[Round]]) -> list[str]:
    """Compare the requests a second with those of the others, round by round."""
    lines = []
    for other in set(rounds) & {LITSERVE, GRADIO} if DIGITPAD in rounds else ():
        for count in CONNECTIONS:
            pairs = zip(rounds[DIGITPAD], rounds[other], strict=True)
            ratios = sorted(own.loads[count].rate / theirs.loads[count].rate for own, theirs in pairs)
            each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
            lines.append(f"Digitpad / {NAMES[other]} at {count}: {statistics.median(ratios):.2f} times ({each})")
    return sorted(lines)


if __name__ == "__main__":
    main()
