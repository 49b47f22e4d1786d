"""One application under one kind of fault: a shop that is generated while instances run, and the check at its end.

What was committed must equal, for every key and in order, a replay that follows the journal, as `nudge topics export`
and as reader.py read it, and what reference.py recomputes from the input.
"""
from __future__ import annotations

import random
import subprocess
import time
from collections import Counter, defaultdict
from dataclasses import dataclass

import harness
from harness import expect
from live import INPUTS, OUTPUTS, Instance, begin, counters, export, records_by_key, replay, wait_until_read
from reader import Reader, Record
from reference import differences, truth_of

# Faults are found soon, and what a transaction left open keeps nobody waiting for the minute of the default; and
# reader.py reads no compressed batches.
KAFKA = ("session.timeout.ms: 1500, heartbeat.interval.ms: 150, transaction.timeout.ms: 15000, "
         "compression.codec: none")
BROKER = ["--set", "group.min.session.timeout.ms=500", "--set", "broker.session.timeout.ms=3000", "--set",
          "broker.heartbeat.interval.ms=500"]
SHOP = """start: 2005-01-01T00:00:00Z
customers: 400
weeks: 500
malformed: 0.01
duplicates: 0.01
disorder: 0.05
late: 0.005"""
WORKS_SECONDS = 40
# Of the shop, so that there is something to compare: the first hundreds are products and profiles.
RECORDS_LEAST, GROWS_SECONDS = 4000, 30
ARRIVES_SECONDS = 2


@dataclass
class Row:
    """Of the fault table."""
    fault: str
    seed: int
    runs: int = 0
    records: int = 0
    lost: int = 0
    repeated: int = 0
    seconds: float = 0
    note: str = ""


class Scenario:
    def __init__(self, fault: str, bootstrap: str, seed: int, *, rate: int = 400, instances: int = 2,
                 reached_by: str = "", settings: tuple[str, ...] = ()) -> None:
        """`reached_by`: bootstrap.servers of the instances, where it is another one than of the checks."""
        self.row = Row(fault, seed)
        self.name = fault.replace(" ", "_")
        self.bootstrap = bootstrap
        self.chance = random.Random(seed)
        self.begun = time.monotonic()
        self.settings = [*settings, *([f'kafka.bootstrap.servers={reached_by}'] if reached_by else [])]
        print(f"{fault}: seed={seed}", flush=True)
        begin(self.name, bootstrap, kafka=KAFKA, shop=SHOP)
        self.source = self.generate(seed, rate)
        self.instances = [Instance(self.name, "abcdef"[i], self.settings) for i in range(instances)]

    def generate(self, seed: int, rate: int) -> subprocess.Popen:
        log = (harness.FOLDER / f"{self.name}_shop.log").open("w")
        return subprocess.Popen([harness.NUDGE, "generate", "--config", f"{self.name}_shop.yaml", "--output", "kafka",
                                 "--seed", str(seed), "--rate", str(rate)], cwd=harness.FOLDER,
                                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def commits(self, *instances: Instance) -> dict[str, float]:
        return {instance.disk: instance.figure("nudge_commit_duration_seconds_count")
                for instance in instances or self.instances if instance.runs()}

    def wait_for_work(self, *instances: Instance, commits: int = 1, seconds: float = WORKS_SECONDS) -> Instance | None:
        """One of these instances (by default of all) that has committed since this call, several times if told."""
        before, until = self.commits(*instances), time.monotonic() + seconds
        while time.monotonic() < until:
            now = self.commits(*instances)
            for instance in instances or self.instances:
                if now.get(instance.disk, 0) >= before.get(instance.disk, 0) + commits:
                    return instance
                if now.get(instance.disk, 0) < before.get(instance.disk, 0):  # it was started anew
                    before[instance.disk] = 0
            time.sleep(0.05)
        return None

    def must_work(self, what: str, *instances: Instance, commits: int = 1,
                  seconds: float = WORKS_SECONDS) -> Instance | None:
        """As wait_for_work, and it is a failure where nobody commits."""
        working = self.wait_for_work(*instances, commits=commits, seconds=seconds)
        expect(f"{self.row.fault}: commits go on {what}, seed {self.row.seed}", working is not None,
               [(instance.disk, instance.runs(), instance.told()) for instance in self.instances])
        return working

    def counted(self, runs: int = 1) -> None:
        self.row.runs += runs

    def finish(self, *, stops: bool = True) -> Row:
        """Ends the shop, lets everything be read, and compares."""
        self.let_shop_grow()
        self.source.terminate()
        self.source.wait()
        for instance in self.instances:
            if not instance.runs():
                instance.start()
        with Reader(self.bootstrap) as reader:
            self.let_arrive(reader)
            truth = truth_of(reader, self.name)
            read = wait_until_read(self.name, truth.records())
            expect(f"{self.row.fault}: every record is read once", read == truth.records(),
                   (read, truth.records(), [(instance.disk, instance.told()) for instance in self.instances]))
            for instance in self.instances if stops else ():
                expect(f"{self.row.fault}: SIGTERM ends it well", instance.stop() == 0, instance.told())
            outputs = {topic: reader.records(f"{self.name}.out.{topic}") for topic in OUTPUTS}
        self.row.records = truth.records()
        self.compare(outputs)
        found = differences(truth, counters(export(self.name)), outputs)
        expect(f"{self.row.fault}: the reference agrees, seed {self.row.seed}", not found, found[:5])
        self.row.seconds = time.monotonic() - self.begun
        return self.row

    def let_shop_grow(self) -> None:
        until = time.monotonic() + GROWS_SECONDS
        with Reader(self.bootstrap) as reader:
            while (time.monotonic() < until and self.source.poll() is None
                   and self.size(reader) < RECORDS_LEAST):
                time.sleep(0.2)

    def let_arrive(self, reader: Reader) -> None:
        """What the shop sent last is on its way, or waits for replicas, when the shop has ended."""
        before, size = -1, self.size(reader)
        while size != before:
            time.sleep(ARRIVES_SECONDS)
            before, size = size, self.size(reader)

    def size(self, reader: Reader) -> int:
        return sum(reader.size(f"{self.name}.in.{topic}") for topic in INPUTS)

    def compare(self, outputs: dict[str, list[Record]]) -> None:
        replayed = records_by_key(replay(self.name))
        exported = records_by_key(export(self.name))
        expect(f"{self.row.fault}: the export is what is committed", read_by_key(outputs) == exported,
               (len(read_by_key(outputs)), len(exported)))
        different = [key for key in sorted(exported.keys() | replayed.keys())
                     if exported.get(key, []) != replayed.get(key, [])]
        for key in different:
            ours, theirs = Counter(exported.get(key, [])), Counter(replayed.get(key, []))
            self.row.lost += (theirs - ours).total()
            self.row.repeated += (ours - theirs).total()
        expect(f"{self.row.fault}: {len(exported)} keys are as in a replay, seed {self.row.seed}", not different,
               [(key, len(exported.get(key, [])), len(replayed.get(key, []))) for key in different[:5]])
        expect(f"{self.row.fault}: there is something to compare", len(exported) > 100, len(exported))

    def abandon(self) -> None:
        """Whatever still runs ends; after a finished scenario nothing does."""
        for process in (self.source, *(instance.process for instance in self.instances)):
            if process.poll() is None:
                process.kill()
                process.wait()


def read_by_key(outputs: dict[str, list[Record]]) -> dict[tuple[str, str], list[str]]:
    """As live.records_by_key, of the records of topics. Of a compacted topic the last of each key, as exported."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for topic, records in outputs.items():
        for record in records:
            place = f"{topic}.jsonl", (record.key or b"").decode()
            if topic == "targets.state":
                found.pop(place, None)
            if record.value is not None:
                found[place].append(record.value.decode())
    return found
