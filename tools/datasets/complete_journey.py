"""dunnhumby's Complete Journey (one year of 2,469 households) as a canonical input folder.

unit_price is sales_value / quantity, list_price adds retail_disc and coupon_match_disc, discount is their sum (the
maker's coupon, coupon_disc, is paid to the shop by the maker and is no discount of the shop). Only lines with a
quantity above 0 are sold goods; a basket without one is no sale. Times are taken as UTC.
"""
from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

from canonical import Folder, encode, micro, money, per_unit, rows, share_of, simulated_consents

TRANSACTIONS = ("household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value", "retail_disc",
                "coupon_disc", "coupon_match_disc", "week", "transaction_timestamp")
PRODUCTS = ("product_id", "manufacturer_id", "department", "brand", "product_category", "product_type", "package_size")
DEMOGRAPHICS = ("household_id", "age", "income", "home_ownership", "marital_status", "household_size",
                "household_comp", "kids_count")
SOURCE, START = "completejourney", "2016-11-01T00:00:00Z"  # before the first campaign
cached_micro = cache(micro)
cached_per_unit = cache(per_unit)


def stamp(text: str) -> str:
    return text.replace(" ", "T") + "Z"


class Redemptions:
    """Coupons that households used, by household and day, until a basket takes them."""

    def __init__(self, folder: Path):
        self.products = defaultdict(set)
        for coupon, product, _ in rows(folder, "coupons", ("coupon_upc", "product_id", "campaign_id")):
            self.products[coupon].add(product)
        self.open = defaultdict(list)
        for household, coupon, campaign, day in rows(
                folder, "coupon_redemptions", ("household_id", "coupon_upc", "campaign_id", "redemption_date")):
            self.open[household, day].append((coupon, campaign))

    def taken(self, household: str, day: str, products: list[str]) -> list[tuple[str, str]]:
        """The coupons of that day which fit a product of the basket."""
        waiting = self.open.get((household, day))
        if not waiting:
            return []
        fitting = [use for use in waiting if not self.products[use[0]].isdisjoint(products)]
        self.open[household, day] = [use for use in waiting if use not in fitting]
        return fitting

    def left(self):
        return ((household, day, use) for (household, day), uses in self.open.items() for use in uses)


class Conversion:
    def __init__(self, source: Path, output: Folder, sample: bool):
        self.source, self.output, self.sample = source, output, sample
        self.redemptions = Redemptions(source)
        self.households: dict[str, None] = {}
        self.campaign_events: list[tuple[str, str, str]] = []
        self.told: Counter = Counter()

    def run(self) -> Counter:
        self.output.write("transactions", self.transactions())
        self.campaigns()
        self.output.write("campaign_events", self.campaign_events)
        self.output.write("products", self.products())
        self.output.write("customers", self.customers())
        return self.told

    def wanted(self, household: str) -> bool:
        return not self.sample or share_of("sample", household) < 0.1

    def transactions(self):
        lines = rows(self.source, "transactions", TRANSACTIONS)
        baskets: dict[str, list[list[str]]] = {}
        for line in lines:
            baskets.setdefault(line[2], []).append(line)
        for basket, group in baskets.items():
            household = group[0][0]
            if not self.wanted(household):
                continue
            self.households[household] = None
            self.told["baskets"] += 1
            sold = [line for line in group if line[4][0] not in "-0"]
            self.told["lines"] += len(group)
            self.told["lines without a positive quantity"] += len(group) - len(sold)
            if sold:
                time = stamp(group[0][10])
                yield time, household, self.transaction(basket, household, time, sold)
            else:
                self.told["baskets without a sold line"] += 1

    def transaction(self, basket: str, household: str, time: str, lines: list[list[str]]) -> str:
        used = self.redemptions.taken(household, time[:10], [line[3] for line in lines])
        coupons = ""
        if used:
            names = '","'.join(sorted({coupon for coupon, _ in used}))
            coupons = f'"coupons":["{names}"],"campaign_id":"{used[0][1]}",'
            for coupon, campaign in used:
                self.converted(household, time, coupon, campaign, basket)
        return (f'{{"event_id":"b{basket}","event_time":"{time}","source":"{SOURCE}","customer_id":"{household}",'
                f'"transaction_id":"{basket}","kind":"sale","channel":"store","store_id":"{lines[0][1]}",'
                f'"currency":"USD",{coupons}"lines":[{",".join(map(self.line, lines))}]}}')

    @staticmethod
    def line(fields: list[str]) -> str:
        _, _, _, product, quantity, value, retail, _, match, _, _ = fields
        discount, paid, units = cached_micro(retail) + cached_micro(match), cached_micro(value), int(quantity)
        return (f'{{"product_id":"{product}","quantity":{quantity},"unit_price":{cached_per_unit(paid, units)},'
                f'"list_price":{cached_per_unit(paid + discount, units)},"discount":{money(discount)}}}')

    def event(self, name: str, household: str, time: str, campaign: str, action: str, **more) -> None:
        record = {"event_id": name, "event_time": time, "source": SOURCE, "customer_id": household,
                  "campaign_id": campaign, "action": action, "channel": "mail", **more}
        self.campaign_events.append((time, household, encode(record)))

    def converted(self, household: str, time: str, coupon: str, campaign: str, basket: str | None) -> None:
        number = self.told["coupon uses"]
        self.told["coupon uses"] += 1
        more = {"transaction_id": basket} if basket else {}
        self.event(f"r{number}-{coupon}", household, time, campaign, "converted", **more)

    def campaigns(self) -> None:
        for household, day, (coupon, campaign) in self.redemptions.left():
            if self.wanted(household):
                self.told["coupon uses without a basket"] += 1
                self.converted(household, f"{day}T12:00:00Z", coupon, campaign, None)
        begins = {row[0]: row[2] for row in rows(self.source, "campaign_descriptions",
                                                 ("campaign_id", "campaign_type", "start_date", "end_date"))}
        for campaign, household in rows(self.source, "campaigns", ("campaign_id", "household_id")):
            if self.wanted(household):
                self.event(f"s{campaign}-{household}", household, f"{begins[campaign]}T09:00:00Z", campaign, "sent")

    def products(self):
        for name, maker, department, brand, category, kind, size in rows(self.source, "products", PRODUCTS):
            record = {"event_id": f"p{name}", "event_time": START, "source": SOURCE, "product_id": name, "name": kind,
                      "category": category, "department": department, "brand": brand, "manufacturer_id": maker,
                      "package_size": size}
            yield int(name), name, encode({key: value for key, value in record.items() if value})

    def customers(self):
        told = {row[0]: dict(zip(DEMOGRAPHICS, row)) for row in rows(self.source, "demographics", DEMOGRAPHICS)}
        for household in sorted(self.households, key=int):
            known = {key: value for key, value in told.get(household, {}).items() if value}
            attributes = {key: value for key, value in known.items() if key not in ("household_id", "age")}
            record = {"event_id": f"h{household}", "event_time": START, "source": SOURCE, "customer_id": household,
                      "consents": simulated_consents(household, START),
                      "attributes": {**attributes, "consent": "simulated"}}
            if "age" in known:
                record["age_band"] = known["age"]
            yield int(household), household, encode(record)


def convert(source: Path, output: Folder, sample: bool) -> Counter:
    return Conversion(source, output, sample).run()
