#!/usr/bin/env python3
"""The commands that use Kafka, against a broker of their own: command_test.py build/release/nudge

What is generated there is what is generated into files; topics are created and checked; without a broker the exit code
is 69. Prints each failure and last `N passed, N failed`.
"""
from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import harness
from deliver import deliver
from harness import TOOL, expect, run
from reader import Reader

NOBODY = "127.0.0.1:1"


def write_configs(bootstrap: str) -> None:
    (harness.FOLDER / "shop.yaml").write_text(f"""
name: shop
engine: {{partitions: 3}}
input: {{connector: kafka}}
output: [{{connector: files, path: out}}, {{connector: kafka}}]
kafka: {{bootstrap.servers: "{bootstrap}"}}
operators: {{rfm: {{}}, sessions: {{gap: 30m}}}}
""")
    (harness.FOLDER / "planted.yaml").write_text(f"""
customers: 60
weeks: 30
partitions: 3
kafka: {{bootstrap.servers: "{bootstrap}"}}
""")


def topics() -> None:
    missing = run("topics", "check", "--config", "shop.yaml")
    expect("topics that are missing", missing.returncode == 78 and "topics are missing" in missing.stderr, missing)
    created = run("topics", "create", "--config", "shop.yaml")
    expect("topics are created", created.returncode == 0 and "created" in created.stdout, created)
    checked = run("topics", "check", "--config", "shop.yaml")
    lines = checked.stdout.split("\n")
    expect("topics are as they must be", checked.returncode == 0, checked)
    for name, partitions in {"transactions": 3, "customers": 3, "rfm": 3, "dead_letters": 3, "shop.members": 1,
                             "shop.assignment": 1}.items():
        expect(f"topic {name}", any(line.split() == [name, str(partitions), "there"] for line in lines), checked.stdout)
    again = run("topics", "create", "--config", "shop.yaml")
    expect("creating again changes nothing", again.returncode == 0 and "created=0" in again.stderr, again)


def generate() -> None:
    full = run("generate", "--config", "planted.yaml", "--output", "kafka", "--seed", 5, "--truth", "truth.json")
    expect("generate to Kafka", full.returncode == 0 and "records_per_second=" in full.stderr, full)
    files = run("generate", "--config", "planted.yaml", "--output", "files", "--seed", 5)
    expect("generate to files", files.returncode == 0, files)
    expect("the same truth",
           (harness.FOLDER / "truth.json").read_bytes() == (harness.FOLDER / "files/truth.json").read_bytes())
    records = sum(len(path.read_bytes().splitlines()) for path in (harness.FOLDER / "files").glob("*.jsonl"))
    expect("as many records", f"records={records} " in full.stderr, (records, full.stderr))


def pace() -> None:
    begin = time.monotonic()
    paced = run("generate", "--config", "planted.yaml", "--output", "kafka", "--rate", 1000, "--set", "weeks=10",
                "--set", "customers=40")
    seconds = time.monotonic() - begin
    words = dict(part.split("=") for part in paced.stderr.split() if part.count("=") == 1)
    reached = float(words.get("records_per_second", 0))
    # A machine that is busy with other things may fall behind; it must never be ahead.
    expect("a stated rate", paced.returncode == 0 and 500 <= reached <= 1010, paced)
    expect("takes its time", seconds >= 0.95 * int(words.get("records", 0)) / 1000, seconds)
    rate = run("generate", "--config", "planted.yaml", "--output", "files2", "--rate", 1000)
    expect("files have no rate", rate.returncode == 64 and "--rate" in rate.stderr, rate)


def replay() -> None:
    """What is replayed from Kafka is, byte for byte, what is replayed from files of the same records."""
    spring = ["--from", "2024-03-01T00:00:00Z", "--until", "2024-05-31T00:00:00Z"]
    for name, span in {"whole": [], "spring": spring}.items():
        outputs = {}
        for source, given in {"kafka": [], "files": ["--input", "files"]}.items():
            folder = harness.FOLDER / f"replayed_{name}_{source}"
            told = run("replay", "--config", "shop.yaml", *given, *span, "--output", folder, "--set",
                       f"engine.state_dir=state_{name}_{source}")
            expect(f"replay {name} from {source}", told.returncode == 0, told)
            outputs[source] = {path.name: path.read_bytes() for path in folder.glob("*.jsonl")}
        expect(f"replay {name}: the same topics", set(outputs["kafka"]) == set(outputs["files"]), outputs)
        expect(f"replay {name}: something", len(outputs["kafka"].get("rfm.jsonl", b"")) > 10_000)
        for topic, content in outputs["kafka"].items():
            expect(f"replay {name}: the same {topic}", content == outputs["files"].get(topic))
    told = run("replay", "--config", "shop.yaml", "--output", "none", "--set", f"kafka.bootstrap.servers={NOBODY}")
    expect("replay without a broker", told.returncode == 69 and NOBODY in told.stderr, told)


def secured() -> None:
    """What the brokers refuse is one error, which names them and the setting."""
    place = subprocess.run([TOOL, "status", "--listener", "SASL_PLAINTEXT", "--folder", harness.FOLDER / "broker"],
                           capture_output=True, text=True, check=True).stdout.strip()
    for password, code in {"scram-secret": 0, "another": 69}.items():
        (harness.FOLDER / "password").write_text(password + "\n")
        begin = time.monotonic()
        told = run("topics", "check", "--config", "shop.yaml", *(part for setting in (
            f"bootstrap.servers={place}", "security.protocol=sasl_plaintext", "sasl.mechanism=SCRAM-SHA-512",
            "sasl.username=nudge", "sasl.password={file: password}") for part in ("--set", f"kafka.{setting}")))
        expect(f"exit code {code} by the password", told.returncode == code, told)
        errors = [line for line in told.stderr.splitlines() if line.startswith("nudge: ")]
        if code:
            expect("one error", len(errors) == 1 and place in errors[0] and "kafka.sasl.password" in errors[0], told)
            expect("no secret", password not in told.stderr, told)
            expect("at once", time.monotonic() - begin < 8, told)


def no_broker() -> None:
    for arguments in (["topics", "check", "--config", "shop.yaml"],
                      ["generate", "--config", "planted.yaml", "--output", "kafka"]):
        told = run(*arguments, "--set", f"kafka.bootstrap.servers={NOBODY}")
        expect(f"{arguments[0]} without a broker", told.returncode == 69 and NOBODY in told.stderr and
               "kafka.bootstrap.servers" in told.stderr and "start the brokers" in told.stderr, told)
    unnamed = run("generate", "--config", "planted.yaml", "--output", "kafka", "--set", "topics.care=nowhere")
    expect("a topic that is missing", unnamed.returncode == 78 and "topics.care" in unnamed.stderr, unnamed)
    for setting, words in {"kafka.ssl.pasword=x": "is no known key", "kafka.acks=1": "is no known key",
                           "kafka.security.protocol=sasl_ssl": "needs kafka.sasl.mechanism"}.items():
        told = run("topics", "check", "--config", "shop.yaml", "--set", setting)
        expect(f"{setting} is refused", told.returncode == 78 and words in told.stderr, told)


def demo(bootstrap: str) -> None:
    with Reader(bootstrap) as reader:
        before = reader.topics()
        told = run("demo", "--once", "--kafka", bootstrap)
        expect("the demo runs live on Kafka", told.returncode == 0 and "committed exactly once" in told.stdout
               and "as the live run took them" in told.stdout and "Held-out quality" in told.stdout, told)
        left = sorted(set(reader.topics()) - set(before) - {"__consumer_offsets", "__transaction_state"})
        expect("its topics are gone", not left, left)
    told = run("demo", "--once", "--kafka", NOBODY)
    expect("a demo without a broker", told.returncode == 69 and NOBODY in told.stderr, told)


def every_part(bootstrap: str) -> None:
    write_configs(bootstrap)
    demo(bootstrap)
    deliver(bootstrap)
    for part in (topics, generate, replay, pace, secured, no_broker):
        part()


if __name__ == "__main__":
    sys.exit(harness.with_broker(Path(sys.argv[1]), ["--secure"], every_part))
