#!/usr/bin/env python3
"""`nudge deliver` against receivers that fail, hang, refuse, break off and restart: deliver_test.py build/nudge

Nothing lost, nothing out of order for a customer, repeats only where they are promised to be possible. Prints each
failure and last `N passed, N failed`.
"""
from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import records as made  # noqa: E402
from receiver import SECRET, Behaviour, Receiver, Request, signature_holds  # noqa: E402

PASSED, FAILED = 0, 0
UNCOMMITTED_MAX, CONCURRENCY = 64, 4


def expect(name: str, holds: bool, shown: object = "") -> None:
    global PASSED, FAILED
    if holds:
        PASSED += 1
    else:
        FAILED += 1
        print(f"FAILED {name}: {str(shown)[:1500]}", flush=True)


def config(folder: Path, url: str, **keys: object) -> Path:
    (folder / "secret").write_text(SECRET + "\n")
    webhook = {"name": "hook", "url": url, "secret": {"file": str(folder / "secret")}, "rate": 10_000, "burst": 1000,
               "timeout": "400ms", "concurrency": CONCURRENCY, "state_dir": str(folder / "state"),
               "retry": {"backoff": "10ms", "backoff_max": "50ms", "attempts_max": 100},
               "breaker": {"failures": 5, "pause": "50ms"}, **keys}
    path = folder / "shop.yaml"
    path.write_text(json.dumps({"name": "shop", "input": {"path": "data"}, "output": {"path": str(folder / "out")},
                                "webhooks": [webhook]}))
    return path


def command(path: Path, *more: str) -> list[str]:
    return [NUDGE, "deliver", "--config", str(path), *more]


def deliver(path: Path, *more: str, seconds: int = 60) -> subprocess.CompletedProcess:
    return subprocess.run(command(path, *more), capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
                          timeout=seconds)


def told(requests: list[Request]) -> dict[str, list[tuple[str, str, str]]]:
    """For each customer what was taken, in order, repeats of one id left out."""
    seen: set[str] = set()
    changes: dict[str, list[tuple[str, str, str]]] = {}
    for request in requests:
        if request.id in seen:
            continue
        seen.add(request.id)
        body = json.loads(request.body)
        changes.setdefault(request.data["customer_id"], []).append(
            (request.data["list_id"], request.data["op"], body["timestamp"]))
    return changes


def repeats(requests: list[Request]) -> int:
    return len(requests) - len({request.id for request in requests})


def in_order(requests: list[Request]) -> bool:
    """Also attempts that failed: no later change of a customer is tried before an earlier one was taken."""
    last: dict[str, str] = {}
    for request in requests:
        customer, at = request.data["customer_id"], json.loads(request.body)["timestamp"]
        if at < last.get(customer, ""):
            return False
        last[customer] = at
    return True


def a_good_receiver(folder: Path) -> None:
    entries = made.stream(seed=1, count=400, customers=30)
    made.write(folder / "out", entries)
    with Receiver() as receiver:
        path = config(folder, receiver.url)
        done = deliver(path)
        expect("it ends by itself", done.returncode == 0 and "delivered webhook=hook" in done.stderr, done)
        expect("the receiver's view", told(receiver.taken()) == made.changes_of(entries))
        expect("once each", repeats(receiver.requests) == 0)
        expect("every signature holds", all(signature_holds(request) for request in receiver.requests))
        expect("a changed body is noticed", not signature_holds(
            Request("POST", "/hook", receiver.requests[0].fields, receiver.requests[0].body + b" ", 0, 0)))
        groups = {entry["customer_id"]: entry["group"] for entry in entries}
        expect("nobody of the control group", all(groups[request.data["customer_id"]] == "treatment"
                                                  for request in receiver.requests))
        count = len(receiver.requests)
        expect("nothing twice", deliver(path).returncode == 0 and len(receiver.requests) == count)
        made.write(folder / "out", more := made.stream(seed=2, count=50, customers=30), "a")
        deliver(path)
        expect("what came since", told(receiver.taken()) == made.changes_of(entries + more) and
               repeats(receiver.requests) == 0)
        made.write(folder / "out", made.stream(seed=3, count=500, customers=30))
        refused = deliver(path)
        expect("another file is refused", refused.returncode == 78 and "state_dir" in refused.stderr, refused)


def a_bad_receiver(folder: Path) -> None:
    """Every way to fail, by chance; also a response that was lost after the change was taken."""
    entries = made.stream(seed=4, count=300, customers=20)
    made.write(folder / "out", entries)
    chance = random.Random(5)

    def behave(_: int, __: Request) -> Behaviour:
        return chance.choice([Behaviour(), Behaviour(), Behaviour(204), Behaviour(500), Behaviour(503), Behaviour(409),
                              Behaviour(429, {"Retry-After": "0"}), Behaviour(cut=True),
                              Behaviour(hang=0.6 if chance.random() < 0.05 else 0.01)])

    with Receiver(behave) as receiver:
        done = deliver(config(folder, receiver.url))
        expect("all is delivered in the end", told(receiver.taken()) == made.changes_of(entries), done)
        expect("no overtaking", in_order(receiver.requests))
        expect("no success is repeated", repeats(receiver.taken()) == 0)
        letters = (folder / "state" / "dead_letters.jsonl").read_text()
        expect("no dead letters", letters == "" and " dead=0" in done.stderr, letters)


def one_customer_is_held_back(folder: Path) -> None:
    """What is wrong with one customer holds up nobody else, and memory is bounded: reading stops."""
    entries = [made.record(n, f"c{n % 40}", "enter" if n < 40 else "update") for n in range(200)]
    made.write(folder / "out", entries)
    open_at = time.monotonic() + 2

    def behave(_: int, request: Request) -> Behaviour:
        bad = request.data["customer_id"] == "c3" and time.monotonic() < open_at
        return Behaviour(500 if bad else 200)

    with Receiver(behave) as receiver:
        done = deliver(config(folder, receiver.url))
        expect("all in the end", told(receiver.taken()) == made.changes_of(entries), done)
        expect("in order", in_order(receiver.requests))
        others = [request.at for request in receiver.taken() if request.data["customer_id"] != "c3"]
        first = min(request.at for request in receiver.taken() if request.data["customer_id"] == "c3")
        expect("others went on", len(others) == 195 and max(others) < first, (len(others), max(others) - first))
    few = folder / "few"
    few.mkdir()
    made.write(few / "out", [made.record(n, f"c{n}", "enter") for n in range(100)])
    with Receiver(lambda *_: Behaviour(500)) as receiver:
        path = config(few, receiver.url, customers_max=7, breaker={"failures": 1000, "pause": "50ms"})
        process = subprocess.Popen(command(path), stderr=subprocess.PIPE, text=True)
        time.sleep(1.5)
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=20)[1]
        customers = {request.data["customer_id"] for request in receiver.requests}
        expect("no more than customers_max are held back", len(customers) == 7 and "held_back=" in log,
               (customers, log))
        expect("a stopped run ends well", process.returncode == 0, log)


def dead_letters(folder: Path) -> None:
    entries = [made.record(n, f"c{n}", "enter") for n in range(6)] + [made.record(9, "c1", "update")]
    made.write(folder / "out", entries)
    answers = {"c1": 400, "c2": 410, "c3": 500, "c4": 422}

    def behave(_: int, request: Request) -> Behaviour:
        return Behaviour(answers.get(request.data["customer_id"], 200)
                         if json.loads(request.body)["timestamp"] != entries[-1]["event_time"] else 200)

    with Receiver(behave) as receiver:
        path = config(folder, receiver.url, retry={"backoff": "10ms", "attempts_max": 3},
                      breaker={"failures": 100, "pause": "50ms"})
        with (folder / "out" / "targets.jsonl").open("a") as file:
            file.write("no record\n")
        done = deliver(path)
        letters = [json.loads(line) for line in (folder / "state" / "dead_letters.jsonl").open()]
        by_customer = {letter["customer_id"]: (letter["status"], letter["attempts"]) for letter in letters}
        expect("each with its reason", by_customer == {"c1": (400, 1), "c2": (410, 1), "c3": (500, 3), "c4": (422, 1),
                                                       "": (0, 0)}, letters)
        expect("with their records", {json.dumps(letter["record"]) for letter in letters} ==
               {json.dumps(entry) for entry in entries[1:5]} | {'"no record"'}, letters)
        expect("counted", "dead=5" in done.stderr and "delivered=3 " in done.stderr and done.returncode == 0, done)
        after = [request.data["op"] for request in receiver.taken() if request.data["customer_id"] == "c1"]
        expect("who did not enter by a dead letter enters by the next record", after == ["enter"], after)


def kill_and_resume(folder: Path) -> None:
    entries = made.stream(seed=6, count=1500, customers=100)
    made.write(folder / "out", entries)
    chance = random.Random(7)
    kills = 0
    with Receiver(lambda *_: Behaviour(500 if chance.random() < 0.1 else 200)) as receiver:
        path = config(folder, receiver.url, rate=600, burst=5)
        for _ in range(40):
            process = subprocess.Popen(command(path), stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=chance.uniform(0.2, 0.6))
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
        last = deliver(path)
        expect("killed more than once", kills > 1, kills)
        expect("nothing is lost", told(receiver.taken()) == made.changes_of(entries), last)
        most = kills * (UNCOMMITTED_MAX + CONCURRENCY)
        expect(f"at most {most} repeats", repeats(receiver.taken()) <= most, repeats(receiver.taken()))


def a_restart(folder: Path) -> None:
    """The receiver goes away, and comes back on the same port; the breaker spares it meanwhile."""
    entries = [made.record(n, f"c{n}", "enter") for n in range(300)]
    made.write(folder / "out", entries)
    with Receiver() as receiver:
        port, path = receiver.port, config(folder, receiver.url, rate=200, burst=1)
        process = subprocess.Popen(command(path), stderr=subprocess.PIPE, text=True)
        time.sleep(0.5)
    first = receiver.taken()
    time.sleep(0.7)
    with Receiver(port=port) as again:
        log = process.communicate(timeout=30)[1]
        both = first + again.taken()
        expect("nothing is lost by a restart", told(both) == made.changes_of(entries) and first and again.taken(), log)
        expect("the breaker opened and closed", "is taken to be down" in log and "is back" in log, log)


def retry_after(folder: Path) -> None:
    made.write(folder / "out", [made.record(n, f"c{n}", "enter") for n in range(8)])
    with Receiver(lambda n, _: Behaviour(429, {"Retry-After": "1"}) if n == 2 else Behaviour()) as receiver:
        deliver(config(folder, receiver.url, concurrency=1))
        gap = receiver.requests[3].at - receiver.requests[2].at
        expect("Retry-After is obeyed", 0.9 < gap < 3 and len(receiver.taken()) == 8, gap)
    slow = folder / "slow"
    slow.mkdir()
    made.write(slow / "out", [made.record(n, f"c{n}", "enter") for n in range(30)])
    with Receiver() as receiver:
        begin = time.monotonic()
        deliver(config(slow, receiver.url, rate=20, burst=1))
        expect("the rate is kept", 1.3 < time.monotonic() - begin < 6, time.monotonic() - begin)


def tls(folder: Path) -> None:
    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    for name, host in {"good": "localhost", "other": "elsewhere.example"}.items():
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}", "-addext",
                f"subjectAltName=DNS:{host}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    entries = [made.record(n, f"c{n}", "enter") for n in range(10)]
    made.write(folder / "out", entries)
    few = {"retry": {"backoff": "1ms", "attempts_max": 2}}
    for name, authority, delivered in [("good", None, 0), ("good", "other", 0), ("other", "other", 0),
                                       ("good", "good", 10)]:
        with Receiver(certificate=(folder / f"{name}.pem", folder / f"{name}.key")) as receiver:
            keys = {"ca_file": str(folder / f"{authority}.pem")} if authority else {}
            state = str(folder / f"state_{name}_{authority}")
            done = deliver(config(folder, receiver.url, state_dir=state, **few, **keys))
            expect(f"certificate {name}, authority {authority}", len(receiver.taken()) == delivered, done)


def follow(folder: Path) -> None:
    entries = made.stream(seed=8, count=60, customers=10)
    made.write(folder / "out", entries[:20])
    with Receiver() as receiver:
        path = config(folder, receiver.url)
        process = subprocess.Popen(command(path, "--follow", "--set", "http.bind=127.0.0.1:0"),
                                   stderr=subprocess.PIPE, text=True)
        url = process.stderr.readline().split("url=")[1].strip()
        for part in (entries[20:40], entries[40:]):
            time.sleep(0.4)
            made.write(folder / "out", part, "a")
        with (folder / "out" / "targets.jsonl").open("a") as file:
            file.write('{"half a record"')
        time.sleep(0.8)
        figures = urllib.request.urlopen(url + "/metrics", timeout=5).read().decode()
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=20)[1]
        wanted = made.changes_of(entries)
        expect("it follows", told(receiver.taken()) == wanted and process.returncode == 0, log)
        count = sum(map(len, wanted.values()))
        sample = f'nudge_webhook_records_total{{webhook="hook",outcome="delivered"}} {count}'
        expect("figures", sample in figures, figures)
        second = subprocess.Popen(command(path, "--follow"), stderr=subprocess.DEVNULL)
        time.sleep(0.5)
        refused = deliver(path)
        second.send_signal(signal.SIGTERM)
        second.wait(timeout=10)
        expect("one process at a time", refused.returncode == 78 and "another process" in refused.stderr, refused)


def steps_and_credentials(folder: Path) -> None:
    """A change of two requests, of which the second fails at first; a token that is renewed while it runs."""
    token = folder / "token"
    token.write_text("Bearer old\n")
    who = {"email": "jane@example.com"}
    made.write(folder / "out", [made.record(0, "c0", "enter", **who),
                                made.record(1, "c0", "update", email="new@example.com")])

    def behave(number: int, request: Request) -> Behaviour:
        if request.fields["authorization"] != "Bearer new":
            token.write_text("Bearer new\n")
            return Behaviour(401)
        return Behaviour(500 if number == 3 else 200)

    with Receiver(behave) as receiver:
        done = deliver(config(folder, receiver.url, mapping="meta_custom_audience", secret=None,
                              headers={"Authorization": {"file": str(token)}}, lists={"winback": "77"}))
        seen = [(request.method, request.path, request.status) for request in receiver.requests]
        users = "/hook/77/users"
        expect("each step until it is taken, and none before the one before it", seen == [
            ("POST", users, 401), ("POST", users, 200), ("DELETE", users, 200), ("POST", users, 500),
            ("POST", users, 200)], (seen, done))
        keys = [request.fields["idempotency-key"] for request in receiver.requests]
        expect("each step has its key", keys[0] == keys[1] and keys[3] == keys[4] == keys[2] + "-2", keys)
        expect("no address in the clear", not any(b"@" in request.body for request in receiver.requests))


def refused_configurations(folder: Path) -> None:
    made.write(folder / "out", [made.record(0, "c0", "enter")])
    good = "http://localhost:1/x"
    rows = [("ftp://x", {}, "not an address"), ("http://example.com/x", {}, "in the clear"),
            ("https://user@example.com/x", {}, "not an address"), (good, {"secret": None}, "needs a secret"),
            (good, {"mapping": "mautic"}, "needs lists"), (good, {"name": "a/b"}, "no name of a folder"),
            (good, {"phone_country": "+44"}, "no calling code"), (good, {"secret": "whsec_inline"}, "secret"),
            (good, {"secret": {"env": "NUDGE_TEST_NOT_SET"}}, "NUDGE_TEST_NOT_SET is not set")]
    for url, keys, words in rows:
        done = deliver(config(folder, url, **keys))
        expect(f"refused: {words}", done.returncode == 78 and words in done.stderr, done)
    (folder / "weak").write_text("whsec_c2hvcnQ=")
    done = deliver(config(folder, good, secret={"file": str(folder / "weak")}))
    expect("a weak secret is refused, and not shown", done.returncode == 78 and "openssl rand" in done.stderr and
           "c2hvcnQ" not in done.stderr, done)
    done = deliver(config(folder, good), "--webhook", "none")
    expect("no such webhook", done.returncode == 64, done)


def main() -> int:
    for test in (a_good_receiver, a_bad_receiver, one_customer_is_held_back, dead_letters, kill_and_resume, a_restart,
                 retry_after, tls, follow, steps_and_credentials, refused_configurations):
        begin = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="nudge_deliver_") as folder:
            test(Path(folder))
        print(f"{test.__name__} {time.monotonic() - begin:.1f} s", flush=True)
    print(f"{PASSED} passed, {FAILED} failed")
    return 1 if FAILED else 0


if __name__ == "__main__":
    NUDGE = os.path.abspath(sys.argv[1])
    sys.exit(main())
