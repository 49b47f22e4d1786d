"""How near scores of a generated shop come to the best that anybody could know, and how far from rules of thumb.

A session's truth is the probability of a sale given what has happened in it so far: the stated formula, over all that
may still follow. An answer to a campaign has the stated probability, if the customer is still there: that is known as
far as the time since the last sign of life tells, by the customer's own rate. Areas under the curve count ties half.
"""
from __future__ import annotations

import json
import math
import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path

from planted import records

FURTHER_VIEWS, CART_ADDS = 2.0, 0.7  # the means of a session
FURTHER_MOST = 25
DAY, WEEK = 86_400_000, 604_800_000


def millis(text: str) -> int:
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def area(rows: Iterable[tuple[float, bool]]) -> float:
    """Under the curve of (score, label)."""
    ranked = sorted(rows)
    positives = sum(label for _, label in ranked)
    negatives = len(ranked) - positives
    pairs, below, place = 0.0, 0, 0
    while place < len(ranked):
        end = place
        counts = [0, 0]
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            counts[ranked[end][1]] += 1
            end += 1
        pairs += counts[1] * (below + counts[0] / 2)
        below += counts[0]
        place = end
    return pairs / (positives * negatives)


def scores(output: Path, target: str, since: str = "") -> list[dict]:
    """Those with a probability, from a moment on."""
    with (output / "scores.jsonl").open() as file:
        found = (json.loads(line) for line in file if f'"target":"{target}"' in line)
        return [record for record in found if record["probability"] is not None and record["event_time"] >= since]


def poisson(mean: float, count: int) -> float:
    return math.exp(-mean + count * math.log(mean) - math.lgamma(count + 1))


class Sessions:
    """What happened in each session, and what its truth was after each of its events."""

    def __init__(self, folder: Path):
        self.formula = json.loads((folder / "truth.json").read_text())["session_purchase"]["coefficients"]
        self.views = defaultdict(list)
        for view in records(folder, "page_views"):
            self.views[view["session_id"]].append((view["time"], view["action"], view["device"] == "mobile"))
        self.truth = cache(self.truth)

    def purchase(self, adds: int, views: int, mobile: bool) -> float:
        formula = self.formula
        score = (formula["intercept"] + formula["cart_adds"] * adds + formula["product_views"] * views
                 + formula["mobile"] * mobile)
        return 1 / (1 + math.exp(-score))

    def truth(self, adds: int, views: int, mobile: bool) -> float:
        """Any order of views and adds is as likely: how many beginnings of a whole session are this one."""
        bought = total = 0.0
        for all_adds in range(adds, adds + FURTHER_MOST):
            for all_views in range(max(views, 1), views + FURTHER_MOST):
                weight = poisson(CART_ADDS, all_adds) * poisson(FURTHER_VIEWS, all_views - 1)
                weight *= (math.perm(all_adds, adds) * math.perm(all_views, views)
                           / math.perm(all_adds + all_views, adds + views))
                total += weight
                bought += weight * self.purchase(all_adds, all_views, mobile)
        return bought / total

    def judge(self, record: dict) -> tuple[float, float, bool]:
        """(probability, truth, label) of a score."""
        time = millis(record["event_time"])
        session = self.views[record["session_id"]]
        before = [action for at, action, _ in session if at <= time]
        truth = self.truth(before.count("cart_add"), before.count("product_view"), session[0][2])
        return record["probability"], truth, any(action == "view" for at, action, _ in session if at > time)


def of_sessions(folder: Path, output: Path, since: str, seed: int) -> dict[str, tuple[float, float]]:
    """(area of the scores, of the truth): of all scores, and of one a session."""
    sessions = Sessions(folder)
    judged = defaultdict(list)
    for record in scores(output, "hesitation", since):
        if record["session_id"] in sessions.views:
            judged[record["session_id"]].append(sessions.judge(record))
    chance = random.Random(seed)
    every = [row for rows in judged.values() for row in rows]
    one = [chance.choice(rows) for rows in judged.values()]
    return {name: tuple(area((row[which], row[2]) for row in rows) for which in (0, 1))
            for name, rows in (("all scores", every), ("one a session", one))}


class Campaigns:
    """What could be known of an answer to a message when it was sent."""

    def __init__(self, folder: Path):
        truth = json.loads((folder / "truth.json").read_text())
        self.plan, self.customers = truth["campaign"], truth["customers"]
        self.decay = 1 / (truth["lifetime"]["mean_weeks"] * WEEK)
        self.outcomes = {(told["customer"], told["time"] // DAY): told for told in truth["outcomes"] if told["treated"]}
        self.orders, self.signs = defaultdict(list), defaultdict(list)
        for record in records(folder, "transactions"):
            if record["kind"] == "sale":
                self.orders[record["customer_id"]].append(record["time"])
                self.signs[record["customer_id"]].append(record["time"])
        for view in records(folder, "page_views"):
            self.signs[view.get("customer_id") or "c" + view["visitor_id"][1:]].append(view["time"])
        for times in self.signs.values():
            times.sort()

    def answers(self, customer: str, time: int) -> float:
        """If the customer is still there."""
        told, by = self.customers[customer]["segment"], self.plan["coefficients"]
        orders = min(bisect_right(self.orders[customer], time), 8)
        score = (by["intercept"] + by["big_city"] * ("_big_" in told) + by["young"] * told.endswith("young")
                 + by["woman"] * told.startswith("women") + by["per_order"] * orders)
        p = 1 / (1 + math.exp(-score))
        return p + self.plan["effect"] * (self.plan["band"][0] <= p <= self.plan["band"][1])

    def is_there(self, customer: str, time: int) -> float:
        told, signs = self.customers[customer], self.signs[customer]
        known = bisect_right(signs, time)
        silence = time - max(signs[known - 1] if known else told["joined"], told["joined"])
        rate = (told["visits_per_week"] + told["store_orders_per_week"]) / WEEK
        stayed = math.exp(-(rate + self.decay) * silence)
        left = self.decay / (rate + self.decay) * (1 - stayed)
        return stayed / (stayed + left)


def of_campaigns(folder: Path, output: Path, since: str) -> tuple[float, float]:
    """(area of the scores, of what could be known) of the answers of those who were sent a message."""
    campaigns, rows = Campaigns(folder), []
    for record in scores(output, "responds", since):
        customer, time = record["customer_id"], millis(record["event_time"])
        told = campaigns.outcomes.get((customer, time // DAY))
        if told:
            known = campaigns.answers(customer, time) * campaigns.is_there(customer, time)
            rows.append((record["probability"], known, bool(told["y1"])))
    return area((p, y) for p, _, y in rows), area((known, y) for _, known, y in rows)


def beside_heuristics(folder: Path, output: Path, target: str, at: str) -> dict[str, float]:
    """Areas of the scores made at `at`, of time since the last sale and of few sales; true is no sale in 60 days."""
    sales = defaultdict(list)
    for record in records(folder, "transactions"):
        if record["kind"] == "sale":
            sales[record["customer_id"]].append(record["time"])
    time, rows = millis(at), defaultdict(list)
    for record in scores(output, target):
        if record["event_time"] != at:
            continue
        times = sales[record["customer_id"]]
        known = bisect_right(times, time)
        label = bisect_right(times, time + 60 * DAY) == known
        for name, value in (("score", record["probability"]), ("recency", time - times[known - 1]),
                            ("frequency", -known)):
            rows[name].append((value, label))
    return {name: area(values) for name, values in rows.items()}
