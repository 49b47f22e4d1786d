"""Faults of identities, disks, the changelog and the clock."""
from __future__ import annotations

import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

import harness
from harness import expect
from live import export, free_port
from process_faults import harmful
from reader import Reader, refused, text
from scenario import Row, Scenario

CONFIG, INPUT_OUTPUT = 78, 74
DELETE_TOPICS, DELETE_TOPICS_VERSION = 20, 1
HALF_A_DAY_AND_MORE, HOURS_MOST = 13, 365 * 24


def identities(bootstrap: str, seed: int, count: int = 4) -> Row:
    """A second process with a folder in use; and two on disks of their own of which one is a copy of the other."""
    scenario = Scenario("same identity", bootstrap, seed)
    try:
        original, copy = scenario.instances
        scenario.must_work("before the copy", commits=3)
        for instance in scenario.instances:
            instance.kill()
        if not original.state.exists():
            original, copy = copy, original
        shutil.rmtree(copy.state, ignore_errors=True)
        shutil.copytree(original.state, copy.state)
        for instance in scenario.instances:
            instance.start()
        for _ in range(count):
            victim = scenario.must_work("with two of one name")
            if victim is None:
                break
            refuses_second(scenario, victim.state)
            victim.kill()
            victim.start()
            scenario.counted()
        told = "".join(instance.told(1 << 20) for instance in scenario.instances)
        expect("same identity: it is told", "two processes say that they are instance" in told, told[-500:])
        return scenario.finish()
    finally:
        scenario.abandon()


def refuses_second(scenario: Scenario, state: Path) -> None:
    second = harness.run("run", "--config", f"{scenario.name}.yaml", "--set", f"engine.state_dir={state}",
                         "--set", f"http.bind=127.0.0.1:{free_port()}")
    expect("same identity: a folder in use is refused",
           second.returncode == CONFIG and "another process uses this folder" in second.stderr, second)


def expired_state(bootstrap: str, seed: int, count: int = 2) -> Row:
    """A disk that is older than what the changelog remembers of erased keys: it is read anew."""
    scenario = Scenario("expired state", bootstrap, seed)
    try:
        first, second = scenario.instances
        for _ in range(count):
            second.kill()
            first.kill()
            # As if it had run half a day ago.
            first.start([harmful()], env=Clock(-HALF_A_DAY_AND_MORE).environment())
            scenario.must_work("in the past", first)
            expect("expired state: SIGTERM ends it well", first.stop() == 0, first.told())
            second.start()
            scenario.must_work("meanwhile", second, commits=3)
            first.start()
            second.kill()
            scenario.must_work("with an old disk", first)
            expect("expired state: it is read from the beginning", "is read from its beginning" in first.told(5000),
                   first.told(2000))
            second.start()
            scenario.counted()
        return scenario.finish()
    finally:
        scenario.abandon()


def lost_changelog(bootstrap: str, seed: int) -> Row:
    """The changelog is made anew: nobody works on, neither with the state that was nor with none."""
    scenario = Scenario("lost changelog", bootstrap, seed)
    try:
        with_state = scenario.must_work("before", commits=5) or scenario.instances[0]
        for instance in scenario.instances:
            expect("lost changelog: SIGTERM ends it well", instance.stop() == 0, instance.told())
        before = records_in(export(scenario.name))
        with Reader(bootstrap) as reader:
            delete_topic(reader, f"{scenario.name}.changelog")
        time.sleep(2)
        created = harness.run("topics", "create", "--config", f"{scenario.name}.yaml")
        expect("lost changelog: it is made anew", created.returncode == 0, created)
        without = next(instance for instance in scenario.instances if instance is not with_state)
        shutil.rmtree(without.state, ignore_errors=True)
        for instance, words in ((with_state, "made anew"), (without, "journal")):
            instance.start()
            code = instance.ended(60)
            expect(f"lost changelog: {instance.disk} stops", code == INPUT_OUTPUT and words in instance.told(2000),
                   (code, instance.told()))
            scenario.counted()
        expect("lost changelog: nothing was added", records_in(export(scenario.name)) == before, before)
        scenario.row.note = "both stop loudly"
        return scenario.row
    finally:
        scenario.abandon()


def records_in(folder: Path) -> int:
    return sum(len(path.read_text().splitlines()) for path in folder.glob("*.jsonl"))


def delete_topic(reader: Reader, topic: str) -> None:
    broker = reader.leaders(topic)[0]
    answer = reader.ask(broker, DELETE_TOPICS, DELETE_TOPICS_VERSION,
                        struct.pack(">i", 1) + text(topic) + struct.pack(">i", 30_000))
    answer.number("i")
    answer.several()
    answer.text()
    refused(answer.number("h"), topic)


def clock_jumps(bootstrap: str, seed: int, count: int = 6) -> Row:
    """The clock on the wall of one instance jumps by up to a year while it works; the other's is right."""
    scenario = Scenario("clock jump", bootstrap, seed)
    try:
        jumping, other = scenario.instances
        clock = Clock()
        for instance in scenario.instances:
            instance.kill()
        jumping.start([harmful()], env=clock.environment())
        scenario.must_work("with a clock of its own", jumping)
        other.start()
        for _ in range(count):
            clock.shift(scenario.chance.randint(-HOURS_MOST, HOURS_MOST))
            working = scenario.must_work("after the clock has jumped")
            if working is other:
                other.kill()
                scenario.must_work("with a clock that has jumped", jumping)
                other.start()
            elif scenario.chance.random() < 0.5:
                jumping.kill()
                jumping.start([harmful()], env=clock.environment())
            scenario.counted()
        return scenario.finish()
    finally:
        scenario.abandon()


class Clock:
    """The clock on the wall of processes that are started in its environment (clock_shift.cc)."""

    def __init__(self, hours: int = 0) -> None:
        self.file = harness.FOLDER / f"clock_{id(self)}"
        self.shift(hours)

    def shift(self, hours: int) -> None:
        self.file.write_text(f"{hours * 3600}\n")

    def environment(self) -> dict[str, str]:
        return os.environ | {"LD_PRELOAD": str(harmful().with_name("libclock_shift.so")),
                             "NUDGE_TEST_CLOCK": str(self.file)}


def full_disk(bootstrap: str, seed: int) -> Row:
    """The disk of the state is full: the instance stops loudly, another one goes on, and with space it comes back."""
    scenario = Scenario("full disk", bootstrap, seed)
    small = SmallDisk(harness.FOLDER / f"{scenario.name}_small")
    try:
        if not small.mounted:
            scenario.row.note = "not run: needs the right to mount a tmpfs"
            return scenario.row
        for instance in scenario.instances:
            instance.kill()
        victim = scenario.instances[0]
        victim.settings[0] = f"engine.state_dir={small.folder / 'state'}"
        victim.start()
        scenario.must_work("on a small disk", victim, commits=3)
        small.fill()
        code = victim.ended(60)
        expect("full disk: it stops and says why", code == INPUT_OUTPUT and "space" in victim.told(2000).lower(),
               (code, victim.told()))
        scenario.instances[1].start()
        scenario.must_work("elsewhere", scenario.instances[1])
        small.free()
        victim.start()
        scenario.instances[1].kill()
        scenario.must_work("with space again", victim)
        scenario.counted()
        return scenario.finish()
    finally:
        scenario.abandon()
        small.close()


class SmallDisk:
    """A file system of its own, of a few megabytes in memory."""

    def __init__(self, folder: Path, mebibytes: int = 48) -> None:
        self.folder = folder
        folder.mkdir()
        self.mounted = self.mount("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder))

    def mount(self, *command: str) -> bool:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def fill(self) -> None:
        with (self.folder / "filling").open("wb", buffering=0) as filling:
            try:
                while True:
                    filling.write(bytes(1 << 16))
            except OSError:
                return

    def free(self) -> None:
        (self.folder / "filling").unlink(missing_ok=True)

    def close(self) -> None:
        if self.mounted:
            self.mount("umount", "-l", str(self.folder))

