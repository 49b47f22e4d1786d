#!/usr/bin/env python3
"""Complete Journey through Kafka: journey_test.py build/release/nudge [--seed S]

A year of real households arrives while two instances of `nudge run` share the work; one is killed with kill -9 and
comes back, and a third joins. What was committed must equal a replay of the same topics that follows the journal.
Prints each failure and last `N passed, N failed`; nothing to do where the data are not beside the project.
"""
from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import harness
from harness import expect
from live import INPUTS, OUTPUTS, Instance, compare, export, counters, replay, wait_until_read

PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared"
DATA, SAME = SHARED / "data" / "completejourney", SHARED / "acceptance" / "check_same.py"
EXAMPLE = PROJECT / "config" / "examples" / "completejourney.yaml"
NAME = "journey"


def is_possible() -> bool:
    return DATA.exists() and SAME.exists()


def write_config(bootstrap: str) -> None:
    """The example's, with Kafka for the files."""
    text = re.sub(r"^name: .*$", f"name: {NAME}", EXAMPLE.read_text(), flags=re.MULTILINE)
    text = re.sub(r"^input: .*$", "input: {connector: kafka}", text, flags=re.MULTILINE)
    text = re.sub(r"^output: .*$", "output: [{connector: kafka}]", text, flags=re.MULTILINE)
    topics = "".join(f"  {topic}: {NAME}.in.{topic}\n" for topic in INPUTS)
    topics += "".join(f"  {topic}: {NAME}.out.{topic}\n" for topic in OUTPUTS)
    (harness.FOLDER / f"{NAME}.yaml").write_text(
        f'{text}\nkafka: {{bootstrap.servers: "{bootstrap}"}}\ntopics:\n{topics}')


def publish(folder: Path) -> tuple[list[subprocess.Popen], int]:
    """All topics at once, as fast as they come."""
    writers, records = [], 0
    for path in sorted(folder.glob("*.jsonl")):
        topic = path.stem.split("-")[0]
        records += sum(1 for _ in path.open("rb"))
        key = "product_id" if topic == "products" else "customer_id"
        command = [harness.TOOL, "produce", f"{NAME}.in.{topic}", key, "--folder", harness.BROKER]
        writers.append(subprocess.Popen(command, stdin=path.open("rb")))
    return writers, records


def journey(bootstrap: str, seed: int) -> None:
    print(f"seed={seed}", flush=True)
    chance = random.Random(seed)
    folder = harness.FOLDER / "data"
    subprocess.run([sys.executable, PROJECT / "tools" / "datasets", "completejourney", "--output", folder], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    write_config(bootstrap)
    created = harness.run("topics", "create", "--config", f"{NAME}.yaml")
    expect("topics are created", created.returncode == 0, created)
    instances = [Instance(NAME, "a"), Instance(NAME, "b")]
    writers, records = publish(folder)
    time.sleep(chance.uniform(5, 8))
    victim = chance.choice(instances)
    victim.kill()
    time.sleep(chance.uniform(0, 2))
    victim.start()
    time.sleep(chance.uniform(0, 2))
    instances.append(Instance(NAME, "c"))
    for writer in writers:
        expect("the data are published", writer.wait() == 0)
    read = wait_until_read(NAME, records, seconds=180)
    expect("all records are read, none twice", read == records, (read, records))
    for instance in instances:
        expect("SIGTERM ends it well", instance.stop() == 0, instance.told())
        told = Path(instance.log.name).read_text(errors="replace")
        expect("it had a share of the tasks", re.search(r"tasks=[1-7] of=8", told), told[-600:])
    compare(f"one killed, one joined, seed {seed}", NAME)
    exported, replayed = export(NAME), replay(NAME)
    same = subprocess.run([sys.executable, SAME, exported, replayed], capture_output=True, text=True, check=False)
    expect("check_same", same.returncode == 0, same)
    print(same.stdout.strip().splitlines()[-1], {topic: each["read"] for topic, each in counters(exported).items()})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments = parser.parse_args()
    if not is_possible():
        print(f"skipped: {DATA} is not there\n0 passed, 0 failed")
        sys.exit(0)
    sys.exit(harness.with_broker(arguments.program, [], lambda bootstrap: journey(bootstrap, arguments.seed)))
