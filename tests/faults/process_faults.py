"""Faults of processes: ended or stopped at a named step of the work or at any moment, and disks that are wiped."""
from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import harness
from harness import expect
from live import Instance
from scenario import Row, Scenario

# Once at a start, or every few seconds.
SELDOM = ("restored", "store written")
PASSINGS_MOST = 12
REACHED_SECONDS, IDLE_MOST = 6, 30
# Longer than the group's patience, so that another instance goes on meanwhile.
STOPPED_SECONDS = 3.0
# Longer than a state's place in the changelog is noted anew.
LONG_STOPPED_SECONDS = 12.0


def harmful() -> Path:
    """fault_run.cc, beside the program."""
    return Path(harness.NUDGE).with_name("fault_run")


def known_steps(scenario: Scenario) -> list[str]:
    """Of instances that take over, work and end well."""
    for instance in scenario.instances:
        instance.kill()
    for instance in scenario.instances:
        instance.start([harmful()], stdout=subprocess.PIPE, text=True)
    scenario.must_work("while steps are listed", commits=20)
    told = ""
    for instance in scenario.instances:
        instance.process.send_signal(signal.SIGTERM)
        told += instance.process.communicate(timeout=60)[0]
    steps = sorted({line.split(" ", 2)[2] for line in told.splitlines() if line.startswith("step ")})
    expect(f"{scenario.row.fault}: steps are passed", len(steps) >= 5, told)
    return steps


def arm(scenario: Scenario, instance: Instance, step: str, how: str) -> None:
    passing = 1 if step in SELDOM else scenario.chance.randint(1, PASSINGS_MOST)
    instance.start([harmful()], ["--at", step, "--passing", str(passing), "--signal", how])


def kill_at_steps(bootstrap: str, seed: int, rounds: int = 2) -> Row:
    """kill -9 at every named step, of whichever instance works; nearly a third comes back with an empty disk."""
    scenario = Scenario("kill at a step", bootstrap, seed)
    try:
        faults = known_steps(scenario) * rounds
        scenario.chance.shuffle(faults)
        armed: dict[str, str] = {}
        idle = 0
        while faults or armed:
            for instance in scenario.instances:
                if instance.runs():
                    continue
                if instance.disk in armed:
                    step = armed.pop(instance.disk)
                    died = instance.process.returncode == -signal.SIGKILL
                    expect(f"kill at {step}: it dies by the kill", died, instance.told())
                    scenario.counted(died)
                    if scenario.chance.random() < 0.3:
                        shutil.rmtree(instance.state, ignore_errors=True)
                if faults:
                    armed[instance.disk] = faults.pop()
                    arm(scenario, instance, armed[instance.disk], "kill")
                else:
                    instance.start()
            if armed and not someone_ends(scenario.instances, armed):
                # Some steps are the leader's alone, some are never his: the others get his part while he is away.
                idle += 1
                if idle > IDLE_MOST:
                    expect(f"kill at a step: {armed} are reached", False,
                           [each.told() for each in scenario.instances])
                    break
                victim = scenario.chance.choice(scenario.instances)
                victim.kill()
                someone_ends([each for each in scenario.instances if each is not victim], armed)
                if victim.disk in armed:
                    arm(scenario, victim, armed[victim.disk], "kill")
        return scenario.finish()
    finally:
        scenario.abandon()


def someone_ends(instances: list[Instance], armed: dict[str, str]) -> bool:
    mortal = [instance for instance in instances if instance.disk in armed]
    return waited(lambda: any(not instance.runs() for instance in mortal), REACHED_SECONDS)


def is_stopped(process: subprocess.Popen) -> bool:
    try:
        return Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
    except OSError:
        return False


def comes_to_step(scenario: Scenario, sleeper: Instance, other: Instance, step: str) -> bool:
    """Some steps are the leader's alone, some are never his: each gets the other's part while that one is away."""
    for _ in range(IDLE_MOST):
        if waited(lambda: is_stopped(sleeper.process), REACHED_SECONDS):
            return True
        if not other.runs():
            other.start()
        elif scenario.chance.random() < 0.5:
            other.kill()
        else:
            sleeper.kill()
            scenario.wait_for_work(other)
            arm(scenario, sleeper, step, "stop")
    return False


def stop_at_steps(bootstrap: str, seed: int, steps_most: int = 100) -> Row:
    """A process that stands still while another one takes over, and then goes on as if nothing had been."""
    # Slow, so that the shop does not end before all steps were slept at.
    scenario = Scenario("pause at a step", bootstrap, seed, rate=200)
    try:
        steps = known_steps(scenario)
        scenario.chance.shuffle(steps)
        # Between the commit and what is noted of it is where a sleeper could take another's work for its own.
        steps.sort(key=lambda step: step != "transaction committed")
        for step in steps[:steps_most]:
            sleeper, other = scenario.chance.sample(scenario.instances, 2)
            for instance in scenario.instances:
                if instance.runs():
                    instance.kill()
            arm(scenario, sleeper, step, "stop")
            other.start()
            if not comes_to_step(scenario, sleeper, other, step):
                expect(f"pause at {step}: it comes to the step", False, sleeper.told())
                break
            begun = time.monotonic()
            if not other.runs():
                other.start()
            scenario.must_work(f"while one sleeps at {step}", other, commits=3)
            long = step == "transaction committed" or scenario.chance.random() < 0.2
            time.sleep(max(0.0, begun + (LONG_STOPPED_SECONDS if long else STOPPED_SECONDS) - time.monotonic()))
            sleeper.process.send_signal(signal.SIGCONT)
            time.sleep(1)
            # With the disk that it has now it takes over.
            other.kill()
            scenario.must_work(f"after a sleep at {step}", sleeper, commits=2)
            scenario.counted()
        return scenario.finish()
    finally:
        scenario.abandon()


def random_kills(bootstrap: str, seed: int, count: int = 40) -> Row:
    """kill -9 of an instance that has just committed, at any moment after it."""
    scenario = Scenario("kill at any moment", bootstrap, seed)
    wiped = 0
    try:
        for _ in range(count):
            victim = scenario.must_work("between kills")
            if victim is None:
                break
            time.sleep(scenario.chance.uniform(0, 0.3))
            victim.kill()
            scenario.counted()
            if scenario.chance.random() < 0.3:
                shutil.rmtree(victim.state, ignore_errors=True)
                wiped += 1
            victim.start()
        scenario.row.note = f"{wiped} disks wiped"
        return scenario.finish()
    finally:
        scenario.abandon()


def rebalance_storm(bootstrap: str, seed: int, count: int = 12) -> Row:
    """Instances come and go, politely or not, faster than states are restored; every disk is empty."""
    scenario = Scenario("rebalance storm", bootstrap, seed, instances=4)
    try:
        for _ in range(count):
            victim = scenario.chance.choice(scenario.instances)
            if not victim.runs():
                pass
            elif scenario.chance.random() < 0.5:
                victim.kill()
            else:
                # It may have come before the process could listen.
                expect("rebalance storm: SIGTERM ends it well", victim.stop() in (0, -signal.SIGTERM), victim.told())
            shutil.rmtree(victim.state, ignore_errors=True)
            victim.start()
            scenario.counted()
            time.sleep(scenario.chance.uniform(0, 0.5))
        scenario.must_work("after the storm")
        return scenario.finish()
    finally:
        scenario.abandon()


def waited(holds: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return False
