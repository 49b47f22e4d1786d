#!/usr/bin/env python3
"""Recency, frequency and monetary value of every customer on Kafka: nudge beside Kafka Streams and Flink, one table.

    tools/bench/kafka/bench.py [--events 10000000] [--customers 200000] [--runs 3] [--engines nudge,streams,flink,heap]
                               [--rate 20000 --seconds 30 [--failover]] [--limits] [--commit 100] [--threads 1]
                               [--brokers HOST:PORT]

All read the same events from the same broker, exactly once, in turns; figures are medians of the runs. Without
`--brokers` a broker of its own is started in `--folder`. `--rate` measures latencies instead of a backlog. README.md
says what the job is, and how to read the table.
"""
from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent.parent
TOOL = PROJECT / "tools" / "kafka-local"
RELEASE = PROJECT / "build" / "release"
INPUTS = ("transactions", "page_views", "campaign_events", "products", "customers", "care")
OUTPUTS = ("rfm", "models", "quality", "dead_letters", "late_events")
PARTITIONS = 8
START_SECONDS, END_SECONDS = 8, 60
PACE = 20_000  # events a second, where none are asked for
TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def driver(*words: object) -> dict:
    done = subprocess.run([RELEASE / "kafka_bench", *map(str, words)], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


class Bench:
    def __init__(self, options: argparse.Namespace):
        self.options, self.folder = options, options.folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.own_broker = not options.brokers
        self.brokers = options.brokers or self.start_broker()

    def start_broker(self) -> str:
        done = subprocess.run([TOOL, "start", "--folder", self.folder / "broker"], stdout=subprocess.PIPE, text=True,
                              check=True)
        return done.stdout.strip()

    def config(self, name: str, prefix: str) -> Path:
        topics = {topic: f"{prefix}.{topic}" for topic in INPUTS} | {topic: f"{name}.{topic}" for topic in OUTPUTS}
        options = self.options
        path = self.folder / f"{name}.yaml"
        path.write_text(json.dumps({
            "name": name, "kafka": {"bootstrap.servers": self.brokers}, "input": {"connector": "kafka"},
            "output": [{"connector": "kafka"}], "topics": topics, "operators": self.operators(),
            "engine": {"partitions": PARTITIONS, "history": "whole" if options.whole else "needed",
                       "threads": options.threads, "delivery": options.delivery, "memory_budget": options.memory,
                       "commit_interval": f"{options.commit}ms"}}, indent=1))
        subprocess.run([RELEASE / "nudge", "topics", "create", "--config", path], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return path

    def operators(self) -> dict:
        """What the peers do; with --whole everything that nudge does by default, which they do not."""
        return {"rfm": {}} if self.options.whole else {"rfm": {}, "sessions": False, "profile": False}

    def command(self, engine: str, name: str, prefix: str, state: Path) -> list[object]:
        config, options = self.config(name, prefix), self.options
        if engine == "nudge":
            return [RELEASE / "nudge", "run", "--config", config, "--set", f"engine.state_dir={state}", "--set",
                    f"http.bind=127.0.0.1:{free_port()}"]
        java = ["java", "-Xms1g", "-Xmx1g", "-XX:+UseG1GC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                *(f"--add-opens=java.base/java.{part}=ALL-UNNAMED" for part in ("util", "lang", "time")),
                "-cp", f"{PROJECT}/build/peers/classes:{PROJECT}/build/peers/lib/*"]
        shared = [self.brokers, prefix, f"{name}.rfm", state, options.threads, options.commit]
        if engine == "streams":
            return [*java, "peers.StreamsJob", *shared, options.cache_mb]
        return [*java, "peers.FlinkJob", *shared, "hashmap" if engine == "heap" else "rocksdb"]

    def start(self, engine: str, name: str, prefix: str, state: Path, log_name: str = "") -> subprocess.Popen:
        command = [str(word) for word in self.command(engine, name, prefix, state)]
        with (self.folder / f"{log_name or name}.log").open("a") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def end(self, process: subprocess.Popen) -> None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def run(self, engine: str, number: int, orders: int) -> dict:
        name = f"{engine}-{number}-{os.getpid()}"
        state = self.folder / f"{name}.state"
        prefix = name if self.options.rate else self.options.prefix
        process = self.start(engine, name, prefix, state)
        try:
            if self.options.rate:
                time.sleep(START_SECONDS)
                found = driver("pace", self.brokers, prefix, f"{name}.rfm", self.options.rate, self.options.seconds)
            else:
                found = driver("watch", self.brokers, f"{name}.rfm", orders, self.options.patience)
                found["events_s"] = found["share_per_second"] * self.options.events
            found |= self.resources(process.pid)
        finally:
            self.end(process)
        if engine == "nudge" and not self.options.rate:
            found |= self.restored(name, prefix, state)
        shutil.rmtree(state, ignore_errors=True)
        return found

    @staticmethod
    def resources(pid: int) -> dict:
        stat = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        peak = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        return {"cpu_s": (int(stat[11]) + int(stat[12])) / TICKS, "peak_mb": int(peak.group(1)) / 1024}

    def restored(self, name: str, prefix: str, state: Path) -> dict:
        """How fast the state is made again on an empty disk."""
        shutil.rmtree(state)
        again = self.start("nudge", name, prefix, state)
        said = None
        for _ in range(300):
            time.sleep(0.2)
            told = re.findall(r"restored records=(\d+) .*seconds=([\d.]+)",
                              (self.folder / f"{name}.log").read_text())
            said = next(((int(records), float(seconds)) for records, seconds in told if int(records) > 0), None)
            if said:
                break
        self.end(again)
        return {"restore_s": said[0] / said[1], "restored": said[0]} if said else {}

    def filled(self) -> dict:
        """What the input topics hold, which are filled once."""
        options = self.options
        self.config(f"fill-{options.prefix}", options.prefix)
        told = self.folder / f"{options.prefix}.json"
        if not told.exists():
            told.write_text(json.dumps(driver("fill", self.brokers, options.prefix, options.events,
                                              options.customers)))
        return json.loads(told.read_text())

    def limits(self) -> None:
        """librdkafka alone: producing the input, reading it, and one event's way from a producer to a reader."""
        filled = self.filled()
        drained = [driver("drain", self.brokers, self.options.prefix) for _ in range(self.options.runs)]
        rate = self.options.rate or PACE
        paced = driver("pace", self.brokers, self.options.prefix, f"{self.options.prefix}.transactions", rate,
                       self.options.seconds)
        print(f"producer {filled['events'] / filled['seconds']:,.0f} events/s of {filled['bytes_each']:.0f} bytes; "
              f"consumer {statistics.median(run['events_s'] for run in drained):,.0f} events/s; "
              f"at {rate} events/s from producer to reader p50 {paced['p50']} ms, p99 {paced['p99']} ms")

    def failover(self) -> None:
        """One of two instances is killed while events come: when the other knows of it, and works for both."""
        name = f"failover-{os.getpid()}"
        instances = [self.start("nudge", name, name, self.folder / f"{name}.state{each}", f"{name}-{each}")
                     for each in range(2)]
        time.sleep(START_SECONDS)
        rate = self.options.rate or PACE
        pace = subprocess.Popen([RELEASE / "kafka_bench", "pace", self.brokers, name, f"{name}.rfm", str(rate),
                                 str(self.options.seconds)], stdout=subprocess.DEVNULL)
        time.sleep(self.options.seconds / 2)
        killed = datetime.now(timezone.utc)
        instances[0].kill()
        pace.wait()
        self.end(instances[1])
        # The other one leads now: it places the tasks anew as soon as the group has told it.
        told = (self.folder / f"{name}-1.log").read_text()

        def first_after(words: str) -> datetime:
            times = (datetime.fromisoformat(line.split()[0]) for line in told.splitlines() if words in line)
            return min(at for at in times if at > killed)

        placed, live = first_after("assignment written"), first_after("live generation=")
        print(f"known after {(placed - killed).total_seconds():.2f} s, "
              f"works {(live - placed).total_seconds():.2f} s later")

    def table(self) -> None:
        options = self.options
        orders = 0 if options.rate else self.filled()["orders"]
        results: dict[str, list[dict]] = {engine: [] for engine in options.engines.split(",")}
        for number in range(options.runs):
            for engine, found in results.items():
                found.append(self.run(engine, number, orders))
                print(json.dumps({"engine": engine, "run": number} | found[-1]), file=sys.stderr, flush=True)
        columns = (("sent", "p50", "p90", "p99", "peak_mb", "cpu_s") if options.rate
                   else ("events_s", "cpu_s", "peak_mb", "restore_s"))
        print("| engine | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
        for engine, found in results.items():
            medians = [statistics.median(run.get(column, 0) for run in found) for column in columns]
            print(f"| {engine} | " + " | ".join(f"{median:,.0f}" for median in medians) + " |")

    def close(self) -> None:
        if self.own_broker:
            subprocess.run([TOOL, "wipe", "--folder", self.folder / "broker"], check=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--engines", default="nudge,streams,flink,heap")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--commit", type=int, default=100, help="milliseconds between two commits")
    parser.add_argument("--rate", type=int, help="events a second; measures latencies")
    parser.add_argument("--seconds", type=int, default=30, help="of the rate")
    parser.add_argument("--delivery", default="exactly_once", help="nudge's; the peers' is exactly once")
    parser.add_argument("--failover", action="store_true", help="instead: one of two nudges is killed at --rate")
    parser.add_argument("--limits", action="store_true", help="instead: what librdkafka does alone")
    parser.add_argument("--whole", action="store_true", help="nudge keeps sessions, profiles and whole histories, too")
    parser.add_argument("--memory", default="1GiB", help="nudge's engine.memory_budget")
    parser.add_argument("--cache-mb", type=int, default=128, help="Kafka Streams' record cache")
    parser.add_argument("--patience", type=int, default=300, help="seconds for a backlog")
    parser.add_argument("--prefix", default="bench", help="of the input topics of a backlog")
    parser.add_argument("--brokers", help="of a broker that runs; without it one is started")
    parser.add_argument("--folder", type=Path, default=PROJECT / "build" / "kafka-bench")
    options = parser.parse_args()
    subprocess.run(["mvn", "-B", "-q", "-f", HERE / "peers" / "pom.xml", "package"], check=True)
    bench = Bench(options)
    try:
        if options.limits:
            bench.limits()
        elif options.failover:
            bench.failover()
        else:
            bench.table()
    finally:
        bench.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
