#!/usr/bin/env python3
"""Compares how many rules between sets the miner finds with SPMF's RuleGrowth, where the data is beside the project.

Usage: compare_set_rules.py MINE_SEQUENCES [--data ../shared/data]
kosarak25k, click by click: rules at a confidence of 0.3 and three supports. Exit 0: all are equal. 1: they are not.
77: the data is absent.
"""
from __future__ import annotations

import argparse
import math
import subprocess
import sys
from pathlib import Path

SEQUENCES = 25_000
RULES = {.01: 169, .005: 688, .002: 19_448}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[4] / "shared" / "data")
    options = parser.parse_args()
    path = options.data / "sequences" / "kosarak25k.txt.zst"
    if not path.is_file():
        print(f"{path.name} is absent")
        return 77
    lines = subprocess.run(["zstd", "-dcq", str(path)], stdout=subprocess.PIPE, check=True).stdout
    failed = len(lines.splitlines()) != SEQUENCES
    least = [str(math.ceil(round(support * SEQUENCES, 6))) for support in RULES]
    told = subprocess.run([options.program, *least, "0.3"], input=lines, stdout=subprocess.PIPE,
                          check=True).stdout.decode().splitlines()
    for (support, truth), line in zip(RULES.items(), told, strict=True):
        _, rules, milliseconds = line.split()
        failed |= int(rules) != truth
        print(f"{'ok' if int(rules) == truth else 'FAILED'}: at {support:.1%}: {rules} rules, of {truth}, "
              f"in {milliseconds} ms")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
