"""CDNOW (69,659 purchases of 23,570 customers, 1997 and 1998) as a canonical input folder.

The rows of a customer and day are one sale. `sample` keeps the 2,357 customers of the literature.
"""
from __future__ import annotations

from collections import Counter
from pathlib import Path

from canonical import Folder, encode, micro, money, per_unit, rows, simulated_consents

SOURCE, START = "cdnow", "1997-01-01T00:00:00Z"
MASTER = ("customer_id", "date", "number_of_cds", "dollar_value")
SAMPLE = ("master_id", "sample_id", "date", "number_of_cds", "dollar_value")


def purchases(source: Path, sample: bool):
    if sample:
        return ((row[0], *row[2:]) for row in rows(source, "cdnow_sample", SAMPLE))
    return (tuple(row) for row in rows(source, "cdnow_master", MASTER))


def transaction(customer: str, day: str, units: int, value: int) -> tuple[str, str, str]:
    time = f"{day[:4]}-{day[4:6]}-{day[6:]}T12:00:00Z"
    name = f"{customer}-{day}"
    record = {"event_id": name, "event_time": time, "source": SOURCE, "customer_id": customer, "transaction_id": name,
              "kind": "sale", "channel": "online", "currency": "USD",
              "lines": [{"product_id": "cd", "quantity": units, "unit_price": per_unit(value, units)}]}
    return time, customer, encode(record)


def convert(source: Path, output: Folder, sample: bool) -> Counter:
    told: Counter = Counter()
    days: dict[tuple[str, str], tuple[int, int]] = {}
    for customer, day, units, value in purchases(source, sample):
        told["rows"] += 1
        before = days.get((customer, day), (0, 0))
        days[customer, day] = before[0] + int(units), before[1] + micro(value)
    told["sales, one per customer and day"] = len(days)
    customers = sorted({customer for customer, _ in days})
    told["value in USD"] = money(sum(value for _, value in days.values()))
    output.write("transactions", (transaction(*key, *amounts) for key, amounts in days.items()))
    product = {"event_id": "p-cd", "event_time": START, "source": SOURCE, "product_id": "cd", "name": "CD",
               "category": "music"}
    output.write("products", [(START, "cd", encode(product))])
    output.write("customers", ((customer, customer, encode({
        "event_id": f"c{customer}", "event_time": START, "source": SOURCE, "customer_id": customer,
        "consents": simulated_consents(customer, START), "attributes": {"consent": "simulated"}}))
        for customer in customers))
    return told
