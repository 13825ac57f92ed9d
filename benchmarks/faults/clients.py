"""Well-behaved clients that go on asking while something goes wrong, and notice every answer that is not right."""

import http.client
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

DIGITS = Path(__file__).parents[2] / "docs" / "digits"


@dataclass
class Testimony:
    """What the witnesses saw: how many right answers, and of each kind of trouble; times in milliseconds."""

    right: int = 0
    troubles: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    versions: Counter[str] = field(default_factory=Counter)
    seen_at: dict[str, float] = field(default_factory=dict)  # when each version was first seen, by the clock

    def told(self) -> str:
        """Say it in a line."""
        times = sorted(self.times) or [0.0]
        late = times[min(len(times) - 1, round(0.99 * len(times)))]
        troubles = ", ".join(f"{count} {name}" for name, count in self.troubles.items()) or "no trouble"
        median = statistics.median(times)
        return f"{self.right:,} good requests answered right, {troubles}; median {median:.1f} ms, p99 {late:.0f} ms"


@contextmanager
def witnesses(url: str, count: int = 4, pause: float = 0.005) -> Iterator[Testimony]:
    """Ask /predict for known digits over `count` open connections, until the block ends."""
    found, lock, over = Testimony(), threading.Lock(), threading.Event()
    digits = [(path.stem, path.read_bytes()) for path in sorted(DIGITS.glob("[0-9].png"))]
    threads = [
        threading.Thread(target=_ask, args=(urlsplit(url).netloc, digits[k::count] or digits, pause, found, lock, over))
        for k in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _ask(
    address: str,
    digits: list[tuple[str, bytes]],
    pause: float,
    found: Testimony,
    lock: threading.Lock,
    over: threading.Event,
) -> None:
    connection = http.client.HTTPConnection(address, timeout=30)
    number = 0
    while not over.wait(pause):
        label, png = digits[number % len(digits)]
        number += 1
        started = time.perf_counter()
        try:
            connection.request("POST", "/predict", png, {"Content-Type": "image/png"})
            answer = connection.getresponse()
            document = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            with lock:
                found.troubles[f"lost ({type(error).__name__})"] += 1
            continue
        spent = (time.perf_counter() - started) * 1000
        with lock:
            if answer.status != 200:
                found.troubles[f"answered with {answer.status}"] += 1
                continue
            version = document["model"]["version"]
            found.seen_at.setdefault(version, time.monotonic())
            found.versions[version] += 1
            found.times.append(spent)
            if document["label"] == label:
                found.right += 1
            else:
                found.troubles["misread"] += 1
    connection.close()
