"""Load on a server of this machine: gunicorn as it is started in service, and wrk, which asks it.

wrk (https://github.com/wg/wrk; apt-get install wrk) keeps its connections open and is far from being the bottleneck. It
runs beside the server on the same cores, as the tables say.
"""

import base64
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from benchmarks.canvas import SEVEN, seven_png

ROOT = Path(__file__).parents[2]
APPLICATION = "app:create_app()"
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
    found = (
        ("canvas", Body("280×280 PNG", "/predict", "image/png", canvas)),
        ("small", Body("28×28 PNG", "/predict", "image/png", small)),
        ("strokes", Body("strokes", "/predict", "application/json", strokes)),
        ("photo", Body("12-megapixel JPEG", "/predict", "image/jpeg", photo)),
        ("batch", Body(f"{BATCH} PNGs in one", "/predict", "application/json", batch, BATCH)),
    )
    return dict(found)


def encode(image: Image.Image, kind: str = "PNG") -> bytes:
    """Write an image file."""
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


class Server:
    """A running gunicorn: its address, how long it took until it could read, and what memory it has."""

    def __init__(self, process: subprocess.Popen[bytes], address: str, started: float) -> None:
        self.process, self.url = process, f"http://{address}"
        self.start_seconds = started

    def processes(self) -> list[int]:
        """List the master and its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *map(int, children.split())]

    def memory(self) -> list[float]:
        """Tell each process's proportional share of memory, in MB (10⁶ bytes): shared pages are counted once in all."""
        return [_share(number) for number in self.processes()]


def _share(number: int) -> float:
    lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


@contextmanager
def serve(application: str = APPLICATION, ready: str = "/readyz", **settings: str) -> Iterator[Server]:
    """Run `application` as gunicorn.conf.py says, with `settings` in its environment, until the block ends."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as instance:
        own = {"DIGITPAD_BIND": address, "DIGITPAD_DATABASE_URL": str(Path(instance) / "corrections.sqlite3")}
        command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", application]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        begun = time.perf_counter()
        with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **own, **settings}, **quiet) as process:  # type: ignore[call-overload]
            try:
                _wait(f"http://{address}{ready}", process)
                yield Server(process, address, time.perf_counter() - begun)
            finally:
                process.terminate()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped at once, with status {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"the server is not ready: {error.read().decode()}") from error
        except OSError:
            time.sleep(0.01)
    raise RuntimeError("the server did not start within a minute")


def ask(server: Server, body: Body, connections: int, seconds: int) -> Load:
    """Ask the same over so many open connections for some seconds. Raises RuntimeError without wrk."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError("wrk is not installed: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        script, content = Path(folder) / "ask.lua", Path(folder) / "body"
        script.write_text(SCRIPT)
        content.write_bytes(body.content)
        command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", str(script)]
        command += [f"{server.url}{body.path}", "--", str(content), body.method, body.kind]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
    found: Mapping[str, float] = json.loads(run.stderr[run.stderr.index("{") :])
    return Load(**found)  # type: ignore[arg-type]


def told(server: Server) -> str:
    """Say how much memory a server has."""
    master, *workers = server.memory()
    each = ", ".join(f"{one:.0f}" for one in workers)
    return f"{master + sum(workers):.0f} MB: {master:.0f} for the master, and {each} for its workers"
