"""What can go wrong, done to the real server while well-behaved clients go on asking.

    python -m benchmarks.faults
    python -m benchmarks.faults swaps images --count 2000 --runtime torch

Workers are killed, weights are swapped, corrupt weights are put in place, the disk is filled, connections are used up,
bytes are dripped, and thousands of mutated images and JSON bodies are sent. Each line tells what was done, what the
well-behaved clients saw meanwhile, and what is wrong with it, if anything is: the exit status is then 1. All of it is
bounded, seeded, and stays on this machine.
"""

import argparse
import contextlib
import http.client
import itertools
import os
import random
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tqdm import tqdm

from benchmarks.faults.clients import Testimony, witnesses
from benchmarks.faults.environment import fill, put, small_disk, two_weights, write
from benchmarks.faults.load import Server, serve
from benchmarks.faults.mutations import mutated_documents, mutated_images

SEED = 0
GROWTH = 1.10  # of memory, at most, over a scenario
IN_TIME = 2.0  # seconds, from new weights to answers by them


class Findings(list[str]):
    """What is wrong."""

    def unless(self, holds: bool, what: str) -> None:
        """Note `what`, unless all is well."""
        if not holds:
            self.append(what)


def kills(options: argparse.Namespace) -> tuple[str, Findings]:
    """Kill workers under load: only what a killed one was answering is lost, and another takes its place."""
    wrong, chance = Findings(), random.Random(SEED)
    with serve(DIGITPAD_RUNTIME=options.runtime) as server:
        workers = len(server.processes()) - 1
        with witnesses(server.url) as seen:
            for _ in tqdm(range(options.kills), desc="kills", leave=False):
                os.kill(chance.choice(server.processes()[1:]), signal.SIGKILL)
                time.sleep(1.5)
        wrong.unless(len(server.processes()) - 1 == workers, "a worker was not replaced")
    lost = sum(count for name, count in seen.troubles.items() if name.startswith("lost"))
    # A worker holds no more connections than there are witnesses, and each has one request at a time.
    wrong.unless(lost <= 4 * options.kills, f"{lost} requests were lost, more than the killed workers had")
    only(seen, wrong, "lost")
    return f"{options.kills} workers killed: {seen.told()}", wrong


def swaps(options: argparse.Namespace) -> tuple[str, Findings]:
    """Swap weights under load: every answer is right and names one of the two, and new ones are soon in service."""
    wrong, delays, before = Findings(), [], 0.0
    with two_weights() as (folder, versions), running(folder, options) as server, witnesses(server.url) as seen:
        for number in tqdm(range(options.swaps), desc="swaps", leave=False):
            if number == options.swaps // 5:
                before = sum(server.memory())  # when loading has found its place
            version, files = versions[(number + 1) % 2]
            seen.seen_at.clear()
            put(files, folder)
            started = time.monotonic()
            while version not in seen.seen_at and time.monotonic() < started + 5 * IN_TIME:
                time.sleep(0.02)
            delays.append(seen.seen_at.get(version, float("inf")) - started)
        after = sum(server.memory())
    late = sorted(delays)[min(len(delays) - 1, round(0.99 * len(delays)))]
    wrong.unless(set(seen.versions) == {version for version, _ in versions}, "another version answered")
    wrong.unless(late <= IN_TIME, f"new weights were in service after {late:.1f} s")
    grown(before, after, wrong)
    only(seen, wrong)
    return (
        f"{options.swaps} swaps, in service after {late:.1f} s (p99), {before:.0f} → {after:.0f} MB: {seen.told()}",
        wrong,
    )


def corrupt(options: argparse.Namespace) -> tuple[str, Findings]:
    """Put corrupt weights in place: the old ones go on answering."""
    wrong = Findings()
    with two_weights() as (folder, versions), running(folder, options) as server, witnesses(server.url) as seen:
        good = (folder / "digitpad.safetensors").read_bytes()
        middle = len(good) // 2
        corruptions = {
            "empty": b"",
            "truncated": good[:middle],
            "nonsense": random.Random(SEED).randbytes(100_000),
            "a pickle": b"\x80\x04\x95\x0e\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94\x8c\x06system\x94\x93\x94.",
            "a giant header": (1 << 62).to_bytes(8, "little") + good[8:],
            "noise for numbers": good[:-40_000] + random.Random(SEED).randbytes(40_000),
            "zeros for numbers": good[:-middle] + bytes(middle),
        }
        processes = server.processes()
        for content in tqdm(corruptions.values(), desc="corrupt weights", leave=False):
            write(folder / "digitpad.safetensors", content)
            time.sleep(1.5)
        (folder / "digitpad.safetensors").unlink()
        time.sleep(1.5)
        wrong.unless(set(seen.versions) == {versions[0][0]}, "another version answered")
        seen.seen_at.clear()
        put(versions[1][1], folder)
        time.sleep(IN_TIME)
        wrong.unless(versions[1][0] in seen.seen_at, "good weights were not taken after the corrupt ones")
        wrong.unless(server.processes() == processes, "a worker died")
    only(seen, wrong)
    return f"{len(corruptions)} corrupt files and a missing one: {seen.told()}", wrong


def disk(options: argparse.Namespace) -> tuple[str, Findings]:
    """Fill the disk that corrections are stored on: it is said, answers go on, and all is well when there is room."""
    wrong, statuses = Findings(), Counter[int]()
    with small_disk() as place:
        if place is None:
            return "the disk was NOT filled: a small one cannot be mounted here", wrong
        settings = {"DIGITPAD_RUNTIME": options.runtime, "DIGITPAD_DATABASE_URL": str(place / "corrections.sqlite3")}
        with serve(**settings) as server, witnesses(server.url) as seen:
            for k in range(60):
                if k == 20:
                    fill(place / "ballast")
                if k == 40:
                    (place / "ballast").unlink()
                statuses[send(server, "/corrections", CORRECTION, "application/json")] += 1
    wrong.unless(statuses[201] >= 40 - 1, f"only {statuses[201]} of the 40 corrections that had room were stored")
    wrong.unless(set(statuses) <= {201, 503, 507}, f"it answered with {dict(statuses)}")
    only(seen, wrong)
    return f"60 corrections, a third of them on a full disk, answered with {dict(statuses)}: {seen.told()}", wrong


def connections(options: argparse.Namespace) -> tuple[str, Findings]:
    """Open connections and leave them idle."""
    wrong = Findings()
    with serve(DIGITPAD_RUNTIME=options.runtime) as server, ExitStack() as stack:
        with witnesses(server.url):
            time.sleep(5)
        before = sum(server.memory())
        with witnesses(server.url) as seen:
            for _ in range(options.connections):
                stack.enter_context(closing(socket.create_connection(parts(server), timeout=10)))
            time.sleep(5)
        with witnesses(server.url) as late:
            time.sleep(3)
        after = sum(server.memory())
    only(seen, wrong)
    only(late, wrong)
    wrong.unless(late.right > 0, "who came later was not answered")
    grown(before, after, wrong)
    return f"{options.connections} idle connections: {seen.told()}; who came later: {late.told()}", wrong


def drip(options: argparse.Namespace) -> tuple[str, Findings]:
    """Send headers and bodies a byte at a time, over many connections."""
    wrong = Findings()
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 5000\r\n\r\n"
    with serve(DIGITPAD_RUNTIME=options.runtime) as server, ExitStack() as stack:
        slow = [stack.enter_context(closing(socket.create_connection(parts(server)))) for _ in range(options.drips)]
        with witnesses(server.url) as seen:
            sent = [head if k % 2 else b"" for k in range(len(slow))]  # half of them drip the header, too
            for connection, begun in zip(slow, sent, strict=True):
                connection.sendall(begun)
            for second in tqdm(range(options.drip_seconds), desc="dripping", leave=False):
                for k, connection in enumerate(slow):
                    with contextlib.suppress(OSError):  # the server may have had enough
                        connection.sendall(b"x" if k % 2 else head[second : second + 1])
                time.sleep(1)
    only(seen, wrong)
    wrong.unless(seen.right > 20 * options.drip_seconds, f"only {seen.right} good requests were answered meanwhile")
    return f"{options.drips} connections that drip for {options.drip_seconds} s: {seen.told()}", wrong


def images(options: argparse.Namespace) -> tuple[str, Findings]:
    """Send mutated images."""
    sent = ((kind, content) for kind, content in zip(kinds(), mutated_images(options.count, SEED), strict=False))
    return flood(options, sent, f"{options.count:,} mutated images")


def documents(options: argparse.Namespace) -> tuple[str, Findings]:
    """Send mutated JSON bodies."""
    sent = (("application/json", content) for content in mutated_documents(options.count, SEED))
    return flood(options, sent, f"{options.count:,} mutated JSON bodies")


def kinds() -> Iterator[str]:
    """Yield types for images, not all of them true."""
    while True:
        yield from ("image/png", "image/jpeg", "image/webp", "image/gif", "image/x-anything")


def flood(options: argparse.Namespace, sent: Iterator[tuple[str, bytes]], what: str) -> tuple[str, Findings]:
    """Send what is mutated to every address that reads, in turn."""
    wrong, statuses = Findings(), Counter[int]()
    addresses = ("/predict", "/read", "/predict?input=true", "/inspect", "/predict?model=lenet5")
    with serve(DIGITPAD_RUNTIME=options.runtime) as server:
        workers, before = server.processes(), 0.0
        with witnesses(server.url, count=1) as seen, ThreadPoolExecutor(4) as pool:
            jobs = ((addresses[k % len(addresses)], content, kind) for k, (kind, content) in enumerate(sent))
            with tqdm(total=options.count, desc=what, leave=False) as bar:
                while some := list(itertools.islice(jobs, 200)):
                    statuses.update(pool.map(lambda job: send(server, *job), some))
                    bar.update(len(some))
                    if not before and bar.n >= options.count / 5:
                        before = sum(server.memory())  # when every path has been gone
        after = sum(server.memory())
        wrong.unless(server.processes() == workers, "a worker died")
    wrong.unless(all(status < 500 for status in statuses), f"it answered with {dict(statuses)}")
    wrong.unless(0 not in statuses, f"{statuses[0]} requests were not answered")
    grown(before, after, wrong)
    only(seen, wrong)
    told = ", ".join(f"{count:,} × {status}" for status, count in sorted(statuses.items()))
    return f"{what}: {told}; {before:.0f} → {after:.0f} MB; meanwhile {seen.told()}", wrong


CORRECTION = b'{"strokes": [[[20, 10], [80, 10], [45, 95]]], "width": 8, "label": "7"}'


def send(server: Server, path: str, content: bytes, kind: str) -> int:
    """Send one request over a connection of its own. Returns the status: 0 where there is no answer."""
    with closing(http.client.HTTPConnection(*parts(server), timeout=60)) as connection:
        try:
            connection.request("POST", path, content, {"Content-Type": kind})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return 0
        return answer.status


def parts(server: Server) -> tuple[str, int]:
    """Return host and port."""
    found = urlsplit(server.url)
    return str(found.hostname), int(found.port or 0)


@contextmanager
def running(folder: Path, options: argparse.Namespace) -> Iterator[Server]:
    """Run a server on the weights in `folder`."""
    with serve(DIGITPAD_RUNTIME=options.runtime, DIGITPAD_WEIGHTS=str(folder)) as server:
        yield server


def only(seen: Testimony, wrong: Findings, *allowed: str) -> None:
    """Note every trouble of the witnesses that does not begin with one of those allowed."""
    for name, count in seen.troubles.items():
        wrong.unless(name.startswith(allowed) if allowed else False, f"{count} good requests: {name}")


def grown(before: float, after: float, wrong: Findings) -> None:
    """Note growth."""
    wrong.unless(after <= before * GROWTH, f"memory grew from {before:.0f} to {after:.0f} MB")


SCENARIOS: dict[str, Callable[[argparse.Namespace], tuple[str, Findings]]] = {
    scenario.__name__: scenario for scenario in (kills, swaps, corrupt, disk, connections, drip, images, documents)
}


def main() -> int:
    """Play the scenarios. Returns 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "scenarios", nargs="*", choices=[*SCENARIOS, []], metavar="SCENARIO", help=f"of {', '.join(SCENARIOS)}"
    )
    parser.add_argument("--runtime", choices=("torch", "onnx"), default="onnx")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--swaps", type=int, default=100)
    parser.add_argument("--connections", type=int, default=500)
    parser.add_argument("--drips", type=int, default=100)
    parser.add_argument("--drip-seconds", type=int, default=40)
    parser.add_argument("--count", type=int, default=10_000, help="mutated images, and mutated JSON bodies")
    options = parser.parse_args()
    status = 0
    for name in options.scenarios or SCENARIOS:
        told, wrong = SCENARIOS[name](options)
        print(f"{'WRONG' if wrong else 'well '}  {told}", flush=True)
        for what in wrong:
            print(f"       {what}", flush=True)
        status |= bool(wrong)
    return status


if __name__ == "__main__":
    sys.exit(main())
