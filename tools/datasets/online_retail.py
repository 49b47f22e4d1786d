"""UCI Online Retail (one year of a British gift shop, CC BY 4.0) as a canonical input folder.

An invoice is a sale; one that begins with C is a return of the quantities that it lists as negative. Lines that are no
sold goods (postage, fees, samples, stock corrections without a price) are kept out and counted. An invoice without a
customer is a guest's: `visitor_id` guest-<invoice>. London's time is turned into UTC. Categories are derived from the
products' names.
"""
from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path

from canonical import Folder, encode, micro, money, rows, share_of, simulated_consents

NAME = "year_2010_2011"
COLUMNS = ("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "CustomerID", "Country")
SOURCE, START = "online_retail", "2010-12-01T00:00:00Z"
NO_PRODUCT = {"POST", "DOT", "M", "C2", "D", "S", "BANK CHARGES", "AMAZONFEE", "CRUK", "B", "PADS"}
SUMMER = datetime(2011, 3, 27, 1), datetime(2011, 10, 30, 2)  # British summer time, by London's clocks
# The first category of which a word is in the name.
CATEGORIES = {
    "christmas": ("CHRISTMAS", "ADVENT", "SANTA", "REINDEER", "XMAS"),
    "bags": ("BAG", "SHOPPER", "PURSE"),
    "lights": ("LIGHT", "LAMP", "CANDLE", "LANTERN"),
    "kitchen": ("MUG", "CUP", "TEA", "BOWL", "PLATE", "CAKE", "JAR", "BAKING", "KITCHEN", "SPOON", "LUNCH", "BOTTLE",
                "JUG", "GLASS"),
    "stationery": ("CARD", "PAPER", "NOTEBOOK", "PENCIL", "PEN", "TAPE", "STICKER", "WRAP", "TISSUES", "POSTER"),
    "toys": ("TOY", "DOLL", "GAME", "PUZZLE", "PLAYHOUSE", "SPACEBOY", "CHILDREN", "JIGSAW", "BALLOON", "CRAYON"),
    "jewellery": ("NECKLACE", "BRACELET", "EARRING", "RING", "BEAD", "BROOCH"),
    "garden": ("GARDEN", "FLOWER", "PLANT", "BIRD", "HERB"),
    "storage": ("BOX", "TIN", "BASKET", "DRAWER", "CABINET", "HOLDER", "HOOK", "HANGER", "RACK", "TIDY"),
    "textiles": ("CUSHION", "APRON", "TOWEL", "QUILT", "FELT", "WARMER", "RUG", "MAT", "SLIPPER"),
    "decoration": ("HEART", "SIGN", "FRAME", "CLOCK", "MIRROR", "BUNTING", "DECORATION", "ORNAMENT", "WREATH",
                   "GARLAND"),
}


def category_of(name: str) -> str:
    """By whole words, in the singular or the plural."""
    words = {form for word in re.findall(r"[A-Z]+", name.upper()) for form in (word, word.removesuffix("S"))}
    return next((label for label, keys in CATEGORIES.items() if not words.isdisjoint(keys)), "other")


def utc(text: str) -> str:
    moment = datetime.fromisoformat(text)
    if SUMMER[0] <= moment < SUMMER[1]:
        moment -= timedelta(hours=1)
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


class Conversion:
    def __init__(self, source: Path, output: Folder, sample: bool):
        self.source, self.output, self.sample = source, output, sample
        self.told: Counter = Counter()
        self.names: dict[str, str] = {}
        self.prices: dict[str, Counter] = defaultdict(Counter)
        self.first: dict[str, tuple[str, str]] = {}  # customer: time of the first invoice, country
        self.sales: list[dict] = []

    def read(self) -> "Conversion":
        """The sales and returns as records, in order of time."""
        invoices: dict[str, list[list[str]]] = {}
        for row in rows(self.source, NAME, COLUMNS):
            invoices.setdefault(row[0], []).append(row)
        for invoice, group in invoices.items():
            self.told["invoices"] += 1
            customer = group[0][6]
            if self.sample and share_of("sample", customer or invoice) >= 0.1:
                continue
            lines = [line for row in group if (line := self.line(row))]
            if not lines:
                self.told["invoices without goods"] += 1
                continue
            self.sales.append(self.record(invoice, customer, utc(group[0][4]), group[0][7], lines))
        self.sales.sort(key=lambda record: (record["event_time"], record["event_id"]))
        return self

    def line(self, row: list[str]) -> dict | None:
        invoice, product, name, quantity, _, price, _, _ = row
        units, paid, is_return = int(quantity), micro(price), invoice.startswith("C")
        self.told["lines"] += 1
        if product.upper() in NO_PRODUCT or paid <= 0 or (units < 0) != is_return:
            self.told["lines that are no goods sold or returned"] += 1
            return None
        if name.strip():
            self.names.setdefault(product, name.strip())
        self.prices[product][paid] += 1
        return {"product_id": product, "quantity": abs(units), "unit_price": money(paid)}

    def record(self, invoice: str, customer: str, time: str, country: str, lines: list[dict]) -> dict:
        who = {"customer_id": customer} if customer else {"visitor_id": f"guest-{invoice}"}
        if customer:
            self.first.setdefault(customer, (time, country))
        is_return = invoice.startswith("C")
        self.told["returns" if is_return else "sales"] += 1
        return {"event_id": f"i{invoice}", "event_time": time, "source": SOURCE, **who, "transaction_id": invoice,
                "kind": "return" if is_return else "sale", "channel": "online", "currency": "GBP", "lines": lines}

    def transactions(self):
        for record in self.sales:
            key = record.get("customer_id") or record["visitor_id"]
            yield record["event_time"], key, encode(record)

    def products(self):
        for product in sorted(self.prices):
            name, usual = self.names.get(product, product), self.prices[product].most_common(1)[0][0]
            record = {"event_id": f"p{product}", "event_time": START, "source": SOURCE, "product_id": product,
                      "name": name, "category": category_of(name), "list_price": money(usual)}
            yield product, product, encode(record)

    def customers(self):
        for customer, (time, country) in self.first.items():
            record = {"event_id": f"c{customer}", "event_time": time, "source": SOURCE, "customer_id": customer,
                      "country": country, "joined_at": time, "consents": simulated_consents(customer, time),
                      "attributes": {"consent": "simulated"}}
            yield (time, customer), customer, encode(record)


def convert(source: Path, output: Folder, sample: bool) -> Counter:
    conversion = Conversion(source, output, sample).read()
    output.write("transactions", conversion.transactions())
    output.write("products", conversion.products())
    output.write("customers", conversion.customers())
    return conversion.told
