"""The shop of `nudge demo`: UCI Online Retail's real orders with page views and campaigns simulated around them.

What is simulated carries the source `simulated`: sessions that lead to an order, sessions that do not, some of them
before the visitor was known, and a monthly e-mail. A session hints at its end, as real ones do: buyers put more into
the cart and come to the checkout. The e-mail has no effect. All of it is the same for the same orders.
"""
from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

from canonical import Folder, encode, share_of
from online_retail import Conversion

SOURCE = "simulated"
BROWSING = 0.85       # share of the customers who look at the shop online before they order
SEEN = 0.8            # share of their orders with a session before
IDLE_PER_ORDER = 2.2  # sessions without a purchase, per order
ANONYMOUS = 0.25      # share of those that happen before signing in
CAMPAIGN_DAYS, CAMPAIGN_SHARE = 30, 0.4
DEVICES = ("desktop", "desktop", "mobile", "tablet")


def millis(text: str) -> int:
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) * 1000


def stamp(time: int) -> str:
    moment = datetime.fromtimestamp(time // 1000, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time % 1000:03d}Z"


class Visits:
    """The sessions of one customer."""

    def __init__(self, customer: str, orders: list[dict], prices: dict[str, str], popular: list[str]):
        self.random = random.Random(f"visits {customer}")
        self.customer, self.orders, self.prices, self.popular = customer, orders, prices, popular
        self.views: list[tuple[int, str, str]] = []
        self.sessions = 0

    def all(self) -> list[tuple[int, str, str]]:
        chance = self.random
        bought = [order for order in self.orders if order["kind"] == "sale"]
        for order in bought:
            if chance.random() < SEEN:
                self.before(order)
        count = sum(chance.random() < IDLE_PER_ORDER / 4 for _ in range(4 * len(bought)))
        times = [millis(order["event_time"]) for order in bought]
        for _ in range(count):
            near = chance.choice(times)
            self.idle(near + int(chance.gauss(-2, 20) * 86_400_000), times, bought)
        return self.views

    def before(self, order: dict) -> None:
        """A session that ends in the order."""
        chance = self.random
        products = [line["product_id"] for line in order["lines"]]
        chosen = chance.sample(products, min(len(products), 1 + chance.randrange(4)))
        steps = [("list_view", None)]
        for product in chosen:
            steps.append(("product_view", product))
            if chance.random() < 0.75:
                steps.append(("cart_add", product))
        for product in chance.sample(self.popular, chance.randrange(3)):
            steps.append(("product_view", product))
        if chance.random() < 0.6:
            steps.append(("cart_view", None))
        if chance.random() < 0.8:
            steps.append(("checkout", None))
        self.walk(millis(order["event_time"]) - 60_000, steps, backwards=True, known=True)

    def idle(self, time: int, orders: list[int], bought: list[dict]) -> None:
        """A session without an order: not within two hours of one, nor out of the year."""
        chance = self.random
        if any(abs(time - order) < 7_200_000 for order in orders) or not FIRST <= time < LAST:
            return
        steps = [("list_view", None)]
        liked = [line["product_id"] for line in chance.choice(bought)["lines"]]
        for _ in range(1 + min(int(chance.expovariate(0.45)), 8)):
            product = chance.choice(liked) if chance.random() < 0.3 else chance.choice(self.popular)
            steps.append(("product_view", product))
            if chance.random() < 0.13:
                steps.append(("cart_add", product))
        if chance.random() < 0.08:
            steps.append(("cart_view", None))
        self.walk(time, steps, backwards=False, known=chance.random() >= ANONYMOUS)

    def walk(self, time: int, steps: list, backwards: bool, known: bool) -> None:
        chance = self.random
        pauses = [chance.randrange(8_000, 150_000) for _ in steps]
        time -= sum(pauses) if backwards else 0
        self.sessions += 1
        session, device = f"s{self.customer}-{self.sessions}", chance.choice(DEVICES)
        for number, ((action, product), pause) in enumerate(zip(steps, pauses)):
            time += pause
            who = {"customer_id": self.customer} if known else {}
            record = {"event_id": f"{session}-{number}", "event_time": stamp(time), "source": SOURCE, **who,
                      "visitor_id": f"v{self.customer}", "session_id": session, "action": action, "device": device}
            if product:
                record |= {"product_id": product, "price": self.prices[product]}
            self.views.append((time, self.customer if known else f"v{self.customer}", encode(record)))


FIRST, LAST = millis("2010-12-01T00:00:00Z"), millis("2011-12-09T12:00:00Z")


def campaign_events(first: dict[str, str], consenting):
    """A monthly e-mail to a share of the customers who have ordered by then and allow it."""
    number = 0
    time = FIRST + CAMPAIGN_DAYS * 86_400_000 + 9 * 3_600_000
    while time < LAST:
        number += 1
        for customer, joined in first.items():
            chance = random.Random(f"campaign {number} {customer}")
            if joined < time and consenting(customer) and chance.random() < CAMPAIGN_SHARE:
                yield from messages(customer, number, time, chance)
        time += CAMPAIGN_DAYS * 86_400_000


def messages(customer: str, number: int, time: int, chance: random.Random):
    steps = ["sent", "delivered"]
    if chance.random() < 0.35:
        steps.append("opened")
        if chance.random() < 0.2:
            steps.append("clicked")
    for action in steps:
        record = {"event_id": f"e{number}-{customer}-{action}", "event_time": stamp(time), "source": SOURCE,
                  "customer_id": customer, "campaign_id": f"newsletter-{number}", "action": action,
                  "channel": "email", "message_id": f"m{number}-{customer}"}
        yield time, customer, encode(record)
        time += chance.randrange(1_000, 60_000) if action == "sent" else chance.randrange(60_000, 40_000_000)


def convert(source: Path, output: Folder, sample: bool) -> Counter:
    shop = Conversion(source, output, sample).read()
    prices = {product: str(counts.most_common(1)[0][0] / 1_000_000) for product, counts in shop.prices.items()}
    sold = Counter(line["product_id"] for record in shop.sales for line in record["lines"])
    popular = [product for product, _ in sold.most_common(400)]
    orders = defaultdict(list)
    for record in shop.sales:
        if "customer_id" in record:
            orders[record["customer_id"]].append(record)
    views = []
    for customer, theirs in orders.items():
        if share_of("browsing", customer) < BROWSING and any(order["kind"] == "sale" for order in theirs):
            views += Visits(customer, theirs, prices, popular).all()
    first = {customer: millis(time) for customer, (time, _) in shop.first.items()}
    output.write("transactions", shop.transactions())
    output.write("page_views", views)
    output.write("campaign_events", campaign_events(first, lambda c: share_of("consent", "email", c) < 0.7))
    output.write("products", shop.products())
    output.write("customers", shop.customers())
    return shop.told
