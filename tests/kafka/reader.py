"""Reads what is committed in topics, in plain Python on Kafka's own protocol.

It shares no code with the program under test nor with its client library, so that a test does not take their word for
what a reader of committed data sees. Batches must be uncompressed (compression.codec: none).
"""
from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

FETCH, LIST_OFFSETS, METADATA = 1, 2, 3
FETCH_VERSION, LIST_OFFSETS_VERSION, METADATA_VERSION = 4, 2, 1
READ_COMMITTED, EARLIEST, LATEST = 1, -2, -1
COMPRESSED, TRANSACTIONAL, CONTROL = 0x07, 0x10, 0x20
FETCH_BYTES = 8 << 20
BATCH_HEADER = struct.Struct(">qiibIhiqqqhii")
ABORT_MARKER = 0


class Refused(Exception):
    """What a broker answered with an error."""


@dataclass(frozen=True)
class Record:
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Words:
    """Takes an answer apart, from its beginning on."""

    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, 0

    def number(self, form: str) -> int:
        value, = struct.unpack_from(">" + form, self.content, self.at)
        self.at += struct.calcsize(">" + form)
        return value

    def block(self, size: int) -> bytes:
        self.at += size
        return self.content[self.at - size:self.at]

    def text(self) -> str | None:
        size = self.number("h")
        return None if size < 0 else self.block(size).decode()

    def sized(self) -> bytes | None:
        """A block of a record, of which the size is a zigzag varint."""
        size = self.varint()
        return None if size < 0 else self.block(size)

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.content[self.at]
            self.at += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value >> 1 ^ -(value & 1)

    def several(self, form: str = "i") -> range:
        return range(self.number(form))


def text(words: str) -> bytes:
    encoded = words.encode()
    return struct.pack(">h", len(encoded)) + encoded


class Reader:
    """Of one cluster. A connection of its own to every broker that it needs."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap.split(",")
        self.connections: dict[tuple[str, int], socket.socket] = {}

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *unused: object) -> None:
        for connection in self.connections.values():
            connection.close()

    def records(self, topic: str) -> list[Record]:
        """Everything that is committed now, by partition and offset."""
        found = []
        for partition, broker in sorted(self.leaders(topic).items()):
            end = self.offset(broker, topic, partition, LATEST)
            found += self.partition(broker, topic, partition, self.offset(broker, topic, partition, EARLIEST), end)
        return found

    def size(self, topic: str) -> int:
        """How many committed records there are, the marks of transactions among them."""
        return sum(self.offset(leader, topic, partition, LATEST) - self.offset(leader, topic, partition, EARLIEST)
                   for partition, leader in self.leaders(topic).items())

    def leaders(self, topic: str) -> dict[int, tuple[str, int]]:
        """Of every partition the broker that leads it."""
        return {partition: leader for partition, (leader, _) in self.partitions(topic).items()}

    def in_sync(self, topic: str) -> int:
        """How many replicas are in sync of the partition that has the fewest."""
        return min(replicas for _, replicas in self.partitions(topic).values())

    def topics(self) -> list[str]:
        return sorted(self.described(struct.pack(">i", -1)))

    def partitions(self, topic: str) -> dict[int, tuple[tuple[str, int], int]]:
        """Of every partition the leader's address, and how many replicas are in sync."""
        return self.described(struct.pack(">i", 1) + text(topic))[topic]

    def described(self, topics: bytes) -> dict[str, dict[int, tuple[tuple[str, int], int]]]:
        answer = self.ask(self.any_broker(), METADATA, METADATA_VERSION, topics)
        brokers = {}
        for _ in answer.several():
            number = answer.number("i")
            brokers[number] = (answer.text() or "", answer.number("i"))
            answer.text()
        answer.number("i")
        found: dict[str, dict[int, tuple[tuple[str, int], int]]] = {}
        for _ in answer.several():
            error, name = answer.number("h"), answer.text() or ""
            refused(error, f"topic {name}")
            partitions = found.setdefault(name, {})
            answer.number("b")
            for _ in answer.several():
                answer.number("h")
                partition, leader = answer.number("i"), answer.number("i")
                answer.block(4 * answer.number("i"))
                in_sync = answer.number("i")
                answer.block(4 * in_sync)
                partitions[partition] = brokers.get(leader, ("", 0)), in_sync
        return found

    def any_broker(self) -> tuple[str, int]:
        for place in self.bootstrap:
            host, port = place.rsplit(":", 1)
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=5):
                return host, int(port)
        raise Refused(f"none of {self.bootstrap} answers")

    def offset(self, broker: tuple[str, int], topic: str, partition: int, when: int) -> int:
        body = struct.pack(">ibi", -1, READ_COMMITTED, 1) + text(topic) + struct.pack(">iiq", 1, partition, when)
        answer = self.ask(broker, LIST_OFFSETS, LIST_OFFSETS_VERSION, body)
        answer.number("i")
        answer.several()
        answer.text()
        answer.several()
        answer.number("i")
        refused(answer.number("h"), f"{topic}/{partition}")
        answer.number("q")
        return answer.number("q")

    def partition(self, broker: tuple[str, int], topic: str, partition: int, begin: int, end: int) -> Iterator[Record]:
        while begin < end:
            batches, aborted = self.fetch(broker, topic, partition, begin)
            found, after = committed(batches, aborted)
            if after <= begin:
                raise Refused(f"{topic}/{partition}: nothing is there at offset {begin}, before the end {end}")
            for offset, key, value in found:
                if begin <= offset < end:
                    yield Record(partition, offset, key, value)
            begin = after

    def fetch(self, broker: tuple[str, int], topic: str, partition: int, begin: int) -> tuple[bytes, list]:
        body = (struct.pack(">iiiibi", -1, 500, 1, FETCH_BYTES, READ_COMMITTED, 1) + text(topic)
                + struct.pack(">iiqi", 1, partition, begin, FETCH_BYTES))
        answer = self.ask(broker, FETCH, FETCH_VERSION, body)
        answer.number("i")
        answer.several()
        answer.text()
        answer.several()
        answer.number("i")
        refused(answer.number("h"), f"{topic}/{partition}")
        answer.number("q")
        answer.number("q")
        # Producer and the first offset of what it aborted.
        aborted = [(answer.number("q"), answer.number("q")) for _ in range(max(answer.number("i"), 0))]
        return answer.block(answer.number("i")), aborted

    def ask(self, broker: tuple[str, int], api: int, version: int, body: bytes) -> Words:
        if broker not in self.connections:
            self.connections[broker] = socket.create_connection(broker, timeout=30)
        connection = self.connections[broker]
        request = struct.pack(">hhi", api, version, 1) + text("nudge-test") + body
        connection.sendall(struct.pack(">i", len(request)) + request)
        size, = struct.unpack(">i", received(connection, 4))
        answer = Words(received(connection, size))
        answer.number("i")
        return answer


def refused(code: int, what: str) -> None:
    if code:
        raise Refused(f"{what}: the broker answers with error {code}")


def received(connection: socket.socket, size: int) -> bytes:
    parts = []
    while size > 0:
        part = connection.recv(min(size, 1 << 20))
        if not part:
            raise Refused("the broker closed the connection")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def committed(content: bytes, aborted: list[tuple[int, int]]
              ) -> tuple[list[tuple[int, bytes | None, bytes | None]], int]:
    """Offset, key and value of the records that no transaction took back, and the offset behind the last batch."""
    waiting = sorted((first, producer) for producer, first in aborted)
    dead: set[int] = set()
    found, at, after = [], 0, -1
    while at + BATCH_HEADER.size <= len(content):
        (base, length, _, _, _, attributes, last, _, _, producer, _, _, count
         ) = BATCH_HEADER.unpack_from(content, at)
        if at + 12 + length > len(content):
            break
        if attributes & COMPRESSED:
            raise Refused("a batch is compressed: set compression.codec to none")
        words = Words(content[at + BATCH_HEADER.size:at + 12 + length])
        at, after = at + 12 + length, base + last + 1
        while waiting and waiting[0][0] < after:
            dead.add(waiting.pop(0)[1])
        if attributes & CONTROL:
            _, _, key, _ = record_of(words)
            if struct.unpack(">hh", (key or b"")[:4])[1] == ABORT_MARKER:
                dead.discard(producer)
        elif not (attributes & TRANSACTIONAL and producer in dead):
            for _ in range(count):
                offset, _, key, value = record_of(words)
                found.append((base + offset, key, value))
    return found, after


def record_of(words: Words) -> tuple[int, int, bytes | None, bytes | None]:
    """Offset and time after the batch's first, key, value."""
    words.varint()
    words.number("b")
    time, offset = words.varint(), words.varint()
    key, value = words.sized(), words.sized()
    for _ in range(words.varint()):
        words.sized()
        words.sized()
    return offset, time, key, value
