"""Records of `targets`, and what a receiver must know after them: worked out here, not by the program."""
from __future__ import annotations

import json
import random
from pathlib import Path


def record(number: int, customer: str, op: str, *, target_list: str = "winback", eligible: bool = True,
           group: str = "treatment", **identifiers: str) -> dict:
    return {"key": f"{target_list}|{customer}",
            "event_time": f"2024-01-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.000Z",
            "engine": {"name": "nudge", "version": "0.1.0"}, "list_id": target_list, "list_version": 1, "op": op,
            "customer_id": customer, "identifiers": {"customer_id": customer, **identifiers},
            "probability": 0.412345, "percentile": 61.2, "band": "hesitant", "channel": "email",
            "campaign_id": "come_back", "group": group, "eligible": eligible,
            "suppressed_by": [] if eligible else ["frequency_cap"], "recommendations": [], "reasons": [],
            "valid_until": "2024-02-01T00:00:00.000Z"}


def stream(seed: int, count: int, customers: int) -> list[dict]:
    """Memberships that come, change and go; some of customers whom no receiver may hear of."""
    chance = random.Random(seed)
    members: set[tuple[str, str]] = set()
    records = []
    for number in range(count):
        customer = f"c{chance.randrange(customers)}"
        name = chance.choice(["winback", "hesitant"])
        group = "control" if int(customer[1:]) % 5 == 0 else "treatment"
        member = (name, customer)
        op = "enter" if member not in members else chance.choice(["update", "update", "exit"])
        members.discard(member) if op == "exit" else members.add(member)
        records.append(record(number, customer, op, target_list=name, group=group, eligible=chance.random() < 0.7,
                              email=f"{customer}@example.com"))
    return records


def changes_of(records: list[dict]) -> dict[str, list[tuple[str, str, str]]]:
    """For each customer what the receiver is told, in order: (list, change, event_time)."""
    known: set[str] = set()
    changes: dict[str, list[tuple[str, str, str]]] = {}
    for entry in records:
        wanted = entry["op"] != "exit" and entry["eligible"] and entry["group"] == "treatment"
        if not wanted and entry["key"] not in known:
            continue
        change = ("update" if entry["key"] in known else "enter") if wanted else "exit"
        known.add(entry["key"]) if wanted else known.discard(entry["key"])
        changes.setdefault(entry["customer_id"], []).append((entry["list_id"], change, entry["event_time"]))
    return changes


def write(folder: Path, records: list[dict], mode: str = "w") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "targets.jsonl").open(mode, encoding="utf-8") as file:
        file.writelines(json.dumps(entry, separators=(",", ":")) + "\n" for entry in records)
