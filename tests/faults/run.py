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
import broker_faults as brokers  # noqa: E402
import harness  # noqa: E402
import process_faults as processes  # noqa: E402
import state_faults as states  # noqa: E402
from live import free_port  # noqa: E402
from scenario import BROKER, Row  # noqa: E402


@dataclass(frozen=True)
class Fault:
    name: str
    short: Callable[[str, int], Row]  # with bootstrap.servers and a seed
    long: Callable[[str, int], Row]
    brokers: int = 1


def often(fault: Callable[[str, int, int], Row], times: int) -> Callable[[str, int], Row]:
    return lambda servers, seed: fault(servers, seed, times)


FAULTS = (
    Fault("kill-steps", often(processes.kill_at_steps, 1), often(processes.kill_at_steps, 20)),
    Fault("pause-steps", often(processes.stop_at_steps, 2), often(processes.stop_at_steps, 100)),
    Fault("kills", often(processes.random_kills, 40), often(processes.random_kills, 500)),
    Fault("storm", often(processes.rebalance_storm, 12), often(processes.rebalance_storm, 200)),
    Fault("restart", often(brokers.restarts, 2), often(brokers.restarts, 30)),
    Fault("network", often(brokers.network, 6), often(brokers.network, 100)),
    Fault("requests", often(brokers.requests, 1), often(brokers.requests, 10)),
    Fault("identity", often(states.identities, 3), often(states.identities, 30)),
    Fault("expired", often(states.expired_state, 1), often(states.expired_state, 10)),
    Fault("changelog", states.lost_changelog, states.lost_changelog),
    Fault("clock", often(states.clock_jumps, 4), often(states.clock_jumps, 60)),
    Fault("disk", states.full_disk, states.full_disk),
    Fault("leader", often(brokers.leader_losses, 1), often(brokers.leader_losses, 30), brokers=3),
)


def table(rows: list[Row]) -> str:
    lines = [f"{'fault':<24} {'seed':>10} {'runs':>5} {'records':>8} {'lost':>5} {'repeated':>8} {'s':>5}  note"]
    lines += [f"{row.fault:<24} {row.seed:>10} {row.runs:>5} {row.records:>8} {row.lost:>5} {row.repeated:>8} "
              f"{row.seconds:>5.0f}  {row.note}" for row in rows]
    return "\n".join(lines)


def one_round(chosen: list[Fault], seed: int, until: float | None) -> list[Row]:
    """The short forms; where a time is given the long ones, as long as it has not come."""
    rows: list[Row] = []
    for count in sorted({fault.brokers for fault in chosen}):
        options = [*BROKER, "--brokers", str(count), "--proxy", str(free_port())]
        with harness.started_broker(options, f"brokers_{count}") as servers:
            for fault in chosen:
                if not servers or fault.brokers != count or (until and rows and time.monotonic() >= until):
                    continue
                rows.append((fault.long if until else fault.short)(servers, seed))
                print(table(rows[-1:]), flush=True)
    return rows


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
    while not rows or options.soak and time.monotonic() < until and not harness.FAILED:
        with harness.workspace(options.program):
            rows += one_round(chosen, seed, until if options.soak else None)
        seed += 1
    print("== fault table")
    print(table(rows))
    return harness.summary()


if __name__ == "__main__":
    sys.exit(main())
