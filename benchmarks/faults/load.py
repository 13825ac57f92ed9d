"""gunicorn as it is started in service, and load from wrk on the same machine.

wrk (https://github.com/wg/wrk; apt-get install wrk) keeps its connections open. It shares the cores with the server,
and is far from being the bottleneck.
"""

import base64
import io
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from benchmarks.canvas import SEVEN, encode, seven_png
from tests.helpers import server

TWELVE_MEGAPIXELS = (4032, 3024)
BATCH = 100
SCRIPT = """
function init(arguments)
  local file = io.open(arguments[1], "rb")
  wrk.method, wrk.body, wrk.headers["Content-Type"] = arguments[2], file:read("*a"), arguments[3]
  file:close()
end

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  io.stderr:write(string.format(
    '{"requests": %d, "seconds": %f, "refused": %d, "failed": %d, "median": %f, "p95": %f, "p99": %f}',
    summary.requests, summary.duration / 1e6, errors.status, failed,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end
"""


@dataclass(frozen=True)
class Body:
    """What is sent: to which path, as which type, and how many images it holds."""

    name: str
    path: str
    kind: str
    content: bytes
    images: int = 1
    method: str = "POST"


@dataclass(frozen=True)
class Load:
    """What came of asking for some seconds; times in milliseconds. Refused are answers from 400 on."""

    requests: int
    seconds: float
    refused: int
    failed: int
    median: float
    p95: float
    p99: float

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return (self.requests - self.refused) / self.seconds


def bodies() -> dict[str, Body]:
    """Make what is sent, by a short name."""
    canvas = seven_png()
    with Image.open(io.BytesIO(canvas)) as image:
        small = encode(image.convert("L").resize((28, 28), Image.Resampling.LANCZOS))
        photo = encode(image.convert("RGB").resize(TWELVE_MEGAPIXELS), "JPEG")
    strokes = json.dumps({"strokes": SEVEN, "width": 18}).encode()
    batch = json.dumps({"images": [base64.b64encode(canvas).decode()] * BATCH}).encode()
    return {
        "canvas": Body("280×280 PNG", "predict", "image/png", canvas),
        "small": Body("28×28 PNG", "predict", "image/png", small),
        "strokes": Body("strokes", "predict", "application/json", strokes),
        "photo": Body("12-megapixel JPEG", "predict", "image/jpeg", photo),
        "batch": Body(f"{BATCH} PNGs in one", "predict", "application/json", batch, BATCH),
    }


class Server(server.Server):
    """A gunicorn whose processes, memory and time to start, in seconds, are known."""

    start_seconds = 0.0

    @property
    def host_and_port(self) -> tuple[str, int]:
        """Its address, for a socket."""
        host, port = self.address.split(":")
        return host, int(port)

    def processes(self) -> list[int]:
        """List the master and its workers."""
        master = self.process.pid
        return [master, *map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split())]

    def memory(self) -> list[float]:
        """Return each process's proportional set size, in MB (10⁶ bytes): together they count shared pages once."""
        return [_proportional_set_size(number) for number in self.processes()]

    def total_memory(self) -> float:
        """Return the memory of all processes, in MB."""
        return sum(self.memory())

    def memory_summary(self) -> str:
        """Say how much memory it has."""
        master, *workers = self.memory()
        each = ", ".join(f"{worker:.0f}" for worker in workers)
        return f"{master + sum(workers):.0f} MB: {master:.0f} for the master, and {each} for its workers"


def _proportional_set_size(number: int) -> float:
    lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


@contextmanager
def serve(application: str = "app:create_app()", ready: str = "readyz", **settings: str) -> Iterator[Server]:
    """Run gunicorn with as many workers as in service and `settings` in its environment, until the block ends.

    It is ready when it answers the path `ready`.
    """
    running, started = Server(application, ready), time.perf_counter()
    try:
        running.start(**{"DIGITPAD_WORKERS": os.environ.get("DIGITPAD_WORKERS", ""), **settings})
        running.start_seconds = time.perf_counter() - started
        yield running
    finally:
        running.stop()


def ask(running: Server, body: Body, connections: int, seconds: int) -> Load:
    """Ask the same over so many open connections for some seconds. Raises RuntimeError without wrk."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError("wrk is not installed: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        script, content = Path(folder) / "ask.lua", Path(folder) / "body"
        script.write_text(SCRIPT)
        content.write_bytes(body.content)
        command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", str(script)]
        command += [f"{running.url}{body.path}", "--", str(content), body.method, body.kind]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
    found: Mapping[str, float] = json.loads(run.stderr[run.stderr.index("{") :])
    return Load(**found)  # type: ignore[arg-type]
