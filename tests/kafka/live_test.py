#!/usr/bin/env python3
"""`nudge run` against a broker of its own: live_test.py build/release/nudge [--kills N] [--seed S]

What was committed is exported, and compared with a replay of the same topics that follows the journal: the same records
for every key, whatever was killed on the way. Prints each failure and last `N passed, N failed`.
"""
from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict
from pathlib import Path

import harness
from harness import expect, run


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_configs(name: str, bootstrap: str) -> None:
    """One application's own topics, so that scenarios do not see each other."""
    topics = "\n".join(f"  {topic}: {name}.in.{topic}" for topic in
                       ("transactions", "page_views", "campaign_events", "products", "customers", "care"))
    outputs = "\n".join(f"  {topic}: {name}.out.{topic}" for topic in
                        ("rfm", "scores", "targets", "targets.state", "quality", "models", "dead_letters",
                         "late_events"))
    shared = f"""
kafka: {{bootstrap.servers: "{bootstrap}"}}
topics:
{topics}"""
    (harness.FOLDER / f"{name}.yaml").write_text(f"""
name: {name}
engine: {{partitions: 3, threads: 2}}
input: {{connector: kafka}}
output: [{{connector: kafka}}]
operators:
  profile: {{}}
  rfm: {{}}
  sessions: {{gap: 30m}}
  scores:
    - {{name: churn, of: customers, label: {{none: transactions, where: "kind = 'sale'", within: 30d}}, every: 7d}}
  targets:
    - {{list: winback, score: churn, band: [0.1, 0.9], channel: email, campaign: come_back, valid: 14d}}
targeting: {{holdout: 0.1}}
{shared}
{outputs}
""")
    (harness.FOLDER / f"{name}_shop.yaml").write_text(f"customers: 500\nweeks: 30\npartitions: 3\n{shared}")


class Instance:
    """One process of `nudge run`, with a disk of its own."""

    def __init__(self, name: str, disk: str) -> None:
        self.name, self.state = name, harness.FOLDER / f"{name}_{disk}"
        self.log = (harness.FOLDER / f"{name}_{disk}.log").open("a")
        self.port = free_port()
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [harness.NUDGE, "run", "--config", f"{self.name}.yaml", "--set", f"engine.state_dir={self.state}",
             "--set", f"http.bind=127.0.0.1:{self.port}"],
            cwd=harness.FOLDER, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError as problem:
            return 0, str(problem)


def records_by_key(folder: Path) -> dict[tuple[str, str], list[str]]:
    found = defaultdict(list)
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            found[path.name, json.loads(line)["key"]].append(line)
    return found


def counters(folder: Path) -> dict:
    return json.loads((folder / "report.json").read_text())["counters"]


def export(name: str) -> Path:
    folder = harness.FOLDER / f"{name}_exported"
    exported = run("topics", "export", "--config", f"{name}.yaml", "--output", folder)
    assert exported.returncode == 0, exported
    return folder


def wait_until_read(name: str, records: int) -> int:
    """Until as many records were taken into commits; gives how many were."""
    read = -1
    for _ in range(60):
        read = sum(topic["read"] for topic in counters(export(name)).values()) if read >= 0 else 0
        if read >= records:
            break
        time.sleep(1)
    return read


def compare(scenario: str, name: str) -> None:
    """The export and a replay that follows the journal."""
    exported = export(name)
    replayed = harness.FOLDER / f"{name}_replayed"
    replay = run("replay", "--config", f"{name}.yaml", "--output", replayed, "--set",
                 f"engine.state_dir={harness.FOLDER / (name + '_replay_state')}")
    expect(f"{scenario}: a replay", replay.returncode == 0 and "follows the journal" in replay.stderr, replay)
    ours, theirs = records_by_key(exported), records_by_key(replayed)
    different = [key for key in sorted(ours.keys() | theirs.keys()) if ours.get(key) != theirs.get(key)]
    expect(f"{scenario}: {len(ours)} keys are the same", not different,
           [(key, len(ours.get(key, [])), len(theirs.get(key, []))) for key in different[:5]])
    expect(f"{scenario}: there is something to compare", len(ours) > 100, len(ours))
    expect(f"{scenario}: the counters are the same", counters(exported) == counters(replayed),
           (counters(exported), counters(replayed)))


def begin(name: str, bootstrap: str) -> None:
    write_configs(name, bootstrap)
    created = run("topics", "create", "--config", f"{name}.yaml")
    expect(f"{name}: topics are created", created.returncode == 0, created)


def generated(told: str) -> int:
    return int(told.split(" records=")[1].split()[0])


def one_instance(bootstrap: str) -> None:
    begin("single", bootstrap)
    told = run("generate", "--config", "single_shop.yaml", "--output", "kafka", "--seed", 5)
    instance = Instance("single", "a")
    read = wait_until_read("single", generated(told.stderr))
    expect("all records are read", read == generated(told.stderr), (read, told.stderr))
    expect("it is ready", instance.get("/readyz")[0] == 200, instance.get("/readyz"))
    status, figures = instance.get("/metrics")
    expect("it shows its figures", status == 200 and "nudge_commit" in figures, figures[:300])
    expect("no customer is named in a figure", "c0000" not in figures)
    expect("SIGTERM ends it well", instance.stop() == 0, instance.log.name)
    compare("one instance", "single")
    again = Instance("single", "a")
    time.sleep(3)
    expect("it goes on with nothing to do", again.stop() == 0, again.log.name)
    compare("started again", "single")


def refusals(bootstrap: str) -> None:
    write_configs("nothing", bootstrap)
    missing = run("run", "--config", "nothing.yaml", "--set", f"http.bind=127.0.0.1:{free_port()}")
    expect("topics that are missing", missing.returncode == 78 and "nudge topics create" in missing.stderr, missing)
    replayed = harness.FOLDER / "single_replay_state"
    foreign = run("run", "--config", "single.yaml", "--set", f"engine.state_dir={replayed}", "--set",
                  f"http.bind=127.0.0.1:{free_port()}")
    expect("the state of a replay", foreign.returncode == 78 and "nudge replay" in foreign.stderr, foreign)
    backwards = run("replay", "--config", "single.yaml", "--output", harness.FOLDER / "none", "--set",
                    f"engine.state_dir={harness.FOLDER / 'single_a'}")
    expect("a replay does not touch a run's state", backwards.returncode == 78, backwards)
    other = run("run", "--config", "single.yaml", "--set", f"engine.state_dir={harness.FOLDER / 'single_a'}", "--set",
                "engine.partitions=5", "--set", f"http.bind=127.0.0.1:{free_port()}")
    expect("another number of partitions", other.returncode == 78 and "partitions" in other.stderr, other)


def kills(bootstrap: str, count: int, seed: int) -> None:
    print(f"kills={count} seed={seed}", flush=True)
    chance = random.Random(seed)
    begin("killed", bootstrap)
    source = subprocess.Popen([harness.NUDGE, "generate", "--config", "killed_shop.yaml", "--output", "kafka", "--seed",
                               str(seed), "--rate", str(max(500, 15_000 // max(count, 1)))],
                              cwd=harness.FOLDER, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    instances = [Instance("killed", "a"), Instance("killed", "b")]
    wiped = 0
    for _ in range(count):
        time.sleep(chance.uniform(0.1, 2.0))
        victim = chance.choice(instances)
        victim.kill()
        if chance.random() < 0.3:
            shutil.rmtree(victim.state, ignore_errors=True)
            wiped += 1
        victim.start()
    told = source.communicate()[1]
    read = wait_until_read("killed", generated(told))
    expect("after the kills all records are read, none twice", read == generated(told), (read, told))
    for instance in instances:
        expect("SIGTERM ends it well after all", instance.stop() == 0, Path(instance.log.name).read_text()[-600:])
    compare(f"{count} kills, {wiped} disks wiped, seed {seed}", "killed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments = parser.parse_args()

    def every_part(bootstrap: str) -> None:
        one_instance(bootstrap)
        refusals(bootstrap)
        kills(bootstrap, arguments.kills, arguments.seed)

    sys.exit(harness.with_broker(arguments.program, [], every_part))
