"""Slow clients do not stop other clients, and a server that stops answers the requests under way."""

import contextlib
import http.client
import json
import signal
import socket
import ssl
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.helpers.drawings import png_of
from tests.helpers.server import Server
from web import worker

SEVEN = png_of("7")
HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n" % len(SEVEN)
PATIENCE = 2  # in seconds


@pytest.fixture(scope="module")
def few():
    """Run a server with few threads that cuts off no slow client within the time of a test."""
    with running(60) as server:
        yield server


@pytest.fixture(scope="module")
def impatient():
    """Run a server with few threads that cuts off slow clients after PATIENCE."""
    with running(PATIENCE) as server:
        yield server


@pytest.fixture(scope="module")
def patient():
    """Run a server with few threads that cuts off slow clients after 10 s, and after 1 s if others wait."""
    with running(10, GUNICORN_CMD_ARGS="--keep-alive 1") as server:
        yield server


def running(max_seconds: int, **settings: str):
    settings |= {"DIGITPAD_THREADS": "4", "DIGITPAD_MAX_IN_FLIGHT": "20", "DIGITPAD_MAX_SECONDS": str(max_seconds)}
    return Server().running(**settings)


@contextlib.contextmanager
def connections(server: Server, count: int):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(server.connect()) for _ in range(count)]


def ask(server: Server) -> tuple[int, float]:
    """Send a request. Returns the status and the time in seconds."""
    started = time.monotonic()
    with contextlib.closing(http.client.HTTPConnection(server.address, timeout=30)) as connection:
        connection.request("POST", "/predict", SEVEN, {"Content-Type": "image/png"})
        response = connection.getresponse()
        response.read()
        return response.status, time.monotonic() - started


def answer_on(client: socket.socket) -> tuple[int, dict]:
    response = http.client.HTTPResponse(client)
    response.begin()
    with contextlib.closing(response):
        return response.status, json.loads(response.read())


CHUNKED = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_what_does_not_arrive_is_not_waited_for(impatient):
    """A slow body is answered 408, with a length or in chunks; slow headers end the connection."""
    with connections(impatient, 3) as (with_length, in_chunks, headers):
        started = time.monotonic()
        with_length.sendall(HEAD + SEVEN[:100])
        in_chunks.sendall(CHUNKED + b"5\r\nab")
        headers.sendall(HEAD[:30])
        for client in (with_length, in_chunks):
            status, problem = answer_on(client)
            assert (status, problem["title"]) == (408, "Request Timeout")
            assert PATIENCE - 1 < time.monotonic() - started < PATIENCE + 4
        assert headers.recv(100) == b""
        assert time.monotonic() - started < PATIENCE + 4


@pytest.mark.parametrize("chunk", [b"x\r\n", b"-1\r\n", b"5\r\nabcdefgh\r\n", b"5;=\r\n", b"f" * 9000])
def test_malformed_chunks_are_no_mistake_of_ours(few, chunk):
    with few.connect() as client:
        client.sendall(CHUNKED + chunk)
        status, problem = answer_on(client)
    assert (status, problem["title"]) == (400, "Malformed request")


def test_a_body_in_chunks_is_read(few):
    with few.connect() as client:
        client.sendall(CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(SEVEN), SEVEN))
        status, answer = answer_on(client)
    assert (status, answer["label"]) == (200, "7")


def test_connections_that_send_nothing_hold_no_thread(few):
    with connections(few, 40):
        time.sleep(0.2)
        assert [ask(few)[0] for _ in range(5)] == [200] * 5
        assert ask(few)[1] < 2


def test_beyond_what_a_worker_takes_in_it_says_so_and_probes_are_answered(few):
    """Four clients hold the threads. Of forty requests behind them, all but sixteen are refused."""
    with connections(few, 4) as slow, connections(few, 40) as clients:
        for client in slow:
            client.sendall(HEAD + SEVEN[:-1])
        time.sleep(0.5)
        for client in clients:
            client.sendall(HEAD + SEVEN)
        time.sleep(1)
        with few.connect() as probe:
            probe.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.2)
            for client in slow:
                client.sendall(SEVEN[-1:])
            answers = [answer_on(client) for client in (*slow, *clients)]
            assert answer_on(probe)[0] == 200
    counts = Counter(status for status, _ in answers)
    assert counts == {200: 20, 503: 24}
    assert {problem["title"] for status, problem in answers if status == 503} == {"Busy"}


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
def test_who_has_closed_a_connection_is_known_and_nobody_else(secure):
    for sent, gone in ((b"", False), (b"x", False), (None, True)):
        server, client = socket.socketpair()
        if secure:  # no handshake is needed to ask
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server = context.wrap_socket(server, server_side=True, do_handshake_on_connect=False)
        with server, client:
            client.close() if sent is None else client.send(sent)
            assert worker.is_closed(server) is gone


def test_clients_that_leave_take_nobodys_place(few):
    with connections(few, 4) as slow, connections(few, 16) as clients:
        for client in slow:
            client.sendall(HEAD + SEVEN[:-1])
        with connections(few, 40):
            time.sleep(0.5)
        time.sleep(0.5)
        for client in clients:
            client.sendall(HEAD + SEVEN)
        time.sleep(1)
        for client in slow:
            client.sendall(SEVEN[-1:])
        assert [answer_on(client)[0] for client in (*slow, *clients)] == [200] * 20


def test_who_does_not_read_the_answers_is_not_waited_for(impatient):
    """Four clients ask for more than the system's buffers hold and read nothing: they hold all threads for a while."""
    with connections(impatient, 4) as deaf, ThreadPoolExecutor(4) as pool:
        pool.map(ask_for_much, deaf)
        answers = [ask(impatient)]
        while answers[-1][1] < 1 and len(answers) < 2000:  # the buffers fill up first
            answers.append(ask(impatient))
        for client in deaf:
            client.shutdown(socket.SHUT_RDWR)
    assert {status for status, _ in answers} == {200}
    assert 1 < answers[-1][1] < PATIENCE + 4


def ask_for_much(client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)


@pytest.mark.parametrize("begun", [HEAD[:30], HEAD + SEVEN[:100]], ids=["headers", "bodies"])
def test_as_many_slow_clients_as_there_are_threads_stop_nobody_for_long(patient, begun):
    """Four at a time, they are cut off after a second once another request waits."""
    stop = threading.Event()

    def drip(client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            client.sendall(begun)
            while not stop.wait(0.2):
                client.sendall(b"x")

    with connections(patient, 8) as clients, ThreadPoolExecutor(8) as pool:
        pool.map(drip, clients)
        time.sleep(0.5)
        status, took = ask(patient)
        stop.set()
    assert status == 200
    assert took < 8  # and not two times ten seconds


@pytest.mark.slow
def test_one_slow_client_is_given_its_time_however_much_there_is_to_do(patient):
    end, statuses = time.monotonic() + 3.5, set()

    def hurry(_: int) -> None:
        while time.monotonic() < end:
            statuses.add(ask(patient)[0])

    with patient.connect() as client, ThreadPoolExecutor(12) as pool:
        client.sendall(HEAD + SEVEN[:-1])
        others = pool.map(hurry, range(12))
        time.sleep(3)
        client.sendall(SEVEN[-1:])
        status, _ = answer_on(client)
        list(others)  # raises what they raised
    assert status == 200
    assert statuses <= {200, 503}  # the others are told where there are too many of them


def test_a_connection_that_says_nothing_is_ended(patient):
    with patient.connect() as client:
        started = time.monotonic()
        assert client.recv(100) == b""
    assert time.monotonic() - started < 5


def test_a_stop_waits_for_what_is_under_way(few):  # the last that asks this server
    process = few.process
    with few.connect() as client, few.connect():
        client.sendall(HEAD + SEVEN[:-10])
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        time.sleep(1)
        assert process.poll() is None
        client.sendall(SEVEN[-10:])
        status, answer = answer_on(client)
        assert (status, answer["label"]) == (200, "7")
        assert process.wait(10) == 0  # the connection that says nothing is not waited for
