"""A TCP proxy before a broker that delays, cuts and drops, also at requests of a kind.

Clients reach it where the broker's listener PROXIED says that the broker is (tools/kafka-local --proxy). What comes
from clients is passed on request by request, what comes from the broker as it comes.
"""
from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable

HOST = "127.0.0.1"
# Kafka's numbers of requests, by their names here.
REQUESTS = {"produce": 0, "fetch": 1, "init_producer": 22, "add_partitions": 24, "add_offsets": 25,
            "end_transaction": 26, "commit_offsets": 28}


class Connection:
    """One client's, with its way to the broker."""

    def __init__(self, client: socket.socket, broker: socket.socket) -> None:
        self.client, self.broker = client, broker
        self.mute = False  # what the broker says gets lost

    def cut(self) -> None:
        """As a network would: without a farewell."""
        for end in (self.client, self.broker):
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(OSError):
                end.close()


class Proxy:
    """Serves from its making on, until close(). The faults may be asked for by any thread."""

    def __init__(self, port: int, broker: int) -> None:
        self.broker = broker
        self.connections: set[Connection] = set()
        self.delay = 0.0  # of everything
        self.passes = threading.Event()
        self.passes.set()
        self.lock = threading.Lock()
        self.at_request: tuple[int, Callable[[Connection, bytes], None]] | None = None
        self.listener = socket.create_server((HOST, port))
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes who accepts
        self.listener.close()
        self.passes.set()
        self.cut()

    def accept(self) -> None:
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client: socket.socket) -> None:
        try:
            broker = socket.create_connection((HOST, self.broker), timeout=5)
        except OSError:
            client.close()
            return
        broker.settimeout(None)
        for end in (client, broker):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(client, broker)
        with self.lock:
            self.connections.add(connection)
        threading.Thread(target=self.guarded, args=(self.answers, connection), daemon=True).start()
        self.guarded(self.requests, connection)

    def guarded(self, pump: Callable[[Connection], None], connection: Connection) -> None:
        with contextlib.suppress(OSError):
            pump(connection)
        connection.cut()
        with self.lock:
            self.connections.discard(connection)

    def requests(self, connection: Connection) -> None:
        while True:
            size = received(connection.client, 4)
            request = size + received(connection.client, struct.unpack(">i", size)[0])
            self.wait()
            with self.lock:
                rule = self.at_request
                hit = rule is not None and struct.unpack_from(">h", request, 4)[0] == rule[0]
                if hit:
                    self.at_request = None
            if hit and rule:
                rule[1](connection, request)
            else:
                connection.broker.sendall(request)

    def answers(self, connection: Connection) -> None:
        while content := connection.broker.recv(1 << 16):
            self.wait()
            if not connection.mute:
                connection.client.sendall(content)

    def wait(self) -> None:
        if self.delay:
            time.sleep(self.delay)
        self.passes.wait()

    # ---- the faults -------------------------------------------------------------------------

    def cut(self) -> None:
        """All connections end; new ones may come at once."""
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            connection.cut()

    def drop(self, seconds: float) -> None:
        """Nothing passes, and what was on its way is lost."""
        self.passes.clear()
        time.sleep(seconds)
        self.cut()
        self.passes.set()

    def hold(self, seconds: float) -> None:
        """Nothing passes meanwhile; then all of it does."""
        self.passes.clear()
        time.sleep(seconds)
        self.passes.set()

    def slow(self, delay: float, seconds: float) -> None:
        self.delay = delay
        time.sleep(seconds)
        self.delay = 0.0

    def at(self, request: str, how: str) -> None:
        """At the next request of the kind: `lost` before it reaches the broker, `unanswered` after, or `late`."""
        rules = {"lost": lambda connection, _: connection.cut(), "unanswered": unanswered, "late": late}
        with self.lock:
            self.at_request = REQUESTS[request], rules[how]

    def happened(self, seconds: float) -> bool:
        """Whether the request that `at` waits for has come."""
        until = time.monotonic() + seconds
        while self.at_request is not None and time.monotonic() < until:
            time.sleep(0.02)
        with self.lock:
            happened, self.at_request = self.at_request is None, None
        return happened


def unanswered(connection: Connection, request: bytes) -> None:
    connection.mute = True
    connection.broker.sendall(request)
    time.sleep(0.2)  # the broker does it meanwhile
    connection.cut()


def late(connection: Connection, request: bytes) -> None:
    time.sleep(3)
    connection.broker.sendall(request)


def received(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        part = connection.recv(size - len(content))
        if not part:
            raise OSError("closed")
        content += part
    return content
