"""Recommendations against what customers bought next: better than popularity and favourites, and better timed."""
from __future__ import annotations

import json
import zlib
from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from planted import records
from predictions import DAY, millis
from program import Failed, Place

WEEK = 7 * DAY
SINCE = "2017-07-01T00:00:00.000Z"  # when half a year of Complete Journey has been learnt from
LIST, FIXED_DAYS, PURCHASES_LEAST = 10, (7, 14, 21, 28, 42), 3


@dataclass
class Customer:
    """Purchases in order, each a time and its categories; by category, when it was bought."""
    purchases: list[tuple[int, frozenset[str]]] = field(default_factory=list)
    times: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


def shop(folder: Path) -> dict[str, Customer]:
    category = {each["product_id"]: each.get("category") for each in records(folder, "products")}
    customers: dict[str, Customer] = defaultdict(Customer)
    transactions = list(records(folder, "transactions"))
    cancelled = {each["original_transaction_id"] for each in transactions if each["kind"] == "cancel"}
    sales = [each for each in transactions
             if each["kind"] == "sale" and each.get("customer_id") and each["transaction_id"] not in cancelled]
    for sale in sorted(sales, key=lambda each: (millis(each["event_time"]), each["transaction_id"])):
        items = frozenset(category.get(line["product_id"]) for line in sale["lines"]) - {None, ""}
        customer, time = customers[sale["customer_id"]], millis(sale["event_time"])
        customer.purchases.append((time, items))
        for item in items:
            customer.times[item].append(time)
    return customers


@dataclass
class Told:
    lists: dict[str, list[tuple[int, list[str]]]]  # by customer: when, and what, the best first
    reminders: list[dict]


def told(output: Path, customers: dict[str, Customer]) -> Told:
    """From SINCE on. What the purchase before a list had is to be sent later; nothing is told before its time."""
    at_once: dict[str, dict[int, list[frozenset[str]]]] = defaultdict(lambda: defaultdict(list))
    for name, customer in customers.items():
        for time, items in customer.purchases:
            at_once[name][time].append(items)
    lists: dict[str, list[tuple[int, list[str]]]] = defaultdict(list)
    reminders = []
    with open(output / "recommendations.jsonl") as lines:
        for line in lines:
            if line.split('"event_time":"', 1)[1] < SINCE:
                continue
            record = json.loads(line)
            told_at, after = millis(record["event_time"]), millis(record["send_after"])
            bought = at_once[record["customer_id"]][told_at]
            # Of two purchases at one moment the first does not know of the other.
            if after < told_at or len(bought) == 1 and record["product_segment"] in bought[0] and after == told_at:
                raise Failed(f"just bought: {line}")
            if record["kind"] == "reminder":
                reminders.append(record)
                continue
            known = lists[record["customer_id"]]
            if record["rank"] == 1:
                known.append((told_at, []))
            known[-1][1].append(record["product_segment"])
    return Told(lists, reminders)


class Score:
    def __init__(self) -> None:
        self.lists, self.hit, self.hits = 0, 0, 0

    def add(self, chosen: list[str], bought: frozenset[str]) -> None:
        hits = len(bought.intersection(chosen))
        self.lists, self.hit, self.hits = self.lists + 1, self.hit + (hits > 0), self.hits + hits

    @property
    def rate(self) -> float:
        return self.hit / max(1, self.lists)

    def __str__(self) -> str:
        return f"{self.rate:.4f} ({self.hits / max(1, self.lists):.3f} each)"


def next_baskets(customers: dict[str, Customer], lists, since: int, only_new: bool) -> dict[str, Score]:
    """Hit rates in the next basket that has anything (new) in it, at the same moments, of lists of ten."""
    # All baskets by time, so that popularity is that of the baskets before.
    order = sorted((time, name, place) for name, customer in customers.items()
                   for place, (time, _) in enumerate(customer.purchases))
    popularity: Counter[str] = Counter()
    own: dict[str, Counter[str]] = defaultdict(Counter)
    scores = {name: Score() for name in ("nudge", "popularity") + (() if only_new else ("favourites",))}
    ranking: list[str] = []
    ranked_at = 0
    for time, name, place in order:
        _, items = customers[name].purchases[place]
        mine = own[name]
        wanted = items - mine.keys() if only_new else items
        known = lists.get(name, [])
        at = bisect_left(known, time, key=lambda each: each[0]) - 1
        if time >= since and wanted and mine and at >= 0:
            if time - ranked_at >= DAY:
                ranking, ranked_at = [item for item, _ in popularity.most_common()], time
            scores["nudge"].add(known[at][1][:LIST], wanted)
            popular = [item for item in ranking if not (only_new and item in mine)]
            scores["popularity"].add(popular[:LIST], wanted)
            if not only_new:
                first = sorted(mine, key=lambda item: (-mine[item], -popularity[item], item))[:LIST]
                first += [item for item in popular if item not in mine][:LIST - len(first)]
                scores["favourites"].add(first, wanted)
        popularity.update(items)
        mine.update(items)
    return scores


def timing(customers: dict[str, Customer], reminders: list[dict], until: int) -> tuple[float, float, float, int]:
    """Purchases within a week per reminder, and how many reminders: of nudge; of the best fixed interval after a
    purchase of what was bought three times, for as many; and of the best fixed interval after the purchases that nudge
    chose."""
    def bought_within_week(customer: Customer, item: str, after: int) -> bool:
        times = customer.times[item]
        place = bisect_right(times, after)
        return place < len(times) and times[place] <= after + WEEK

    sent = [(each["customer_id"], each["product_segment"], millis(each["send_after"])) for each in reminders
            if each["rule_id"] is None]
    sent = [each for each in sent if each[2] + WEEK <= until]
    hits = sum(bought_within_week(customers[name], item, at) for name, item, at in sent)
    begin = min(at for _, _, at in sent)

    def fixed(occasions: list[tuple[str, str, int]], days: int) -> float:
        """As many of them as nudge sent, or all: those that were not bought again until then."""
        due = [(name, item, last + days * DAY) for name, item, last in occasions
               if begin <= last + days * DAY <= until - WEEK]
        due = [(name, item, at) for name, item, at in due
               if not any(at - days * DAY < time <= at for time in customers[name].times[item])]
        due.sort(key=lambda each: zlib.crc32(repr(each).encode()))
        due = due[:len(sent)]
        return sum(bought_within_week(customers[name], item, at) for name, item, at in due) / max(1, len(due))

    everywhere = [(name, item, last) for name, customer in customers.items() for item, times in customer.times.items()
                  for last in times[PURCHASES_LEAST - 1:]]
    same = []
    for name, item, at in sent:
        times = customers[name].times[item]
        same.append((name, item, times[bisect_right(times, at) - 1]))
    return (hits / len(sent), max(fixed(everywhere, days) for days in FIXED_DAYS),
            max(fixed(same, days) for days in FIXED_DAYS), len(sent))


SETTINGS = {"items": ["{category}"], "count": LIST, "ahead": "365d", "min_probability": 0,
            "limit": {"max": 3, "per": "7d"}, "min_reminder_probability": 0.3}


def config(place: Place, name: str, **settings: object) -> Path:
    path = place.folder / f"{name}.yaml"
    path.write_text(json.dumps({  # which is YAML
        "name": name, "engine": {"epoch": "1d", "disorder": "1m"}, "input": {"path": "data"},
        "operators": {"profile": {}, "recommendations": {**SETTINGS, **settings}}}))
    return path


def better(scores: dict[str, Score]) -> str:
    for name, score in scores.items():
        if name != "nudge" and scores["nudge"].rate <= score.rate:
            raise Failed(f"hit rate {scores['nudge']}, of {name} {score}")
    return ", ".join(f"{name} {score}" for name, score in scores.items())


def next_and_when(place: Place, data: Path) -> str:
    """Lists with and without repeats beat popularity and favourites; reminders beat fixed intervals."""
    customers = shop(data)
    since = millis(SINCE)
    output = place.replay(config(place, "recommended"), data, "recommended")
    all_told = told(output, customers)
    repeats = better(next_baskets(customers, all_told.lists, since, only_new=False))
    until = max(customer.purchases[-1][0] for customer in customers.values())
    timed, fixed, fixed_there, count = timing(customers, all_told.reminders, until)
    if timed <= max(fixed, fixed_there):
        raise Failed(f"{timed:.4f} purchases a reminder; at fixed intervals {fixed:.4f}, of the same {fixed_there:.4f}")
    output = place.replay(config(place, "recommended_new", repeats=False, reminders=False), data, "recommended_new")
    new = better(next_baskets(customers, told(output, customers).lists, since, only_new=True))
    return (f"{repeats}; new: {new}; purchases a reminder {timed:.4f} of {count}, fixed {fixed:.4f}, the same fixed "
            f"{fixed_there:.4f}")
