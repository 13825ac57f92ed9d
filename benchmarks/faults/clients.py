"""Well-behaved clients that keep asking for known digits while a fault is injected, and count every wrong answer."""

import http.client
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

DIGITS = Path(__file__).parents[2] / "docs" / "digits"

Digit = tuple[str, bytes]  # its label and a PNG file


@dataclass
class Report:
    """What the clients saw: how many right answers, how many failures of each kind, and times in milliseconds."""

    right: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    versions: Counter[str] = field(default_factory=Counter)
    first_seen: dict[str, float] = field(default_factory=dict)  # version → time.monotonic() of its first answer
    lock: threading.Lock = field(default_factory=threading.Lock)

    def summary(self) -> str:
        """Say it in a line."""
        times = sorted(self.times) or [0.0]
        failures = ", ".join(f"{count} {name}" for name, count in self.failures.items()) or "no failure"
        median, p99 = statistics.median(times), percentile(times, 0.99)
        return f"{self.right:,} good requests answered right, {failures}; median {median:.1f} ms, p99 {p99:.0f} ms"


def percentile(times: Sequence[float], part: float) -> float:
    """Return the value below which `part` of `times` lie."""
    return sorted(times)[min(len(times) - 1, round(part * len(times)))]


@contextmanager
def background_clients(address: str, count: int = 4, pause: float = 0.005) -> Iterator[Report]:
    """Ask /predict for known digits over `count` open connections, until the block ends."""
    report, over = Report(), threading.Event()
    digits = [(path.stem, path.read_bytes()) for path in sorted(DIGITS.glob("[0-9].png"))]
    threads = [
        threading.Thread(target=_ask, args=(address, digits[k::count] or digits, pause, report, over))
        for k in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield report
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _ask(address: str, digits: Sequence[Digit], pause: float, report: Report, over: threading.Event) -> None:
    connection = http.client.HTTPConnection(address, timeout=30)
    for label, png in cycle(digits):
        if over.wait(pause):
            break
        started = time.perf_counter()
        try:
            connection.request("POST", "/predict", png, {"Content-Type": "image/png"})
            answer = connection.getresponse()
            document = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            with report.lock:
                report.failures[f"lost ({type(error).__name__})"] += 1
            continue
        spent = (time.perf_counter() - started) * 1000
        with report.lock:
            if answer.status != 200:
                report.failures[f"answered with {answer.status}"] += 1
                continue
            version = document["model"]["version"]
            report.first_seen.setdefault(version, time.monotonic())
            report.versions[version] += 1
            report.times.append(spent)
            if document["label"] == label:
                report.right += 1
            else:
                report.failures["misread"] += 1
    connection.close()
