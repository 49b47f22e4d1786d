"""Live runs on a broker of their own, and the comparison of what they committed with a replay that follows the journal.

What live_test.py and tests/faults share.
"""
from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import harness
from harness import expect, run

INPUTS = ("transactions", "page_views", "campaign_events", "products", "customers", "care")
OUTPUTS = ("rfm", "scores", "targets", "targets.state", "quality", "models", "dead_letters", "late_events")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_configs(name: str, bootstrap: str, kafka: str = "", shop: str = "customers: 500\nweeks: 30") -> None:
    """One application's own topics, so that scenarios do not see each other. `kafka`: more of its client's settings."""
    topics = "\n".join(f"  {topic}: {name}.in.{topic}" for topic in INPUTS)
    outputs = "\n".join(f"  {topic}: {name}.out.{topic}" for topic in OUTPUTS)
    shared = f"""
kafka: {{bootstrap.servers: "{bootstrap}"{', ' if kafka else ''}{kafka}}}
topics:
{topics}"""
    (harness.FOLDER / f"{name}.yaml").write_text(f"""
name: {name}
engine: {{partitions: 3, threads: 2, repeat_retention: 730d}}
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
    (harness.FOLDER / f"{name}_shop.yaml").write_text(f"{shop}\npartitions: 3\n{shared}")


class Instance:
    """One process of `nudge run`, or of a program with the same options, with a disk of its own."""

    def __init__(self, name: str, disk: str, settings: Sequence[str] = ()) -> None:
        self.name, self.disk, self.state = name, disk, harness.FOLDER / f"{name}_{disk}"
        self.settings = [f"engine.state_dir={self.state}", *settings]
        self.log = (harness.FOLDER / f"{name}_{disk}.log").open("a")
        self.port = free_port()
        self.start()

    def start(self, program: Sequence[object] = (), more: Sequence[str] = (), **options: object) -> None:
        """`program`: another one than `nudge run`; `more`: further arguments; `options`: of Popen."""
        command = [*map(str, program or (harness.NUDGE, "run")), "--config", str(harness.FOLDER / f"{self.name}.yaml")]
        for setting in (*self.settings, f"http.bind=127.0.0.1:{self.port}"):
            command += ["--set", setting]
        options = {"cwd": harness.FOLDER, "stdin": subprocess.DEVNULL, "stdout": self.log, "stderr": self.log} | options
        self.process = subprocess.Popen([*command, *more], **options)

    def runs(self) -> bool:
        return self.process.poll() is None

    def ended(self, seconds: float) -> int | None:
        """The exit code; nothing where it still runs after this time."""
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None

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

    def figure(self, name: str) -> float:
        """The sum over all labels; 0 where it does not answer."""
        lines = self.get("/metrics")[1].splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                   if line.startswith((name + " ", name + "{")))

    def told(self, words: int = 600) -> str:
        return Path(self.log.name).read_text(errors="replace")[-words:]


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


def replay(name: str) -> Path:
    """Of the same topics, in the order of the journal."""
    folder = harness.FOLDER / f"{name}_replayed"
    replayed = run("replay", "--config", f"{name}.yaml", "--output", folder, "--set",
                   f"engine.state_dir={harness.FOLDER / (name + '_replay_state')}")
    expect(f"{name}: a replay follows the journal",
           replayed.returncode == 0 and "follows the journal" in replayed.stderr, replayed)
    return folder


def wait_until_read(name: str, records: int, seconds: int = 180) -> int:
    """Until as many records were taken into commits; gives how many were."""
    read, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        read = sum(topic["read"] for topic in counters(export(name)).values())
        if read >= records:
            break
        time.sleep(1)
    return read


def compare(scenario: str, name: str) -> None:
    """The export and a replay that follows the journal."""
    exported, replayed = export(name), replay(name)
    ours, theirs = records_by_key(exported), records_by_key(replayed)
    different = [key for key in sorted(ours.keys() | theirs.keys()) if ours.get(key) != theirs.get(key)]
    expect(f"{scenario}: {len(ours)} keys are the same", not different,
           [(key, len(ours.get(key, [])), len(theirs.get(key, []))) for key in different[:5]])
    expect(f"{scenario}: there is something to compare", len(ours) > 100, len(ours))
    expect(f"{scenario}: the counters are the same", counters(exported) == counters(replayed),
           (counters(exported), counters(replayed)))


def begin(name: str, bootstrap: str, *, kafka: str = "", shop: str = "customers: 500\nweeks: 30") -> None:
    write_configs(name, bootstrap, kafka, shop)
    created = run("topics", "create", "--config", f"{name}.yaml")
    expect(f"{name}: topics are created", created.returncode == 0, created)


def generated(told: str) -> int:
    return int(told.split(" records=")[1].split()[0])
