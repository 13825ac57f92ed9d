"""Rate limits of several servers in one Redis, which may stop and come back."""

import os
import shutil
import signal
import socket
import subprocess
import time

import pytest
from flask import Flask

from app import create_app
from tests.helpers.server import free_port, wait_for

pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None and "CI" not in os.environ, reason="there is no redis-server to start"
)
LIMIT = 4


class Redis:
    """A Redis server that stores nothing on disk."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(self._is_ready)

    def _is_ready(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.sendall(b"PING\r\n")
            return client.recv(100).startswith(b"+PONG")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)


@pytest.fixture
def redis():
    redis = Redis()
    redis.start()
    yield redis
    redis.stop()


def ask(app: Flask) -> int:
    """Send a request that is counted. Returns the status."""
    return app.test_client().get("/models").status_code


def answered(app: Flask) -> int:
    """Send requests to a server until half of the limit was answered. Returns how many were."""
    count, until = 0, time.monotonic() + 30
    while count < LIMIT // 2 and time.monotonic() < until:
        time.sleep(0.2)
        count += ask(app) == 200
    return count


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_servers_count_together_and_each_for_itself_while_redis_is_gone(redis):
    servers = [create_app({"RATE_LIMIT": f"{LIMIT}/hour", "RATE_LIMIT_STORAGE": redis.url}) for _ in range(2)]
    assert [ask(server) for server in servers * 3] == [200] * LIMIT + [429] * 2
    redis.stop()
    for server in servers:
        assert [ask(server) for _ in range(LIMIT + 1)] == [200] * LIMIT + [429]
    redis.start()  # with no counts
    for server in servers:
        assert answered(server) == LIMIT // 2
    assert [ask(server) for server in servers] == [429] * 2


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_redis_that_hangs_holds_up_one_request_and_not_every_one(redis):
    app = create_app({"RATE_LIMIT": "100/minute", "RATE_LIMIT_STORAGE": redis.url})
    assert app.test_client().get("/models").status_code == 200
    redis.process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    assert {app.test_client().get("/models").status_code for _ in range(9)} == {200}
    assert time.monotonic() - started < 4
