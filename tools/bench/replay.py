#!/usr/bin/env python3
"""Measures whole replays: CPU seconds per million events, resident memory, bytes written; prints a table.

    tools/bench/replay.py [--program build/release/nudge] [--runs 3] [--large] [--folder build/bench]
                          [--limits build/bench-release/nudge_bench]

The mix is nine page views to one order, about 250 bytes a record, of 200 thousand customers, uniform and Zipf;
`--large` adds 2 million customers with a memory budget of 512 MiB. The Complete Journey is measured where ../shared
has it. Rows are medians of the runs, which take turns. The policy is that of `replay`: a commit every five seconds or
when the caches hold their part of the budget, each a file that RocksDB takes over and syncs, without a write-ahead log.
`--limits` names the micro-benchmarks (cmake -DNUDGE_BENCH=ON, target nudge_bench): what the machine does at best.
"""
from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = PROJECT / "config" / "examples"
DATA = PROJECT.parent / "shared" / "data" / "completejourney"


@dataclass(frozen=True)
class Case:
    name: str
    config: Path
    input: Path
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    cpu: float
    wall: float
    resident_mb: float
    events: int
    output_mb: float
    state_mb: float


def generated(program: Path, folder: Path, name: str, *settings: str) -> Path:
    target = folder / name
    if not (target / "truth.json").exists():
        command = [str(program), "generate", "--config", str(EXAMPLES / "benchmark_shop.yaml"), "--output", str(target)]
        for setting in settings:
            command += ["--set", setting]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return target


def cases(program: Path, folder: Path, large: bool) -> list[Case]:
    shop = EXAMPLES / "shop.yaml"
    found = [Case(f"200 k customers, {activity}", shop, generated(program, folder, f"small_{activity}",
                                                                  f"activity={activity}"))
             for activity in ("uniform", "zipf")]
    if large:
        found += [Case(f"2 M customers, {activity}, 512 MiB", shop,
                       generated(program, folder, f"large_{activity}", f"activity={activity}", "customers=2000000"),
                       ("engine.memory_budget=512MiB",))
                  for activity in ("uniform", "zipf")]
    if DATA.exists():
        target = folder / "completejourney"
        if not target.exists():
            subprocess.run([sys.executable, str(PROJECT / "tools" / "datasets"), "completejourney", "--output",
                            str(target)], check=True, stdout=subprocess.DEVNULL)
        found.append(Case("Complete Journey", EXAMPLES / "completejourney.yaml", target))
    return found


def size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def measured(program: Path, case: Case, folder: Path, threads: int) -> Run:
    output, state = folder / "out", folder / "state"
    for path in (output, state):
        shutil.rmtree(path, ignore_errors=True)
    command = [str(program), "--log-level", "error", "replay", "--config", str(case.config), "--input", str(case.input),
               "--output", str(output), "--threads", str(threads), "--set", f"engine.state_dir={state}"]
    for setting in case.settings:
        command += ["--set", setting]
    begin = time.monotonic()
    process = subprocess.Popen(command)
    _, code, usage = os.wait4(process.pid, 0)
    if code:
        raise SystemExit(f"{' '.join(command)}: exit code {os.waitstatus_to_exitcode(code)}")
    counters = json.loads((output / "report.json").read_text())["counters"]
    return Run(usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss / 1024,
               sum(topic["read"] for topic in counters.values()), size_mb(output), size_mb(state))


def start_seconds(program: Path, folder: Path) -> float:
    """From the start of the program to its end with one record: an upper bound of the time to the first record."""
    source = folder / "one"
    source.mkdir(exist_ok=True)
    (source / "transactions.jsonl").write_text(
        '{"event_id":"1","event_time":1704067200000,"customer_id":"c","transaction_id":"t","kind":"sale",'
        '"lines":[{"product_id":"p","quantity":1,"unit_price":"9.99"}]}\n')
    case = Case("one", EXAMPLES / "shop.yaml", source)
    return statistics.median(measured(program, case, folder, 1).wall for _ in range(5))


def print_limits(bench: Path) -> None:
    wanted = "DecodePageViews|SimdjsonFiveFields|WriteScore|NewHashes|SortedBatches"
    run = subprocess.run([str(bench), "--benchmark_format=json", f"--benchmark_filter={wanted}"], check=True,
                         capture_output=True, text=True)
    print("\n| alone, one thread | ns | items/s |\n|---|---|---|")
    for row in json.loads(run.stdout)["benchmarks"]:
        rate = f"{row['items_per_second']:,.0f}" if "items_per_second" in row else ""
        each = f"{1e9 / row['items_per_second']:.0f}" if rate else f"{row['cpu_time']:.0f} {row['time_unit']}"
        print(f"| {row['name']} | {each} | {rate} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, default=PROJECT / "build" / "release" / "nudge")
    parser.add_argument("--folder", type=Path, default=PROJECT / "build" / "bench")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--large", action="store_true", help="also 2 million customers")
    parser.add_argument("--limits", type=Path, help="the program of the micro-benchmarks, to print what they measure")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    wanted = cases(options.program, options.folder, options.large)
    runs: dict[str, list[Run]] = {case.name: [] for case in wanted}
    for _ in range(options.runs):
        for case in wanted:
            runs[case.name].append(measured(options.program, case, options.folder, options.threads))
    print(f"| replay, {options.threads} threads, median of {options.runs} | events | CPU s | CPU µs an event | wall s "
          "| resident MB | output MB | state MB |\n|---|---|---|---|---|---|---|---|")
    for name, found in runs.items():
        def median(field: str) -> float:
            return statistics.median(getattr(run, field) for run in found)
        events = found[0].events
        cpu = median("cpu")
        print(f"| {name} | {events:,} | {cpu:.1f} | {1e6 * cpu / events:.2f} | {median('wall'):.1f} "
              f"| {median('resident_mb'):.0f} | {median('output_mb'):.0f} | {median('state_mb'):.0f} |")
    print(f"\nOne record, from start to end: {1000 * start_seconds(options.program, options.folder):.0f} ms.")
    if options.limits:
        print_limits(options.limits)


if __name__ == "__main__":
    main()
