"""`nudge deliver` from a topic: from where it had come, after it was killed, and while more comes."""
from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import harness
from harness import PROJECT, TOOL, expect, run

sys.path.insert(0, str(PROJECT / "tests" / "webhook"))
import records as made  # noqa: E402
from deliver_test import CONCURRENCY, UNCOMMITTED_MAX, repeats, told  # noqa: E402
from receiver import SECRET, Behaviour, Receiver  # noqa: E402

TOPIC = "delivered.targets"


def write_config(bootstrap: str, url: str) -> None:
    (harness.FOLDER / "whsec").write_text(SECRET)
    webhook = {"name": "hook", "url": url, "secret": {"file": "whsec"}, "rate": 500, "burst": 10,
               "concurrency": CONCURRENCY, "retry": {"backoff": "10ms", "backoff_max": "50ms"}}
    score = {"name": "churn", "of": "customers", "label": {"none": "transactions", "within": "60d"}, "every": "7d"}
    (harness.FOLDER / "deliver.yaml").write_text(json.dumps({
        "name": "delivered", "engine": {"state_dir": "state_delivered", "partitions": 3},
        "input": {"connector": "kafka"}, "output": [{"connector": "kafka"}],
        "kafka": {"bootstrap.servers": bootstrap}, "topics": {"targets": TOPIC},
        "operators": {"scores": [score], "targets": [{"list": "winback", "score": "churn", "band": [0, 1]}]},
        "webhooks": [webhook]}))


def produce(entries: list[dict]) -> None:
    lines = "".join(json.dumps(entry) + "\n" for entry in entries)
    done = subprocess.run([TOOL, "produce", TOPIC, "key", "--folder", harness.BROKER], input=lines, text=True,
                          check=False, capture_output=True)
    expect("the records are produced", done.returncode == 0, done)


def command(*more: str) -> list[str]:
    return [harness.NUDGE, "deliver", "--config", "deliver.yaml", *more]


def by_list(changes: dict) -> dict:
    """What is told of one customer in one list, whose order a topic keeps; two lists may lie in two partitions."""
    parts: dict[tuple[str, str], list] = {}
    for customer, told_of in changes.items():
        for change in told_of:
            parts.setdefault((customer, change[0]), []).append(change)
    return parts


def deliver(bootstrap: str) -> None:
    entries = made.stream(seed=11, count=900, customers=60)
    with Receiver(lambda n, _: Behaviour(500 if n % 7 == 3 else 200)) as receiver:
        write_config(bootstrap, receiver.url)
        missing = run("deliver", "--config", "deliver.yaml")
        expect("a topic that is missing", missing.returncode == 78 and TOPIC in missing.stderr, missing)
        created = run("topics", "create", "--config", "deliver.yaml")
        expect("the topics are created", created.returncode == 0, created)
        produce(entries[:400])
        kills = 0
        for _ in range(2):
            process = subprocess.Popen(command("--follow"), cwd=harness.FOLDER, stderr=subprocess.DEVNULL)
            time.sleep(1.2)
            process.send_signal(signal.SIGKILL)
            kills += process.wait() == -signal.SIGKILL
        once = run("deliver", "--config", "deliver.yaml")
        expect("all that is there", once.returncode == 0 and
               by_list(told(receiver.taken())) == by_list(made.changes_of(entries[:400])), once)
        process = subprocess.Popen(command("--follow"), cwd=harness.FOLDER, stderr=subprocess.PIPE, text=True)
        produce(entries[400:])
        wanted, deadline = by_list(made.changes_of(entries)), time.monotonic() + 30
        while by_list(told(receiver.taken())) != wanted and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=20)[1]
        expect("and what comes later", process.returncode == 0 and by_list(told(receiver.taken())) == wanted, log)
        most = kills * (UNCOMMITTED_MAX + CONCURRENCY)
        expect(f"at most {most} repeats", repeats(receiver.taken()) <= most, repeats(receiver.taken()))
