"""The production server, as `make run` starts it, on a port of its own."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from urllib.error import HTTPError

from tests.helpers.drawings import ROOT


class Server:
    """A gunicorn server. It can be stopped and started again at the same address."""

    def __init__(self, application: str = "app:create_app()", ready: str = "readyz") -> None:
        self.application, self.ready = application, ready
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.address}/"
        self.instance = Path(tempfile.gettempdir()) / f"digitpad-{uuid.uuid4().hex}"  # no corrections of the user's own
        self.output: int | IO[bytes] = subprocess.DEVNULL
        self.errors: int | IO[bytes] = subprocess.DEVNULL
        self.process: subprocess.Popen | None = None
        self.inside: list[str] = []  # a command that the server's runs in

    def start(self, **settings: str) -> None:
        command = [*self.inside, sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", self.application]
        environment = {**os.environ, "DIGITPAD_BIND": self.address, "DIGITPAD_WORKERS": "1", **settings}
        environment.setdefault("DIGITPAD_DATABASE_URL", str(self.instance / "corrections.sqlite3"))
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=self.output, stderr=self.errors)
        wait_for(self._is_ready)

    @contextlib.contextmanager
    def running(self, **settings: str) -> Iterator["Server"]:
        """Run until the block ends."""
        try:
            self.start(**settings)
            yield self
        finally:
            self.stop()

    def _is_ready(self) -> bool:
        with urllib.request.urlopen(f"{self.url}{self.ready}", timeout=5) as answer:
            return answer.status == 200

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def workers(self) -> list[int]:
        """Return the process ids of the workers, as Linux lists them."""
        number = self.process.pid
        return [int(child) for child in Path(f"/proc/{number}/task/{number}/children").read_text().split()]

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None
            shutil.rmtree(self.instance, ignore_errors=True)


def free_port() -> int:
    """Find a TCP port that nobody listens on."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until `condition` is true. OSError counts as false."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError):
            if condition():
                return
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def post(server: Server, path: str, content: bytes | dict) -> tuple[int, dict]:
    """Send an image file, or a document as JSON. Returns the status and the answer."""
    kind = "image/png" if isinstance(content, bytes) else "application/json"
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    request = urllib.request.Request(f"{server.url}{path}", body, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)
