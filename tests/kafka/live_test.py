#!/usr/bin/env python3
"""`nudge run` against a broker of its own: live_test.py build/release/nudge [--kills N] [--seed S]

What was committed is exported, and compared with a replay of the same topics that follows the journal: the same records
for every key, whatever was killed on the way. Prints each failure and last `N passed, N failed`.
"""
from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import harness
import journey_test
from harness import expect, run
from live import (Instance, begin, compare, counters, export, free_port, generated, records_by_key, replay,
                  wait_until_read, write_configs)
from live_states import states


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
        expect("SIGTERM ends it well after all", instance.stop() == 0, instance.told())
    compare(f"{count} kills, {wiped} disks wiped, seed {seed}", "killed")


def at_least_once(bootstrap: str, seed: int) -> None:
    """Outputs that do not wait for the commit: each is there, some again, and none that was never due."""
    begin("again", bootstrap)
    told = run("generate", "--config", "again_shop.yaml", "--output", "kafka", "--seed", seed)
    # Between the output and the commit, so that some of it comes again.
    instance = Instance("again", "a", ("engine.delivery=at_least_once", "engine.commit_interval=2s",
                                       "engine.batch_events_max=500"))
    time.sleep(3)
    instance.kill()
    instance.start()
    read = wait_until_read("again", generated(told.stderr))
    expect("at least once: all records are read", read == generated(told.stderr), (read, told.stderr))
    expect("at least once: SIGTERM ends it well", instance.stop() == 0, instance.told())
    exported, replayed = export("again"), replay("again")
    ours, theirs = records_by_key(exported), records_by_key(replayed)
    different = [key for key in sorted(ours.keys() | theirs.keys())
                 if list(dict.fromkeys(ours.get(key, []))) != list(dict.fromkeys(theirs.get(key, [])))
                 or ours[key][-1] != theirs[key][-1]]
    expect(f"at least once: {len(theirs)} keys have the same records, seed {seed}", not different and len(theirs) > 100,
           [(key, len(ours.get(key, [])), len(theirs.get(key, []))) for key in different[:5]])
    expect("at least once: state is counted once", counters(exported) == counters(replayed),
           (counters(exported), counters(replayed)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--kills", type=int, default=5, help="many: tests/faults")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments = parser.parse_args()

    def every_part(bootstrap: str) -> None:
        one_instance(bootstrap)
        refusals(bootstrap)
        states("single", "a")
        at_least_once(bootstrap, arguments.seed)
        kills(bootstrap, arguments.kills, arguments.seed)
        if journey_test.is_possible():
            journey_test.journey(bootstrap, arguments.seed)

    sys.exit(harness.with_broker(arguments.program, [], every_part))
