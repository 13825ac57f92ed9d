"""Gunicorn's threaded worker, made patient with slow clients, and only as long as nobody waits for their thread.

Gunicorn gives a thread to every new connection, reads headers and bodies in it, and waits for the rest of them without
an end: as many clients as there are threads, each sending a byte now and then, would stop it. Here a connection gets a
thread once something has arrived; a request that has not arrived whole after a while is ended, which the application
answers with 408; and the while is short when slow clients hold half of the threads and others wait for one. Each
request is told how many were there before it, so that the application can turn it away (web/limits.py).
"""

import contextlib
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from web import limits

IMPATIENT = 3.0  # in seconds, for a request to arrive while others wait
HESITATION = 50e-6  # in seconds, before a new connection is taken, for each that the worker has
LONGEST_HESITATION = 1e-3


@dataclass
class Arrival:
    """A connection that has a thread: since when, by time.monotonic, and its request once the headers are there."""

    since: float = field(default_factory=time.monotonic)
    request: Any = None

    @property
    def is_whole(self) -> bool:
        """Whether all of the request was read."""
        if self.request is None:
            return False
        reader = self.request.body.reader
        return getattr(reader, "length", None) == 0 or getattr(reader, "parser", self) is None


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn tells no types
    """A threaded worker whose threads nobody can hold for long."""

    tpool: ThreadPoolExecutor

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._arrivals: dict[Any, Arrival] = {}
        self._in_flight = 0  # requests that have a thread or wait for one; only the main thread counts

    def accept(self, listener: Any) -> None:
        """Take a new connection, unless a worker that has fewer is quicker.

        All workers wait for the same new connections, and each keeps those that it took: without this, one of them may
        end up with all of what another has time for.
        """
        if self.cfg.workers > 1:
            time.sleep(min(self.nr_conns * HESITATION, LONGEST_HESITATION))
        super().accept(listener)

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection a thread, once there is something to read."""
        if conn.initialized or conn.data_ready:
            if is_gone(conn.sock):  # to find that out takes no thread, and no place among the requests
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
        # Who does not read the answer is not waited for without an end, either.
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(self._patience()), 0))
        self._arrivals[conn] = Arrival()
        try:
            return super().handle(conn)
        finally:
            del self._arrivals[conn]

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Serve one request, whose headers have arrived."""
        self._arrivals[conn].request = req
        limits.place.set(conn.place)
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """End what takes too long to arrive. The main thread calls this every second."""
        now = time.monotonic()
        if not self.alive:
            for conn in self.pending_conns:  # browsers open connections that they may never use
                conn.timeout = min(conn.timeout, now + STOP_KEEPALIVE_LINGER)
        super().murder_pending()
        coming = [(now - arrival.since, conn) for conn, arrival in list(self._arrivals.items()) if not arrival.is_whole]
        slow = sum(age > IMPATIENT for age, _ in coming)
        # Others wait, and not because there is so much to compute.
        wanted = self.tpool._work_queue.qsize() > 0 and 2 * slow >= self.cfg.threads
        for age, conn in coming:
            if age > (IMPATIENT if wanted else self._patience()):
                # The thread reads an end where it waited for more; it can still answer.
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)

    def _patience(self) -> float:
        """Return for how long a request may arrive, in seconds, while nobody waits."""
        return float(self.wsgi.config["MAX_SECONDS"])


def is_gone(client: socket.socket) -> bool:
    """Say whether a client has closed its connection, and sent nothing before."""
    try:
        # The connection itself is asked: a TLS socket's own recv knows no flags.
        return not socket.socket.recv(client, 1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
