"""Writes canonical input folders: DIR/<topic>.jsonl, or one file per partition, in order of event time."""
from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

MICRO = 1_000_000
CONSENT_SHARE = {"email": 0.7, "video": 0.7}
TOPICS = ("transactions", "page_views", "campaign_events", "products", "customers", "care")


class DataError(Exception):
    """Input that is missing or is not what it should be."""


def lines_of(folder: Path, name: str) -> Iterator[str]:
    """The lines of FOLDER/name.csv or name.csv.zst."""
    plain, packed = folder / f"{name}.csv", folder / f"{name}.csv.zst"
    if plain.exists():
        with plain.open(encoding="utf-8", newline="") as file:
            yield from file
    elif packed.exists():
        with subprocess.Popen(["zstd", "-dc", str(packed)], stdout=subprocess.PIPE) as process:
            yield from io.TextIOWrapper(process.stdout, encoding="utf-8", newline="")
        if process.returncode:
            raise DataError(f"{packed}: zstd failed")
    else:
        raise DataError(f"neither {plain} nor {packed.name} is there")


def rows(folder: Path, name: str, columns: tuple[str, ...]) -> Iterator[list[str]]:
    """The rows of a CSV file; its header must be `columns`."""
    reader = csv.reader(lines_of(folder, name))
    header = tuple(next(reader))
    if header != columns:
        raise DataError(f"{name}: the columns are {', '.join(header)}, not {', '.join(columns)}")
    return reader


def micro(text: str) -> int:
    """An amount of money in millionths; `text` is a decimal with at most six digits after the point."""
    whole, _, fraction = text.partition(".")
    if len(fraction) > 6:
        return round(float(text) * MICRO)
    value = abs(int(whole or "0")) * MICRO + int((fraction or "0").ljust(6, "0"))
    return -value if whole.startswith("-") else value


def money(value: int) -> str:
    """Millionths as a JSON number with no more digits than needed."""
    whole, fraction = divmod(value, MICRO)
    return f"{whole}.{fraction:06d}".rstrip("0").rstrip(".") if fraction else str(whole)


def per_unit(value: int, quantity: int) -> str:
    """`value` millionths shared by `quantity` units, rounded to a millionth."""
    return money((2 * value + quantity) // (2 * quantity))


def share_of(*parts: str) -> float:
    """A number in [0, 1) that depends on the parts alone."""
    digest = hashlib.blake2b("|".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def simulated_consents(customer: str, at: str) -> list[dict]:
    """The data has no consents: they are simulated, by a hash of the customer."""
    return [{"channel": channel, "status": "granted" if share_of("consent", channel, customer) < share else "denied",
             "at": at} for channel, share in CONSENT_SHARE.items()]


def encode(record: dict) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


class Folder:
    """A canonical input folder in the making. Lines are (time, key, line); `time` sorts as text or number."""

    def __init__(self, path: Path, partitions: int = 1, level: int | None = None):
        self.path, self.partitions, self.level = path, partitions, level
        self.counts: Counter = Counter()
        path.mkdir(parents=True, exist_ok=True)
        name = re.compile(rf"({'|'.join(TOPICS)})(-\d+)?\.jsonl(\.zst)?")
        for old in path.iterdir():
            if name.fullmatch(old.name):
                old.unlink()

    def write(self, topic: str, records: Iterable[tuple[object, str, str]]) -> None:
        parts: list[list[str]] = [[] for _ in range(self.partitions)]
        for _, key, line in sorted(records, key=lambda record: record[0]):
            parts[zlib.crc32(key.encode()) % self.partitions if self.partitions > 1 else 0].append(line)
        for number, lines in enumerate(parts):
            self.counts[topic] += len(lines)
            name = topic if self.partitions == 1 else f"{topic}-{number:0{len(str(self.partitions - 1))}d}"
            self._store(self.path / f"{name}.jsonl", lines)

    def _store(self, path: Path, lines: list[str]) -> None:
        content = "".join(line + "\n" for line in lines).encode()
        if self.level is None:
            path.write_bytes(content)
            return
        command = ["zstd", "-q", f"-{self.level}", "--ultra" if self.level > 19 else "-T1", "--long=27", "-c"]
        packed = subprocess.run(command, input=content, stdout=subprocess.PIPE, check=True).stdout
        path.with_suffix(".jsonl.zst").write_bytes(packed)
