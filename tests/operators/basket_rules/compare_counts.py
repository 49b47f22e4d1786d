#!/usr/bin/env python3
"""Compares the miner's counts with the published ones of real baskets, where these are beside the project.

Usage: compare_counts.py MINE_LINES [--data ../shared/data]
FIMI retail: frequent and closed itemsets at seven supports. Complete Journey by category, all lines of baskets with a
category: itemsets at three supports, and rules. Exit 0: all are equal. 1: they are not. 77: the data is absent.
"""
from __future__ import annotations

import argparse
import csv
import io
import math
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

RETAIL = {.02: (55, None), .01: (159, None), .005: (580, None), .002: (2_691, None), .001: (7_589, 7_572),
          .0005: (19_242, 19_114), .0002: (67_186, 65_301)}
JOURNEY = {.05: 62, .02: 501, .01: 2_786}
JOURNEY_BASKETS, JOURNEY_ITEMS, JOURNEY_RULES = 155_659, 302, 279  # rules at 2 % and 50 %


def plain(path: Path) -> str:
    return subprocess.run(["zstd", "-dcq", str(path)], stdout=subprocess.PIPE, check=True).stdout.decode()


def mined(program: str, lines: str, baskets: int, supports) -> dict[float, list[int]]:
    """By support: frequent, closed and rules."""
    least = {support: math.ceil(round(support * baskets, 6)) for support in supports}
    told = subprocess.run([program, *map(str, least.values()), "0.5"], input=lines.encode(), stdout=subprocess.PIPE,
                          check=True).stdout.decode().splitlines()
    return {support: [int(word) for word in line.split()[1:4]] for support, line in zip(least, told)}


def retail(program: str, data: Path):
    lines = plain(data / "frequent_itemsets/retail.dat.zst")
    found = mined(program, lines, lines.count("\n"), RETAIL)
    for support, (frequent, closed) in RETAIL.items():
        yield f"retail at {support:.2%}", found[support][0], frequent
        if closed:
            yield f"retail at {support:.2%}, closed", found[support][1], closed


def journey_lines(data: Path) -> list[str]:
    """Each basket as numbers of categories; lines of any quantity count."""
    folder = data / "completejourney"
    products = csv.DictReader(io.StringIO(plain(folder / "products.csv.zst")))
    category = {row["product_id"]: row["product_category"] for row in products if row["product_category"]}
    baskets = defaultdict(set)
    for row in csv.DictReader(io.StringIO(plain(folder / "transactions.csv.zst"))):
        if row["product_id"] in category:
            baskets[row["basket_id"]].add(category[row["product_id"]])
    numbers = {name: str(number) for number, name in enumerate(sorted(set().union(*baskets.values())))}
    return [" ".join(numbers[name] for name in sorted(basket)) for basket in baskets.values()]


def journey(program: str, data: Path):
    lines = journey_lines(data)
    yield "complete journey: items", len(set(" ".join(lines).split())), JOURNEY_ITEMS
    yield "complete journey: baskets", len(lines), JOURNEY_BASKETS
    found = mined(program, "\n".join(lines) + "\n", len(lines), JOURNEY)
    for support, frequent in JOURNEY.items():
        yield f"complete journey at {support:.0%}", found[support][0], frequent
    yield "complete journey: rules", found[.02][2], JOURNEY_RULES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[4] / "shared" / "data")
    options = parser.parse_args()
    failed = compared = 0
    for folder, figures in (("frequent_itemsets", retail), ("completejourney", journey)):
        if not (options.data / folder).is_dir():
            print(f"{folder} is absent")
            continue
        for name, told, truth in figures(options.program, options.data):
            compared += 1
            failed += told != truth
            print(f"{'ok' if told == truth else 'FAILED'}: {name}: {told}" + (f", is {truth}" if told != truth else ""))
    return 77 if not compared else 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
