"""Whether the segments of an output folder are the kinds of customers that were planted."""
from __future__ import annotations

import json
from collections import Counter
from math import comb
from pathlib import Path


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def adjusted_rand_index(pairs: list[tuple]) -> float:
    """Hubert & Arabie (1985)."""
    both = sum(comb(n, 2) for n in Counter(pairs).values())
    left, right = (sum(comb(n, 2) for n in Counter(pair[side] for pair in pairs).values()) for side in (0, 1))
    expected, most = left * right / comb(len(pairs), 2), (left + right) / 2
    return (both - expected) / (most - expected)


def agreement(folder: Path, output: Path, segmentation: str, orders_least: int) -> tuple[float, int]:
    """The index, and of how many customers: those with so many orders."""
    truth = json.loads((folder / "truth.json").read_text())["customers"]
    orders = {record["customer_id"]: record["orders"] for record in lines(output / "rfm.jsonl")}
    segments = {record["customer_id"]: record["segment_id"] for record in lines(output / "segments.jsonl")
                if record["record"] == "membership" and record["id"] == segmentation}
    pairs = [(truth[name]["segment"], segment) for name, segment in segments.items()
             if orders[name] >= orders_least]
    return adjusted_rand_index(pairs), len(pairs)
