"""What must have been committed, recomputed from the committed input by a sequential reading of it.

Shares no code with the program: topics come through reader.py, and a record's validity, repeats and the figures of a
customer are worked out here. Holds for generated shops: transactions carry their customer, and only those that are
malformed in one of the generator's ways are bad.
"""
from __future__ import annotations

import base64
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from live import INPUTS
from reader import Reader, Record

FIGURES = ("orders", "items", "gross", "returns_net", "net")


@dataclass
class Truth:
    """Of the whole input."""
    counters: dict[str, Counter] = field(default_factory=dict)
    bad: Counter = field(default_factory=Counter)  # by topic, partition, offset and bytes
    figures: dict[str, dict[str, Decimal]] = field(default_factory=lambda: defaultdict(no_figures))

    def records(self) -> int:
        return sum(counts["read"] for counts in self.counters.values())


def no_figures() -> dict[str, Decimal]:
    return dict.fromkeys(FIGURES, Decimal(0))


def event_of(value: bytes | None) -> dict | None:
    """The record, or nothing where it is malformed."""
    try:
        event = json.loads(value or b"", parse_float=Decimal)
    except ValueError:
        return None
    if not isinstance(event, dict) or not event.get("event_id"):
        return None
    return None if str(event.get("event_time", "")).startswith("20-") else event


def truth_of(reader: Reader, name: str) -> Truth:
    truth = Truth()
    for topic in INPUTS:
        counts = truth.counters[topic] = Counter(read=0, processed=0, dead_letters=0, duplicates=0)
        seen = set()
        for record in reader.records(f"{name}.in.{topic}"):
            counts["read"] += 1
            event = event_of(record.value)
            if event is None:
                counts["dead_letters"] += 1
                truth.bad[topic, record.partition, record.offset, record.value] += 1
            elif (event.get("source"), event["event_id"]) in seen:
                counts["duplicates"] += 1
            else:
                seen.add((event.get("source"), event["event_id"]))
                counts["processed"] += 1
                if topic == "transactions":
                    add(truth.figures[event["customer_id"]], event)
    return truth


def add(figures: dict[str, Decimal], transaction: dict) -> None:
    paid = sum((Decimal(line["unit_price"]) * Decimal(line["quantity"]) for line in transaction["lines"]), Decimal(0))
    if transaction["kind"] == "sale":
        figures["orders"] += 1
        figures["items"] += sum(Decimal(line["quantity"]) for line in transaction["lines"])
        figures["gross"] += paid
        figures["net"] += paid
    else:
        figures["returns_net"] += paid
        figures["net"] -= paid


def differences(truth: Truth, counters: dict, outputs: dict[str, list[Record]]) -> list[str]:
    """Of the counters, the dead letters and every customer's last rfm record; each in words."""
    found = []
    for topic, counts in truth.counters.items():
        told = {name: counters.get(topic, {}).get(name) for name in counts}
        if told != dict(counts):
            found.append(f"counters of {topic}: {told} instead of {dict(counts)}")
    return found + dead_letter_differences(truth, outputs["dead_letters"]) + figure_differences(truth, outputs["rfm"])


def dead_letter_differences(truth: Truth, records: list[Record]) -> list[str]:
    letters: Counter = Counter()
    for record in records:
        letter = json.loads(record.value or b"")
        letters[letter["topic"], letter["partition"], letter["offset"], base64.b64decode(letter["raw"])] += 1
    return ([f"dead letter {times} times too few: {place}" for place, times in (truth.bad - letters).items()]
            + [f"dead letter {times} times too often: {place}" for place, times in (letters - truth.bad).items()])


def figure_differences(truth: Truth, records: list[Record]) -> list[str]:
    last = {}
    for record in records:
        figures = json.loads(record.value or b"", parse_float=Decimal)
        last[figures["customer_id"]] = figures
    found = [f"rfm of {customer}, who has no transaction" for customer in last.keys() - truth.figures.keys()]
    for customer, figures in truth.figures.items():
        told = {name: Decimal(last[customer][name]) for name in FIGURES} if customer in last else None
        if told != figures:
            found.append(f"last rfm of {customer}: {told} instead of {figures}")
    return found
