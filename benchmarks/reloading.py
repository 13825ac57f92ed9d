"""Hot reload under load: the weights of a real server with two workers are swapped while clients ask it.

python -m benchmarks.reloading [--swaps N] [--clients N]

Prints the latency of POST /predict without and with swaps, the time until all workers serve the new weights, errors,
and wrong answers: those whose probabilities are not those of the version that they name.
"""

import http.client
import json
import shutil
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from benchmarks import arguments
from model.files import write_atomically
from model.inference.recognizer import Recognizer
from tests.helpers.drawings import ROOT, png_of
from tests.helpers.server import Server

HEADERS = {"Content-Type": "image/png"}
BODY = png_of("7")
SOURCES = [ROOT / "weights" / f"{name}.safetensors" for name in ("digitpad", "lenet")]


@dataclass
class Load:
    """Clients that ask without a pause, with the time and latency of each answer, and the wrong answers."""

    address: str
    expected: dict[str, dict[str, float]]  # version → probabilities
    latencies: list[tuple[float, float]] = field(default_factory=list)  # in seconds
    wrong: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Ask over one connection until `stopping` is set."""
        connection = http.client.HTTPConnection(self.address, timeout=30)
        while not self.stopping.is_set():
            started = time.perf_counter()
            try:
                connection.request("POST", "/predict", BODY, HEADERS)
                response = connection.getresponse()
                answer = json.loads(response.read())
                if response.status != 200 or not self._right(answer):
                    self.wrong.append(f"{response.status} {answer}")
            except (OSError, http.client.HTTPException, KeyError) as error:
                self.wrong.append(repr(error))
                connection.close()
            self.latencies.append((started, time.perf_counter() - started))
        connection.close()

    def _right(self, answer: dict) -> bool:
        wanted, read = self.expected[answer["model"]["version"]], answer["probabilities"]
        return all(abs(wanted[label] - read[label]) < 1e-6 for label in wanted)


def serves(address: str, version: str, count: int = 12) -> bool:
    """Ask over `count` new connections, so that both workers answer. Returns whether all of them serve `version`."""
    for _ in range(count):
        connection = http.client.HTTPConnection(address, timeout=30)
        connection.request("GET", "/readyz")
        answer = json.loads(connection.getresponse().read())
        connection.close()
        if "model" not in answer:
            raise RuntimeError(f"/readyz answers {answer}")
        if answer["model"]["version"] != version:
            return False
    return True


def swap(folder: Path, source: Path, address: str, version: str, limit: float = 10) -> float:
    """Put `source` in place of the default weights. Returns the seconds until all workers serve it."""
    with write_atomically(folder / "digitpad.safetensors") as new:
        shutil.copy(source, new)
    started = time.monotonic()
    while not serves(address, version):
        if time.monotonic() - started > limit:
            raise TimeoutError(f"{version} is not served after {limit} s")
        time.sleep(0.05)
    return time.monotonic() - started


def expected() -> dict[str, dict[str, float]]:
    """Read the body with each of the weights, in this process."""
    recognizers = [Recognizer.load(source) for source in SOURCES]
    return {one.version: dict(one.read_files([BODY])[0].probabilities) for one in recognizers}


def main() -> None:
    """Measure, and print."""
    parser = arguments.parser(__doc__)
    parser.add_argument("--swaps", type=int, default=20)
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, server, versions = Path(name), Server(), expected()
        shutil.copy(SOURCES[0], folder / "digitpad.safetensors")
        server.start(DIGITPAD_WORKERS="2", DIGITPAD_WEIGHTS=name)
        load = Load(server.address, versions)
        clients = [threading.Thread(target=load.run) for _ in range(options.clients)]
        try:
            for client in clients:
                client.start()
            time.sleep(10)
            begun = time.perf_counter()
            taken = []
            for number in tqdm(range(1, options.swaps + 1), desc="swaps", leave=False):
                taken.append(swap(folder, SOURCES[number % 2], server.address, list(versions)[number % 2]))
        finally:
            load.stopping.set()
            for client in clients:
                client.join()
            server.stop()
    report("without swaps", [latency for at, latency in load.latencies if at < begun])
    report("during swaps", [latency for at, latency in load.latencies if at >= begun])
    typical, most = statistics.median(taken), max(taken)
    print(f"{options.swaps} swaps: {typical:.2f} s until both workers serve (median), {most:.2f} s at most")
    print(f"{len(load.wrong)} wrong answers or errors {load.wrong[:3] or ''}")


def report(what: str, latencies: list[float]) -> None:
    """Print the figures of one part of the run."""
    hundredths = statistics.quantiles(latencies, n=100)
    print(
        f"{what}: n = {len(latencies):,}, median {hundredths[49] * 1000:.1f} ms, 99th percentile "
        f"{hundredths[98] * 1000:.1f} ms, longest {max(latencies) * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main()
