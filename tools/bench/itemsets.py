#!/usr/bin/env python3
"""How long the miner and Borgelt's programs (pip: pyfim) take for the same baskets, in one run.

    python3 tools/bench/itemsets.py build/release/mine_lines BASKETS.dat LEAST_COUNT …

BASKETS.dat has a basket of item numbers a line. Prints the best of five of each, in milliseconds; both begin with
baskets in memory and end with all itemsets and their counts.
"""
from __future__ import annotations

import subprocess
import sys
import time

import fim

RUNS = 5


def main() -> int:
    program, path, *counts = sys.argv[1:]
    with open(path, "rb") as file:
        lines = file.read()
    baskets = [[int(word) for word in line.split()] for line in lines.splitlines()]
    for count in counts:
        own = [subprocess.run([program, count], input=lines, stdout=subprocess.PIPE, check=True).stdout.decode().split()
               for _ in range(RUNS)]
        words = [f"{min(float(run[4]) for run in own):.1f} ms own ({own[0][1]} itemsets)"]
        for name in ("fpgrowth", "eclat", "relim", "sam", "apriori"):
            best = float("inf")
            for _ in range(RUNS):
                begin = time.perf_counter()
                found = getattr(fim, name)(baskets, target="s", supp=-int(count), zmin=1, report="a")
                best = min(best, 1000 * (time.perf_counter() - begin))
            words.append(f"{best:.1f} ms {name} ({len(found)})")
        print(f"in {count} baskets: " + ", ".join(words))
    return 0


if __name__ == "__main__":
    sys.exit(main())
