"""Faults of brokers and of the network before them."""
from __future__ import annotations

import subprocess
import time
from pathlib import Path

import harness
from harness import expect
from proxy import HOST, REQUESTS, Proxy
from reader import Reader
from scenario import Row, Scenario

# Where the lost broker coordinates groups and transactions as well, and the machine is busy, a minute has been seen.
IN_SYNC_SECONDS = 180


def broker_tool(*arguments: str) -> None:
    done = subprocess.run([harness.TOOL, *arguments, "--folder", harness.BROKER], capture_output=True, text=True,
                          check=False)
    expect(f"kafka-local {' '.join(arguments)}", done.returncode == 0, done)


def restarts(bootstrap: str, seed: int, count: int = 2) -> Row:
    """The only broker is stopped or killed, and started again."""
    scenario = Scenario("broker restart", bootstrap, seed, rate=300)
    kills = 0
    try:
        for number in range(count):
            scenario.must_work("between restarts", commits=3)
            how = ("kill", "stop")[number % 2]
            kills += how == "kill"
            broker_tool(how)
            time.sleep(scenario.chance.uniform(0, 3))
            broker_tool("start")
            scenario.counted()
        scenario.must_work("after the restarts")
        scenario.row.note = f"{kills} by kill -9"
        # The generator gave up where the broker was gone for long.
        return scenario.finish()
    finally:
        scenario.abandon()


def leader_losses(bootstrap: str, seed: int, count: int = 3) -> Row:
    """Each time the broker that leads the changelog's first partition is killed, of three; two go on."""
    scenario = Scenario("leader loss", bootstrap, seed, rate=300)
    servers = bootstrap.split(",")
    topic = f"{scenario.name}.changelog"
    try:
        for _ in range(count):
            scenario.must_work("between losses", commits=3)
            with Reader(bootstrap) as reader:
                host, port = reader.leaders(topic)[0]
            lost = str(servers.index(f"{host}:{port}") + 1)
            broker_tool("kill", "--only", lost)
            scenario.must_work("with two brokers", commits=3, seconds=IN_SYNC_SECONDS)
            broker_tool("start", "--only", lost)
            expect("leader loss: all replicas are in sync again", in_sync(bootstrap, len(servers), topic), lost)
            scenario.counted()
        return scenario.finish()
    finally:
        scenario.abandon()


def in_sync(bootstrap: str, replicas: int, topic: str) -> bool:
    until = time.monotonic() + IN_SYNC_SECONDS
    while time.monotonic() < until:
        with Reader(bootstrap) as reader:
            if min(reader.in_sync(each) for each in (topic, "__transaction_state", "__consumer_offsets")) == replicas:
                return True
        time.sleep(0.5)
    return False


def proxied_port() -> tuple[int, int]:
    """Where the broker says that it is behind a proxy, and where it is."""
    values = dict(line.split("=", 1) for line in
                  (Path(harness.BROKER) / "1" / "server.properties").read_text().splitlines())
    told, real = (next(int(place.rsplit(":", 1)[1]) for place in values[name].split(",")
                       if place.startswith("PROXIED://")) for name in ("advertised.listeners", "listeners"))
    return told, real


def network(bootstrap: str, seed: int, count: int = 10) -> Row:
    """What is between instances and broker is cut, lost, held or slow, at any moment."""
    told, real = proxied_port()
    proxy = Proxy(told, real)
    scenario = Scenario("network", bootstrap, seed, reached_by=f"{HOST}:{told}")
    try:
        for _ in range(count):
            scenario.must_work("between faults of the network")
            match scenario.chance.choice(("cut", "drop", "hold", "slow")):
                case "cut":
                    proxy.cut()
                case "drop":
                    proxy.drop(scenario.chance.uniform(0.2, 4))
                case "hold":
                    proxy.hold(scenario.chance.uniform(0.2, 4))
                case "slow":
                    proxy.slow(scenario.chance.uniform(0.02, 0.2), 2)
            scenario.counted()
        return scenario.finish()
    finally:
        scenario.abandon()
        proxy.close()


def requests(bootstrap: str, seed: int, rounds: int = 1) -> Row:
    """Every request of a transaction gets lost, or its answer does, or it comes late."""
    told, real = proxied_port()
    proxy = Proxy(told, real)
    scenario = Scenario("transaction requests", bootstrap, seed, reached_by=f"{HOST}:{told}")
    faults = [(request, how) for request in REQUESTS for how in ("lost", "unanswered", "late")] * rounds
    scenario.chance.shuffle(faults)
    try:
        for request, how in faults:
            working = scenario.must_work("between lost requests")
            if working is None:
                break
            proxy.at(request, how)
            # Only who takes over asks for a producer.
            if request == "init_producer":
                working.kill()
                working.start()
            expect(f"transaction requests: {request} comes", proxy.happened(15), how)
            scenario.counted()
        return scenario.finish()
    finally:
        scenario.abandon()
        proxy.close()
