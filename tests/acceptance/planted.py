"""Whether a generated shop holds the truth that its truth.json states, by brute force over its records.

A share is compared with its binomial error: more than LIMIT standard errors off is a problem.
"""
from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from pathlib import Path
from statistics import fmean, stdev

WEEK = 604_800_000
LIMIT = 4.0


def records(folder: Path, topic: str) -> Iterator[dict]:
    """The good records, each once, in order of time."""
    found = {}
    for path in sorted(folder.glob(f"{topic}*.jsonl")):
        for raw in path.read_bytes().splitlines():
            try:
                record = json.loads(raw)
                time = datetime.fromisoformat(record["event_time"].replace("Z", "+00:00"))
                found.setdefault(record["event_id"], {**record, "time": round(time.timestamp() * 1000)})
            except (ValueError, TypeError, KeyError):
                continue
    return sorted(found.values(), key=lambda record: (record["time"], record["event_id"]))


class Shop:
    def __init__(self, folder: Path):
        self.truth = json.loads((folder / "truth.json").read_text())
        self.category = {record["product_id"]: record["category"] for record in records(folder, "products")}
        transactions = records(folder, "transactions")
        self.sales = [record for record in transactions if record["kind"] == "sale"]
        self.views = records(folder, "page_views")
        self.segment = {name: told["segment"] for name, told in self.truth["customers"].items()}
        self.counts = {topic: self.lines(folder, topic) for topic in self.truth["topics"]}
        self.problems: list[str] = []

    @staticmethod
    def lines(folder: Path, topic: str) -> int:
        return sum(path.read_bytes().count(b"\n") for path in folder.glob(f"{topic}*.jsonl"))

    def basket(self, sale: dict) -> set[str]:
        return {self.category[line["product_id"]] for line in sale["lines"]}

    def expect(self, what: str, holds: bool) -> None:
        if not holds:
            self.problems.append(what)

    def share(self, what: str, hits: int, of: int, planted: float) -> None:
        error = math.sqrt(max(planted * (1 - planted), 1e-9) / max(of, 1))
        self.expect(f"{what}: {hits}/{of}, planted {planted}", of > 0 and abs(hits / of - planted) <= LIMIT * error)

    # ---- the rules

    def basket_rule(self) -> None:
        rule = self.truth.get("basket_rule")
        for segment in {told["name"] for told in self.truth["segments"]}:
            baskets = [self.basket(sale) for sale in self.sales if self.segment[sale["customer_id"]] == segment]
            shoes = [basket for basket in baskets if "shoes" in basket]
            planted = rule["confidence"] if rule and rule["segment"] == segment else 0.03
            self.share(f"shoes, then care in {segment}", sum("care" in basket for basket in shoes), len(shoes), planted)

    def spells(self) -> list[float | None]:
        """For each spell whose horizon lies within the data and the customer's life, the gap in weeks, or None."""
        horizon, end = 60 * WEEK, self.truth["end"]
        by_customer = defaultdict(list)
        for sale in self.sales:
            by_customer[sale["customer_id"]].append(sale)
        gaps: list[float | None] = []
        for sales in by_customer.values():
            start = None
            for sale in sales:
                basket = self.basket(sale)
                if start is not None and sale["time"] >= start + horizon:
                    gaps.append(None)
                    start = None
                if start is not None and "boots" in basket:
                    gaps.append((sale["time"] - start) / WEEK)
                    start = None
                if start is None and "coats" in basket and sale["time"] + horizon < end:
                    start = sale["time"]
            if start is not None:
                gaps.append(None)
        return gaps

    def sequence_rule(self) -> None:
        gaps = self.spells()
        bought = [gap for gap in gaps if gap is not None]
        rule = self.truth.get("sequence_rule")
        if rule is None:
            near = sum(any(peak <= gap < peak + 1 for peak in (16, 26, 52)) for gap in bought)
            self.expect(f"no peaks without a rule: {near} of {len(bought)}", near < max(0.15 * len(bought), 5))
            return
        self.share("coats, then boots", len(bought), len(gaps), rule["probability"])
        for peak, share in zip(rule["peaks"], rule["peak_shares"]):
            hits = sum(peak <= gap < peak + 1 for gap in bought)
            within = math.erf(0.5 / (rule["peak_sd_weeks"] * math.sqrt(2)))
            background = (1 - sum(rule["peak_shares"])) / rule["horizon_weeks"]
            self.share(f"gaps in week {peak}", hits, len(bought), share * within + background)

    # ---- sessions, campaigns, prices

    def session_purchases(self) -> None:
        """Purchases by the stated probability, in ten groups of it."""
        formula = self.truth["session_purchase"]["coefficients"]
        sessions = defaultdict(Counter)
        for view in self.views:
            sessions[view["session_id"]][view["action"]] += 1
            sessions[view["session_id"]]["mobile"] = int(view["device"] == "mobile")
        groups = defaultdict(lambda: [0, 0.0, 0.0, 0])
        for session in sessions.values():
            if session["identify"]:
                continue
            score = (formula["intercept"] + formula["cart_adds"] * session["cart_add"]
                     + formula["product_views"] * session["product_view"] + formula["mobile"] * session["mobile"])
            p = 1 / (1 + math.exp(-score))
            group = groups[min(int(p * 10), 9)]
            for place, value in enumerate((1, p, p * (1 - p), session["view"])):
                group[place] += value
        for (count, predicted, variance, actual) in groups.values():
            self.expect(f"purchases in {count} sessions: {actual}, planted {predicted:.1f}",
                        abs(actual - predicted) <= LIMIT * math.sqrt(variance) + 1)

    def campaign(self) -> None:
        told = self.truth["campaign"]
        low, high = told["band"]
        answers = {(sale["customer_id"], sale["campaign_id"]) for sale in self.sales if "campaign_id" in sale}
        cells = defaultdict(lambda: [0, 0.0, 0.0, 0])
        for outcome in self.truth["outcomes"]:
            inside = low <= outcome["p0"] <= high
            self.expect(f"p1 of {outcome}", abs(outcome["p1"] - outcome["p0"] - told["effect"] * inside) < 2e-6)
            y = (outcome["customer"], outcome["campaign"]) in answers
            self.expect(f"answer of {outcome}: {y}", y == bool(outcome["y1" if outcome["treated"] else "y0"]))
            p = outcome["p1" if outcome["treated"] else "p0"]
            for place, value in enumerate((1, p, p * (1 - p), y)):
                cells[inside, outcome["treated"]][place] += value
        self.expect("both worlds in and out of the band", len(cells) == 4)
        for name, (count, predicted, variance, actual) in cells.items():
            self.expect(f"answers {name} of {count}: {actual}, planted {predicted:.1f}",
                        abs(actual - predicted) <= LIMIT * math.sqrt(variance))

    def demand(self) -> None:
        """The slope of log units per order on log price, weighted by units."""
        told, units, orders = self.truth["demand"], Counter(), Counter()
        for sale in self.sales:
            price = told["prices_by_week"][(sale["time"] - self.truth["start"]) // WEEK]
            orders[price] += 1
            for line in sale["lines"]:
                if line["product_id"] == told["product"]:
                    units[price] += line["quantity"]
                    self.expect(f"price of {sale['event_id']}", line["unit_price"] == price)
        points = [(math.log(price), math.log(units[price] / orders[price]), units[price]) for price in orders]
        total = sum(weight for _, _, weight in points)
        mean_x = sum(x * weight for x, _, weight in points) / total
        spread = sum(weight * (x - mean_x) ** 2 for x, _, weight in points)
        slope = sum(weight * (x - mean_x) * y for x, y, weight in points) / spread
        self.expect(f"elasticity {slope:.3f}, planted {told['elasticity']}",
                    abs(slope - told["elasticity"]) <= LIMIT / math.sqrt(spread))

    # ---- customers, noise

    def lifetimes(self) -> None:
        """Store orders per planned week of life."""
        seen = Counter(sale["customer_id"] for sale in self.sales if sale["channel"] == "store")
        end, expected = self.truth["end"], 0.0
        for told in self.truth["customers"].values():
            life = told["lifetime_weeks"] if told["lifetime_weeks"] is not None else math.inf
            expected += told["store_orders_per_week"] * min(life, (end - told["joined"]) / WEEK)
        actual = seen.total()
        self.expect(f"store orders {actual}, planted {expected:.0f}", 0.95 * expected < actual < 1.02 * expected)

    def separation(self) -> None:
        orders, value, listed, saved = Counter(), Counter(), Counter(), Counter()
        for sale in self.sales:
            name = sale["customer_id"]
            orders[name] += 1
            for line in sale["lines"]:
                value[name] += line["quantity"] * line["unit_price"]
                listed[name] += line["quantity"] * line["list_price"]
                saved[name] += line["discount"]
        points = defaultdict(list)
        for name in orders:
            points[self.segment[name]].append((orders[name], value[name] / orders[name], saved[name] / listed[name]))
        for one, other in combinations(points, 2):
            apart = max(self.distance(points[one], points[other], feature) for feature in range(3))
            self.expect(f"{one} and {other} are {apart:.1f} sds apart", apart >= 6)

    @staticmethod
    def distance(one: list, other: list, feature: int) -> float:
        first, second = [point[feature] for point in one], [point[feature] for point in other]
        return abs(fmean(first) - fmean(second)) / max(stdev(first), stdev(second), 1e-9)

    def noise(self) -> None:
        for topic, told in self.truth["topics"].items():
            lines = told["records"] + told["duplicates"] + told["malformed"]
            self.expect(f"{topic}: {self.counts[topic]} lines, planted {lines}", self.counts[topic] == lines)

    def check(self) -> list[str]:
        self.noise()
        self.basket_rule()
        self.demand()
        if self.truth["separated"]:
            self.separation()
            return self.problems
        self.sequence_rule()
        self.session_purchases()
        self.campaign()
        self.lifetimes()
        return self.problems


def check(folder: Path) -> list[str]:
    """The problems found; none is good. The folder's files must not be compressed."""
    return Shop(folder).check()
