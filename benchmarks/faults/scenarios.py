"""The faults, a function each: inject it, and return a line of what happened and a list of what is wrong."""

import argparse
import contextlib
import http.client
import itertools
import os
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

from tqdm import tqdm

from benchmarks.faults.clients import Report, background_clients, percentile
from benchmarks.faults.environment import fill, replace, replace_weights, small_disk, two_weights
from benchmarks.faults.load import Server, serve
from benchmarks.faults.mutations import mutated_documents, mutated_images

SEED = 0
GROWTH = 1.10  # of memory, at most, over a scenario
IN_TIME = 2.0  # seconds, from new weights to answers by them
CORRECTION = b'{"strokes": [[[20, 10], [80, 10], [45, 95]]], "width": 8, "label": "7"}'
IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/x-anything")  # not all of them true


class Findings(list[str]):
    """What is wrong."""

    def unless(self, holds: bool, what: str) -> None:
        """Note `what`, unless `holds`."""
        if not holds:
            self.append(what)

    def failures(self, report: Report, *allowed: str) -> None:
        """Note every failure that the clients saw, unless its name begins with one of `allowed`."""
        for name, count in report.failures.items():
            self.unless(bool(allowed) and name.startswith(allowed), f"{count} good requests: {name}")

    def growth(self, before: float, after: float) -> None:
        """Note memory that grew, in MB."""
        self.unless(after <= before * GROWTH, f"memory grew from {before:.0f} to {after:.0f} MB")


Result = tuple[str, Findings]


def kills(options: argparse.Namespace) -> Result:
    """Kill workers under load: only what a killed one was answering is lost, and another takes its place."""
    wrong, chance = Findings(), random.Random(SEED)
    with serve(DIGITPAD_RUNTIME=options.runtime) as server:
        workers = len(server.processes()) - 1
        with background_clients(server.address) as seen:
            for _ in tqdm(range(options.kills), desc="kills", leave=False):
                os.kill(chance.choice(server.processes()[1:]), signal.SIGKILL)
                time.sleep(1.5)
        wrong.unless(len(server.processes()) - 1 == workers, "a worker was not replaced")
    lost = sum(count for name, count in seen.failures.items() if name.startswith("lost"))
    # A worker holds no more connections than there are clients, and each has one request at a time.
    wrong.unless(lost <= 4 * options.kills, f"{lost} requests were lost, more than the killed workers had")
    wrong.failures(seen, "lost")
    return f"{options.kills} workers killed: {seen.summary()}", wrong


def swaps(options: argparse.Namespace) -> Result:
    """Swap weights under load: every answer is right and names one of the two, and new ones are soon in service."""
    wrong, delays, before = Findings(), [], 0.0
    with (
        two_weights() as (folder, versions),
        serve(DIGITPAD_RUNTIME=options.runtime, DIGITPAD_WEIGHTS=str(folder)) as server,
        background_clients(server.address) as seen,
    ):
        for number in tqdm(range(options.swaps), desc="swaps", leave=False):
            if number == options.swaps // 5:
                before = server.total_memory()  # the first loads take memory once
            version, files = versions[(number + 1) % 2]
            seen.first_seen.clear()
            replace_weights(folder, files)
            started = time.monotonic()
            while version not in seen.first_seen and time.monotonic() < started + 5 * IN_TIME:
                time.sleep(0.02)
            delays.append(seen.first_seen.get(version, float("inf")) - started)
        after = server.total_memory()
    p99 = percentile(delays, 0.99)
    wrong.unless(set(seen.versions) == {version for version, _ in versions}, "another version answered")
    wrong.unless(p99 <= IN_TIME, f"new weights were in service after {p99:.1f} s")
    wrong.growth(before, after)
    wrong.failures(seen)
    done = f"{options.swaps} swaps, in service after {p99:.1f} s (p99), {before:.0f} → {after:.0f} MB"
    return f"{done}: {seen.summary()}", wrong


def corrupt(options: argparse.Namespace) -> Result:
    """Put corrupt weights in place: the old ones go on answering."""
    wrong = Findings()
    with (
        two_weights() as (folder, versions),
        serve(DIGITPAD_RUNTIME=options.runtime, DIGITPAD_WEIGHTS=str(folder)) as server,
        background_clients(server.address) as seen,
    ):
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
            replace(folder / "digitpad.safetensors", content)
            time.sleep(1.5)
        (folder / "digitpad.safetensors").unlink()
        time.sleep(1.5)
        wrong.unless(set(seen.versions) == {versions[0][0]}, "another version answered")
        seen.first_seen.clear()
        replace_weights(folder, versions[1][1])
        time.sleep(IN_TIME)
        wrong.unless(versions[1][0] in seen.first_seen, "good weights were not taken after the corrupt ones")
        wrong.unless(server.processes() == processes, "a worker died")
    wrong.failures(seen)
    return f"{len(corruptions)} corrupt files and a missing one: {seen.summary()}", wrong


def disk(options: argparse.Namespace) -> Result:
    """Fill the disk that corrections are stored on: they are refused until there is room, and reading goes on."""
    wrong, statuses = Findings(), Counter[int]()
    with small_disk() as folder:
        if folder is None:
            return "the disk was NOT filled: a small one cannot be mounted here", wrong
        settings = {"DIGITPAD_RUNTIME": options.runtime, "DIGITPAD_DATABASE_URL": str(folder / "corrections.sqlite3")}
        with serve(**settings) as server, background_clients(server.address) as seen:
            for k in range(60):
                if k == 20:
                    fill(folder / "ballast")
                if k == 40:
                    (folder / "ballast").unlink()
                statuses[send(server, "/corrections", CORRECTION, "application/json")] += 1
    wrong.unless(statuses[201] >= 40 - 1, f"only {statuses[201]} of the 40 corrections that had room were stored")
    wrong.unless(set(statuses) <= {201, 503, 507}, f"it answered with {dict(statuses)}")
    wrong.failures(seen)
    return f"60 corrections, a third of them on a full disk, answered with {dict(statuses)}: {seen.summary()}", wrong


def connections(options: argparse.Namespace) -> Result:
    """Open connections and leave them idle."""
    wrong = Findings()
    with serve(DIGITPAD_RUNTIME=options.runtime) as server, ExitStack() as stack:
        with background_clients(server.address):
            time.sleep(5)
        before = server.total_memory()
        with background_clients(server.address) as seen:
            for _ in range(options.connections):
                stack.enter_context(closing(socket.create_connection(server.host_and_port, timeout=10)))
            time.sleep(5)
        with background_clients(server.address) as late:
            time.sleep(3)
        after = server.total_memory()
    wrong.failures(seen)
    wrong.failures(late)
    wrong.unless(late.right > 0, "clients that came later were not answered")
    wrong.growth(before, after)
    return f"{options.connections} idle connections: {seen.summary()}; clients that came later: {late.summary()}", wrong


def drip(options: argparse.Namespace) -> Result:
    """Send headers and bodies a byte at a time, over many connections."""
    wrong = Findings()
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 5000\r\n\r\n"
    with serve(DIGITPAD_RUNTIME=options.runtime) as server, ExitStack() as stack:
        slow = [
            stack.enter_context(closing(socket.create_connection(server.host_and_port))) for _ in range(options.drips)
        ]
        with background_clients(server.address) as seen:
            for connection in slow[1::2]:  # the others drip the header, too
                connection.sendall(head)
            for second in tqdm(range(options.drip_seconds), desc="dripping", leave=False):
                for k, connection in enumerate(slow):
                    with contextlib.suppress(OSError):  # the server may have closed it
                        connection.sendall(b"x" if k % 2 else head[second : second + 1])
                time.sleep(1)
    wrong.failures(seen)
    wrong.unless(seen.right > 20 * options.drip_seconds, f"only {seen.right} good requests were answered meanwhile")
    return f"{options.drips} connections that drip for {options.drip_seconds} s: {seen.summary()}", wrong


def images(options: argparse.Namespace) -> Result:
    """Send mutated images."""
    sent = zip(itertools.cycle(IMAGE_TYPES), mutated_images(options.count, SEED), strict=False)
    return _flood(options, sent, f"{options.count:,} mutated images")


def documents(options: argparse.Namespace) -> Result:
    """Send mutated JSON bodies."""
    sent = (("application/json", content) for content in mutated_documents(options.count, SEED))
    return _flood(options, sent, f"{options.count:,} mutated JSON bodies")


def _flood(options: argparse.Namespace, sent: Iterator[tuple[str, bytes]], what: str) -> Result:
    """Send bodies to every endpoint that reads, in turn."""
    wrong, statuses = Findings(), Counter[int]()
    paths = itertools.cycle(("/predict", "/read", "/predict?input=true", "/inspect", "/predict?model=lenet5"))
    with serve(DIGITPAD_RUNTIME=options.runtime) as server:
        workers, before = server.processes(), 0.0
        with background_clients(server.address, count=1) as seen, ThreadPoolExecutor(4) as pool:
            jobs = ((path, content, kind) for path, (kind, content) in zip(paths, sent, strict=False))
            with tqdm(total=options.count, desc=what, leave=False) as bar:
                while batch := list(itertools.islice(jobs, 200)):
                    statuses.update(pool.map(lambda job: send(server, *job), batch))
                    bar.update(len(batch))
                    if not before and bar.n >= options.count / 5:
                        before = server.total_memory()  # the first requests take memory once
        after = server.total_memory()
        wrong.unless(server.processes() == workers, "a worker died")
    wrong.unless(all(status < 500 for status in statuses), f"it answered with {dict(statuses)}")
    wrong.unless(0 not in statuses, f"{statuses[0]} requests were not answered")
    wrong.growth(before, after)
    wrong.failures(seen)
    answers = ", ".join(f"{count:,} × {status}" for status, count in sorted(statuses.items()))
    return f"{what}: {answers}; {before:.0f} → {after:.0f} MB; meanwhile {seen.summary()}", wrong


def send(server: Server, path: str, content: bytes, kind: str) -> int:
    """Send one request over a connection of its own. Returns the status: 0 where there is no answer."""
    with closing(http.client.HTTPConnection(server.address, timeout=60)) as connection:
        try:
            connection.request("POST", path, content, {"Content-Type": kind})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return 0
        return answer.status


SCENARIOS: dict[str, Callable[[argparse.Namespace], Result]] = {
    scenario.__name__: scenario for scenario in (kills, swaps, corrupt, disk, connections, drip, images, documents)
}
