#!/usr/bin/env python3
"""Exactly once under faults: run.py build/release/nudge [--only FAULT…] [--seed S] [--soak] [--seconds T]

Each fault happens again and again to a shop that is generated meanwhile; then what was committed is compared record by
record with two references (scenario.py). Prints the fault table, each with its seed, and last `N passed, N failed`.
Without --soak each fault takes its short form. With it, seeds follow each other until the time is over.
"""
from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "kafka"), str(TESTS / "faults")]
sys.dont_write_bytecode = True
import harness  # noqa: E402
import process_faults as processes  # noqa: E402
from scenario import BROKER, Row  # noqa: E402


@dataclass(frozen=True)
class Fault:
    name: str
    short: Callable[[str, int], Row]
    long: Callable[[str, int], Row]


FAULTS = (
    Fault("kill-steps", processes.kill_at_steps, lambda servers, seed: processes.kill_at_steps(servers, seed, 10)),
    Fault("pause-steps", lambda servers, seed: processes.stop_at_steps(servers, seed, 3), processes.stop_at_steps),
    Fault("kills", processes.random_kills, lambda servers, seed: processes.random_kills(servers, seed, 300)),
    Fault("storm", processes.rebalance_storm, lambda servers, seed: processes.rebalance_storm(servers, seed, 100)),
)


def table(rows: list[Row]) -> str:
    lines = [f"{'fault':<24} {'seed':>10} {'runs':>5} {'records':>8} {'lost':>5} {'repeated':>8} {'s':>5}  note"]
    lines += [f"{row.fault:<24} {row.seed:>10} {row.runs:>5} {row.records:>8} {row.lost:>5} {row.repeated:>8} "
              f"{row.seconds:>5.0f}  {row.note}" for row in rows]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--only", nargs="+", choices=[fault.name for fault in FAULTS], help="these faults")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--soak", action="store_true", help="the long forms, again and again")
    parser.add_argument("--seconds", type=float, default=0, help="of --soak: no fault begins after this time")
    options = parser.parse_args()
    chosen = [fault for fault in FAULTS if not options.only or fault.name in options.only]
    until, seed, rows = time.monotonic() + options.seconds, options.seed, []
    while True:
        for fault in chosen:
            if rows and options.soak and time.monotonic() >= until:
                break
            with harness.workspace(options.program), harness.started_broker(BROKER) as servers:
                if servers:
                    rows.append((fault.long if options.soak else fault.short)(servers, seed))
        seed += 1
        if not options.soak or time.monotonic() >= until or harness.FAILED:
            break
    print(table(rows))
    return harness.summary()


if __name__ == "__main__":
    sys.exit(main())
