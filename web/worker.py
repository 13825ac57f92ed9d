"""gunicorn's threaded worker, with limits on slow clients.

gunicorn gives a thread to every new connection and reads the request in it without a deadline: as many clients as there
are threads, each sending a byte now and then, would stop a worker. In this worker
- a connection gets a thread when its first bytes have arrived;
- a request that has not arrived after MAX_SECONDS is cut off, and the application answers 408; after a tenth of that
  when slow clients hold half of the threads and other requests wait;
- a client that does not read its answer is cut off after MAX_SECONDS;
- each request is told how many the worker has at work, so that the application can answer 503 (web/limits.py);
- a worker with many connections leaves new ones to the others.

A proxy that buffers requests, as nginx does, does the first three better. They are here for servers without one.

This class overrides methods of gunicorn's ThreadWorker that are not documented. When gunicorn is updated, compare it
with the new gunicorn/workers/gthread.py first: tests/web/test_worker.py fails until that is done.
"""

import contextlib
import socket
import struct
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from web import limits
from web.limits import Arrival

HURRIED = 0.1  # of MAX_SECONDS: the time for a request to arrive while others wait
ACCEPT_DELAY = 50e-6  # in seconds, before a new connection is taken, for each that the worker has
MAX_ACCEPT_DELAY = 1e-3


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A threaded worker whose threads no slow client can hold for long."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._arrivals: dict[Any, Arrival] = {}  # by connection, those that have a thread
        self._in_flight = 0  # requests that have a thread or wait for one; only the main thread counts

    def accept(self, listener: Any) -> None:
        """Take a new connection, after a delay that grows with the number of connections.

        All workers wait for the same new connections: without the delay, one worker may take most of them.
        """
        if self.cfg.workers > 1:
            time.sleep(min(self.nr_conns * ACCEPT_DELAY, MAX_ACCEPT_DELAY))
        super().accept(listener)

    def enqueue_req(self, conn: Any) -> None:
        """Queue a connection for a thread if bytes have arrived; otherwise wait for them in the main thread."""
        if conn.initialized or conn.data_ready:
            if is_closed(conn.sock):  # needs no thread, and does not count as a request
                self.nr_conns -= 1
                conn.close()
                return
            self._in_flight += 1
            conn.place = self._in_flight
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Take a connection back from its thread."""
        self._in_flight -= 1
        super().finish_request(conn, fs)

    def handle(self, conn: Any) -> Any:
        """Serve a connection, in a thread."""
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(self._max_seconds()), 0))
        self._arrivals[conn] = Arrival(conn.place)
        try:
            return super().handle(conn)
        finally:
            del self._arrivals[conn]

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Serve a request whose headers have arrived, in a thread."""
        limits.arrival.set(self._arrivals[conn])
        return super().handle_request(req, conn)

    def notify(self) -> None:
        """Tell gunicorn that the worker lives, and cut off slow clients. The main thread calls this every second."""
        super().notify()
        now = time.monotonic()
        if not self.alive:
            for conn in self.pending_conns:  # browsers open connections that they may never use
                conn.timeout = min(conn.timeout, now + STOP_KEEPALIVE_LINGER)
        hurried = HURRIED * self._max_seconds()
        ages = [(now - arrival.since, conn) for conn, arrival in list(self._arrivals.items()) if not arrival.is_whole]
        slow = sum(age > hurried for age, _ in ages)
        others_wait = self._in_flight > self.cfg.threads and 2 * slow >= self.cfg.threads
        for age, conn in ages:
            if age > (hurried if others_wait else self._max_seconds()):
                # The thread reads an end instead of waiting, and can still answer.
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)

    def _max_seconds(self) -> float:
        return float(self.wsgi.config["MAX_SECONDS"])


def is_closed(client: socket.socket) -> bool:
    """Tell whether a client has closed its connection and left nothing to read."""
    try:
        # The plain socket's method: that of a TLS socket takes no flags.
        return not socket.socket.recv(client, 1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
