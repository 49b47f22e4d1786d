"""Rules of live segments: who is in one at the end decides; counted by brute force over each customer's sales."""
from __future__ import annotations

import json
from collections import Counter
from itertools import permutations
from pathlib import Path

from predictions import DAY
from program import Failed, Place
from recommendations import Customer, shop

SEGMENTS = ("s1", "s2", "s3")
HORIZON, WINDOW = 8 * 7 * DAY, 140 * DAY
COUNT_LEAST = 5


def config(place: Place) -> Path:
    conditions = {name: f"segment_kinds = '{name}'" for name in SEGMENTS}
    path = place.folder / "live_segments.yaml"
    path.write_text(json.dumps({  # which is YAML
        "name": "live_segments", "engine": {"epoch": "1d", "disorder": "1m"}, "input": {"path": "data"},
        "operators": {
            "profile": {},
            "segments": [{"name": "kinds", "features": ["orders", "mean_order_value"], "k": 3, "wait_for": 0}],
            "basket_rules": [{"name": "baskets", "items": ["{category}"], "for": conditions, "window": "140d",
                              "slide": "28d", "min_support": 0.02, "min_confidence": 0.1, "max_items": 2}],
            "sequence_rules": [{"name": "next", "items": ["{category}"], "for": conditions, "window": "140d",
                                "slide": "28d", "horizon": "8w", "holdout": "6w", "min_count": COUNT_LEAST}]}}))
    return path


def baskets(customers: list[Customer], after: int) -> tuple[int, Counter, Counter]:
    alone, together, total = Counter(), Counter(), 0
    for customer in customers:
        for time, items in customer.purchases:
            if time > after:
                total += 1
                alone.update(items)
                together.update(permutations(items, 2))
    return total, alone, together


def spells(customer: Customer, first: str, then: str, after: int) -> tuple[int, int]:
    """How many begin in the window, and how many of them end with `then` within the horizon."""
    begun, ended, start = 0, 0, None
    moments: dict[int, set[str]] = {}
    for time, items in customer.purchases:
        moments.setdefault(time, set()).update(items)
    for time, items in sorted(moments.items()):
        if start is not None and time - start >= HORIZON:
            start = None
        elif start is not None and then in items:
            ended += start > after
            start = None
        if start is None and first in items:
            start = time
            begun += start > after
    return begun, ended


def exact(place: Place, data: Path) -> str:
    output = place.replay(config(place), data, "live_segments")
    members = {}
    for line in (output / "segments.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["record"] == "membership" and record["id"] == "kinds":
            members[record["customer_id"]] = record["segment_id"]
    customers = shop(data)
    records = [json.loads(line) for line in (output / "rules.jsonl").read_text().splitlines()]
    until = max(record["event_time"] for record in records)
    counted = Counter()
    for record in records:
        if record["event_time"] != until or record["status"] == "expired":
            continue
        inside = [customer for name, customer in customers.items() if members.get(name) == record["segment"]]
        end = max(time for customer in customers.values() for time, _ in customer.purchases)
        (first,), (then,) = record["antecedent"], record["consequent"]
        if record["kind"] == "basket":
            total, alone, together = baskets(inside, end - WINDOW)
            wanted = {"n_antecedent": alone[first], "n_both": together[first, then], "n_total": total}
        else:
            told = [spells(customer, first, then, end - WINDOW) for customer in inside]
            wanted = {"n_antecedent": sum(begun for begun, _ in told), "n_both": sum(ended for _, ended in told)}
        if any(record[name] != value for name, value in wanted.items()):
            raise Failed(f"{record['rule_id']}: told {[record[name] for name in wanted]}, is {wanted}")
        counted[record["kind"], record["segment"]] += 1
    if sum(counted["basket", name] > 0 and counted["sequence", name] > 0 for name in SEGMENTS) < 2:
        raise Failed(f"too few rules: {counted}")
    return ", ".join(f"{count} {kind} rules of {segment}" for (kind, segment), count in sorted(counted.items()))
