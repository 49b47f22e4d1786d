#!/usr/bin/env python3
"""Orders of seven kinds that drift from day to day, and whether segments of orders follow them.

    drift.py write FOLDER SEED        transactions.jsonl, and kinds.json: the kind of each order
    drift.py compare FOLDER OUTPUT    segments of a replay's output beside scikit-learn's MiniBatchKMeans

Both place an order before they learn from it: MiniBatchKMeans places a day's orders by what it has learnt of the days
before, the replay by the version that is in force. Purity is the share of orders that are of the kind that most orders
of their segment and day are of. The last line of `compare` is one JSON object.
"""
from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter, defaultdict
from pathlib import Path

CONFIG = """name: drift
operators:
  segments:
    - {name: kinds, of: transactions, features: [value, items, discount_share, hour], k: 7, every: 1d, window: 7d}
"""
SHARES = (25, 20, 16, 13, 11, 9, 6)
DAYS, ORDERS_A_DAY, DAY_MS = 70, 500, 86_400_000
FIRST_DAY = 19_723  # 2024-01-01
SEEDS = 5  # of MiniBatchKMeans: the best of them counts
WARM_DAYS = 14  # that are not judged


class Kind:
    """What orders of a kind are like; its means take a step each day and turn back at the bounds."""

    BOUNDS = {"price": (1.0, 5.5), "items": (0.3, 3.5), "discount": (0.05, 0.6), "hour": (2.0, 22.0)}
    SPREADS = {"price": 0.45, "items": 0.35, "discount": 0.06, "hour": 1.6}

    def __init__(self, chance: random.Random):
        self.means = {name: chance.uniform(*bounds) for name, bounds in self.BOUNDS.items()}
        self.steps = {name: chance.choice((-1, 1)) * chance.uniform(0.2, 0.6) * (high - low) / DAYS
                      for name, (low, high) in self.BOUNDS.items()}

    def drift(self, chance: random.Random) -> None:
        for name, (low, high) in self.BOUNDS.items():
            moved = self.means[name] + self.steps[name] + chance.gauss(0, 0.2 * self.SPREADS[name])
            if not low < moved < high:
                self.steps[name] *= -1
            self.means[name] = min(max(moved, low), high)

    def order(self, chance: random.Random, day: int) -> tuple[int, dict]:
        draw = {name: chance.gauss(self.means[name], self.SPREADS[name]) for name in self.means}
        hour = min(max(draw["hour"], 0.0), 23.999)
        share = min(max(draw["discount"], 0.0), 0.9)
        paid = round(math.exp(draw["price"]), 2)
        line = {"product_id": "p", "quantity": 1 + round(math.exp(draw["items"])), "unit_price": paid,
                "list_price": round(paid / (1 - share), 2)}
        return day * DAY_MS + int(hour * 3_600_000), line


def write(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    kinds, truth, orders = [Kind(chance) for _ in SHARES], {}, []
    for day in range(FIRST_DAY, FIRST_DAY + DAYS):
        for kind in kinds:
            kind.drift(chance)
        for _ in range(ORDERS_A_DAY):
            kind = chance.choices(range(len(SHARES)), SHARES)[0]
            time, line = kinds[kind].order(chance, day)
            name = f"t{len(truth)}"
            truth[name] = kind
            orders.append((time, {"event_id": name, "event_time": time, "customer_id": f"c{chance.randrange(2000)}",
                                  "transaction_id": name, "kind": "sale", "lines": [line]}))
    folder.mkdir(parents=True, exist_ok=True)
    orders.sort(key=lambda order: order[0])
    (folder / "transactions.jsonl").write_text("".join(json.dumps(order) + "\n" for _, order in orders))
    (folder / "kinds.json").write_text(json.dumps(truth))


def purity(placed: list[tuple[int, object, int]]) -> float:
    """Of (day, segment, kind)."""
    by_segment = defaultdict(Counter)
    for day, segment, kind in placed:
        by_segment[day, segment][kind] += 1
    return sum(max(kinds.values()) for kinds in by_segment.values()) / len(placed)


def placed_by_replay(output: Path) -> dict[str, str]:
    """The first segment of each order."""
    segments = {}
    for line in (output / "segments.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["record"] == "membership" and record["segment_id"] is not None:
            segments.setdefault(record["entity_id"], record["segment_id"])
    return segments


def compare(folder: Path, output: Path) -> dict:
    import numpy as np
    from sklearn.cluster import MiniBatchKMeans

    kinds = json.loads((folder / "kinds.json").read_text())
    orders = [json.loads(line) for line in (folder / "transactions.jsonl").read_text().splitlines()]
    days = np.array([order["event_time"] // DAY_MS - FIRST_DAY for order in orders])
    truth = [kinds[order["transaction_id"]] for order in orders]
    lines = [order["lines"][0] for order in orders]
    points = np.array([(math.log1p(line["quantity"] * line["unit_price"]), math.log1p(line["quantity"]),
                        1 - line["unit_price"] / line["list_price"], order["event_time"] % DAY_MS / 3_600_000)
                       for order, line in zip(orders, lines)])
    early = points[days < WARM_DAYS]
    points = (points - early.mean(axis=0)) / early.std(axis=0)

    segments = placed_by_replay(output)
    judged = [place for place, day in enumerate(days) if day >= WARM_DAYS]
    own = [(days[place], segments[orders[place]["transaction_id"]], truth[place]) for place in judged]
    theirs = []
    for seed in range(SEEDS):
        model, placed = MiniBatchKMeans(n_clusters=len(SHARES), random_state=seed), []
        for day in range(DAYS):
            today = np.flatnonzero(days == day)
            if day >= WARM_DAYS:
                placed += zip([day] * len(today), model.predict(points[today]), (truth[place] for place in today))
            model.partial_fit(points[today])
        theirs.append(purity(placed))
    largest = Counter(truth[place] for place in judged).most_common(1)[0][1] / len(judged)
    return {"orders": len(judged), "segments": purity(own), "minibatch_kmeans": max(theirs),
            "minibatch_kmeans_mean": sum(theirs) / SEEDS, "largest_kind": largest,
            "segments_all_days": purity([(0, segment, kind) for _, segment, kind in own])}


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        print(json.dumps(compare(Path(sys.argv[2]), Path(sys.argv[3]))))
