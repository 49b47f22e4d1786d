#!/usr/bin/env python3
"""The command line of nudge, run as users run it: cli_test.py build/nudge

Exit codes, messages, what goes to stdout and what to stderr, completion in a real bash, and the progress bar on a
pseudo-terminal. Prints each failure and last `N passed, N failed`.
"""
from __future__ import annotations

import json
import os
import pty
import signal
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

FAILURES: list[str] = []
PASSED = 0


def expect(name: str, holds: bool, shown: object = "") -> None:
    global PASSED
    if holds:
        PASSED += 1
    else:
        FAILURES.append(name)
        print(f"FAILED {name}: {shown}")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run([NUDGE, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
                          env={**os.environ, **environment}, cwd=FOLDER, timeout=300)


def usage() -> None:
    rows = [
        ("no command", [], 64, "Usage: nudge"),
        ("unknown command", ["relay"], 64, 'relay is no command of nudge; did you mean "replay"?'),
        ("unknown option", ["replay", "--confg", "x"], 64,
         '--confg is no option of nudge replay; did you mean "--config"?'),
        ("missing option", ["validate"], 64, "--config is required"),
        ("one argument too many", ["validate", "--config", "x", "y"], 64, '"y" is one argument too many'),
        ("a number out of range", ["replay", "--config", "x", "--output", "o", "--threads", "0"], 64, "not in range"),
        ("no such choice", ["--color", "sometimes", "schema"], 64, "not in {auto,always,never}"),
        ("an option without value", ["replay", "--config", "x", "--output", "o", "--threads"], 64,
         "--threads needs a value"),
        ("no output", ["replay", "--config", "good.yaml"], 64, "--output is required"),
        ("an empty output", ["replay", "--config", "good.yaml", "--output", ""], 64, "--output is empty"),
        ("no time", ["replay", "--config", "good.yaml", "--output", "o", "--from", "soon"], 64,
         '"soon" is not a time'),
        ("no speed", ["replay", "--config", "good.yaml", "--output", "o", "--speed", "0"], 64,
         "neither max nor a number"),
        ("no such file", ["replay", "--config", "none.yaml", "--output", "o"], 78, "none.yaml: cannot be read"),
        ("a wrong configuration", ["replay", "--config", "bad.yaml", "--output", "o"], 78, "2 problems in bad.yaml"),
        ("no such input", ["replay", "--config", "good.yaml", "--input", "none", "--output", "o"], 74, "none"),
    ]
    for name, arguments, code, words in rows:
        told = run(*arguments)
        expect(name, told.returncode == code and words in told.stderr and not told.stdout, told)
    version = run("--version")
    expect("version", version.returncode == 0 and version.stdout.startswith("nudge "), version)
    expect("help", run("replay", "--help").stdout.startswith("Run a bounded backtest"))


def validate() -> None:
    good = run("validate", "--config", "good.yaml")
    expect("a right configuration", (good.returncode, good.stdout) == (0, "no problems in good.yaml\n"), good)
    bad = run("validate", "--config", "bad.yaml")
    lines = ['bad.yaml:2: engine.treads: is no known key; did you mean "threads"?',
             'bad.yaml:2: engine.epoch: is "soon", not a duration; expected a duration from 1m to 365d, such as '
             "100ms 5s 30m 3h 7d 12w"]
    expect("every problem on stdout", (bad.returncode, bad.stdout.splitlines()) == (78, lines), bad.stdout)
    told = run("validate", "--config", "good.yaml", "--set", "engine.threads=0", "--format", "json")
    problems = json.loads(told.stdout)
    expect("problems as JSON", told.returncode == 78 and [p["path"] for p in problems] == ["engine.threads"], problems)


def schema() -> None:
    told = json.loads(run("schema").stdout)
    expect("schema", told["required"] == ["input"] and "rfm" in told["properties"]["operators"]["properties"])
    expect("reference page", "\n## `engine`\n" in run("schema", "--format", "markdown").stdout)
    features = run("schema", "--format", "features").stdout
    expect("features", "\n| `recency_days` | number | days | customer |" in features, features)


def completions(words: list[str]) -> list[str]:
    """What bash offers for the last of the words."""
    script = (f"source <({NUDGE} completion bash); compopt() {{ :; }}; COMP_WORDS=({' '.join(map(repr, words))}); "
              f"COMP_CWORD={len(words) - 1}; _nudge; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    told = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=FOLDER, check=False)
    return [f"bash: {told.stderr}"] if told.stderr else sorted(told.stdout.split())


def completion() -> None:
    rows = [
        (["nudge", "re"], ["recommend", "replay"]),
        (["nudge", "--col"], ["--color"]),
        (["nudge", "--color", ""], ["always", "auto", "never"]),
        (["nudge", "replay", "--out"], ["--output"]),
        (["nudge", "replay", "--log-f"], ["--log-format"]),
        (["nudge", "replay", "--config", "go"], ["good.yaml"]),
        (["nudge", "replay", "--log-format", "="], ["json", "text"]),
        (["nudge", "completion", ""], None),
        (["nudge", "schema", "--format", "=", "m"], ["markdown"]),
        (["nudge", "validate", "--set", "x"], []),
        (["nudge", "fit-net", "--mo"], ["--momentum"]),
        (["nudge", "evaluate", "--se"], ["--seeds", "--segments"]),
        (["nudge", "fit-net", "--data", "go"], ["good.yaml"]),
    ]
    for words, wanted in rows:
        offered = completions(words)
        if wanted is None:
            expect(f"completion of {words}", {"bash", "zsh", "fish"} <= set(offered), offered)
        else:
            expect(f"completion of {words}", offered == wanted, offered)
    for shell in ("zsh", "fish"):
        script = run("completion", shell).stdout
        expect(f"{shell} knows the commands", all(name in script for name in ("replay", "schema")), script[:200])
    expect("no such shell", run("completion", "tcsh").returncode == 64)


def replay() -> None:
    made = run("generate", "--config", "shop.yaml", "--output", "data", "--seed", "7", "--log-format", "json")
    log = json.loads(made.stderr.splitlines()[-1])
    expect("generate", made.returncode == 0 and not made.stdout and log["level"] == "info", made)
    common = ["replay", "--config", "good.yaml", "--input", "data", "--set", "engine.state_dir=state"]
    told = run(*common, "--output", "out", "--log-level", "info")
    lines = told.stderr.splitlines()
    expect("replay", told.returncode == 0 and not told.stdout and (FOLDER / "out" / "report.json").is_file(), told)
    expect("one line at the end", "replayed events=" in lines[-1] and "\x1b" not in told.stderr, lines)
    expect("quiet", run(*common, "--output", "out", "--log-level", "error").stderr == "")
    colours = run(*common, "--output", "out", "--color", "always", NO_COLOR="1").stderr
    expect("--color stands above NO_COLOR", "\x1b[32m" in colours, colours)

    (FOLDER / "out" / "scores.jsonl").write_text("{}\n")
    told = run(*common, "--output", "out").stderr
    expect("a topic of an earlier replay is named", "scores.jsonl: was there before" in told, told)

    shown, code = on_terminal([*common, "--output", "out"])
    expect("a progress bar on a terminal", code == 0 and " % " in shown and "events" in shown, shown[:300])
    last = shown.rstrip().split("\r\x1b[K")[-1]
    expect("the bar is taken away", last.startswith("\x1b[K") and last.endswith("output=out"), shown[-300:])


def demo() -> None:
    """Ctrl-C in the middle of the replay leaves nothing behind, also where a shell made SIGINT ignored."""
    temporary = FOLDER / "temporary"
    temporary.mkdir()
    for number in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen([NUDGE, "demo"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                   env={**os.environ, "TMPDIR": str(temporary)},
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        told = process.stdout.readline()
        expect("the demo has begun", told.startswith("nudge demo: ") and len(list(temporary.iterdir())) == 1, told)
        process.send_signal(number)
        process.stdout.read()
        expect(f"{number.name} ends the demo", process.wait() == -number, process.returncode)
        expect("its folder is gone", not list(temporary.iterdir()), list(temporary.iterdir()))


def dead_letters() -> None:
    """A record that was refused is found, read, mended and sent back; the next replay has it."""
    def sale(number: int, price: str) -> str:
        return (f'{{"event_id":"{number}","event_time":"2024-01-0{number}T00:00:00Z","customer_id":"ann",'
                f'"transaction_id":"t{number}","kind":"sale",'
                f'"lines":[{{"product_id":"p","quantity":1,"unit_price":{price}}}]}}')
    (FOLDER / "bad").mkdir()
    refused = sale(2, "true")
    (FOLDER / "bad/transactions.jsonl").write_text("\n".join([sale(1, "1"), refused, "{", sale(3, "1")]) + "\n")
    replay_bad = ["replay", "--config", "good.yaml", "--input", "bad", "--output", "refused", "--set",
                  "engine.state_dir=refused_state"]
    expect("replay with bad records", run(*replay_bad).returncode == 0)

    counts = json.loads(run("dlq", "list", "--output", "refused", "--format", "json").stdout)
    expect("counts", [(row["topic"], row["error_class"], row["records"], row["example"]) for row in counts] ==
           [("transactions", "json", 1, "transactions/0/2"), ("transactions", "type", 1, "transactions/0/1")], counts)
    rows = run("dlq", "list", "--output", "refused", "--records", "--class", "type", "--format", "csv").stdout
    expect("records as CSV", rows.splitlines()[0] == "place,event_time,error_class,bytes,message" and
           rows.splitlines()[1].startswith(f"transactions/0/1,2024-01-01T00:00:00.000Z,type,{len(refused)},"), rows)
    table = run("dlq", "list", "--output", "refused", "--records", "--limit", "1").stdout.splitlines()
    expect("a table", len(table) == 2 and table[0].split()[:2] == ["place", "event_time"], table)
    none = run("dlq", "list", "--output", "refused", "--topic", "care", "--format", "json")
    expect("nothing of a topic", (none.returncode, none.stdout) == (0, "[]\n"), none)

    shown = run("dlq", "show", "transactions/0/1", "--output", "refused")
    expect("the bytes themselves", shown.stdout == refused + "\n" and "error_class=type" in shown.stderr, shown)
    rows = [
        ("no such place", ["show", "transactions/0/9", "--output", "refused"], 64, "no dead letter of this place"),
        ("no place", ["show", "transactions", "--output", "refused"], 64, "is no place"),
        ("no source", ["list"], 64, "--config is required, or --output"),
        ("no dead letters", ["list", "--output", "bad"], 74, "dead_letters.jsonl"),
        ("no such class", ["list", "--output", "refused", "--class", "typo"], 64, "not in {"),
        ("no choice", ["reinject", "--output", "refused", "--into", "bad"], 64, "say which"),
        ("still bad", ["reinject", "--all", "--output", "refused", "--into", "bad"], 65,
         "2 of 2 records are still bad"),
        ("no target", ["reinject", "--all", "--force", "--output", "refused"], 64, "--config is required, or --into"),
        ("mended for two", ["reinject", "--all", "--output", "refused", "--into", "bad", "--mended", "mended"], 64,
         "2 are selected"),
    ]
    (FOLDER / "mended").write_text(shown.stdout.replace("true", "7"))
    for name, arguments, code, words in rows:
        told = run("dlq", *arguments)
        expect(f"dlq: {name}", told.returncode == code and words in told.stderr and not told.stdout, told)
    expect("nothing was written", sorted(path.name for path in (FOLDER / "bad").iterdir()) == ["transactions.jsonl"])

    back = run("dlq", "reinject", "transactions/0/1", "--output", "refused", "--into", "bad", "--mended", "mended")
    expect("sent back", back.returncode == 0 and "records=1 still_bad=0" in back.stderr, back)
    forced = run("dlq", "reinject", "--class", "json", "--force", "--output", "refused", "--into", "bad")
    expect("forced", forced.returncode == 0 and "records=1 still_bad=1" in forced.stderr, forced)
    names = sorted(path.name for path in (FOLDER / "bad").iterdir())
    expect("new files", names == ["transactions.jsonl", "transactions_reinjected-0001.jsonl",
                                  "transactions_reinjected-0002.jsonl"], names)
    expect("replay again", run(*replay_bad).returncode == 0)
    counters = json.loads((FOLDER / "refused/report.json").read_text())["counters"]["transactions"]
    expect("the mended one counts", (counters["processed"], counters["dead_letters"]) == (3, 3), counters)
    counts = json.loads(run("dlq", "list", "--config", "good.yaml", "--set", "output.path=refused", "--records",
                            "--format", "json").stdout)
    expect("places stay", sorted(row["place"] for row in counts) ==
           ["transactions/0/1", "transactions/0/2", "transactions/2/0"], counts)


def fit_net() -> None:
    """One net on a small table: the shapes and the seed, and what is said of input that is wrong."""
    (FOLDER / "numbers.csv").write_text("a,y,b\n" + "".join(f"{i % 3},{i % 3 + i % 2},{i % 2}\n" for i in range(30)))
    common = ["fit-net", "--data", "numbers.csv", "--target", "y"]
    told = run(*common, "--hidden", "3", "--epochs", "200", "--rate", "0.05", "--output", "net.json")
    expect("fit-net", told.returncode == 0 and not told.stdout and "inputs=2 hidden=3 epochs=200" in told.stderr, told)
    epochs = json.loads((FOLDER / "net.json").read_text())["epochs"]
    layers = epochs[-1]["layers"]
    expect("epochs", [epoch["epoch"] for epoch in epochs] == list(range(1, 201)))
    expect("shapes", [(len(layer["weights"]), len(layer["weights"][0]), len(layer["bias"])) for layer in layers] ==
           [(2, 3, 3), (3, 1, 1)], layers)
    error = float(told.stderr.split("mean_squared_error=")[1].split()[0])
    expect("it has learnt", error < 0.01, error)
    (FOLDER / "start.json").write_text(json.dumps({"layers": epochs[0]["layers"]}))
    rows = [
        ("no such column", [*common[:3], "--target", "z", "--output", "o"], 64, 'no column "z"; it has a, y, b'),
        ("no such file", [*common[:1], "--data", "none.csv", *common[3:], "--output", "o"], 74, "none.csv"),
        ("a cell that is no number", ["fit-net", "--data", "cell.csv", "--target", "y", "--output", "o"], 65,
         'cell.csv:3: column x: "three" is no number'),
        ("a row too short", ["fit-net", "--data", "short.csv", "--target", "y", "--output", "o"], 65,
         "short.csv:2: has 1 cells, the header names 2 columns"),
        ("no rows", ["fit-net", "--data", "header.csv", "--target", "y", "--output", "o"], 65, "no rows"),
        ("no inputs", ["fit-net", "--data", "target.csv", "--target", "y", "--output", "o"], 65, "the target alone"),
        ("no such folder", [*common, "--output", "none/net.json"], 74, "none/net.json: cannot be written"),
        ("no JSON", [*common, "--init", "good.yaml", "--output", "o"], 65, "good.yaml: is no JSON object"),
        ("another shape", [*common, "--hidden", "4", "--init", "start.json", "--output", "o"], 65,
         "start.json: layers[0]: weights must be 2 arrays of 4 numbers"),
        ("weights that grow", [*common, "--rate", "1000", "--output", "o"], 65, "lower --rate"),
        ("no epochs", [*common, "--epochs", "0", "--output", "o"], 64, "not in range"),
    ]
    (FOLDER / "cell.csv").write_text("x,y\n1,2\nthree,4\n")
    (FOLDER / "short.csv").write_text("x,y\n1\n")
    (FOLDER / "header.csv").write_text("x,y\n")
    (FOLDER / "target.csv").write_text("y\n1\n")
    for name, arguments, code, words in rows:
        told = run(*arguments)
        expect(f"fit-net: {name}", told.returncode == code and words in told.stderr and not told.stdout, told)
    expect("nothing is left of what failed", not list(FOLDER.glob("o")) and not list(FOLDER.glob("*.part")))
    started = run(*common, "--hidden", "3", "--init", "start.json", "--epochs", "1", "--output", "on.json")
    expect("fit-net goes on from weights", started.returncode == 0, started)


def evaluate() -> None:
    """A small table whose truth is known: who comes often buys, unless it rains; a column that knows the answer."""
    def row(i: int) -> str:
        visits, rain = i * 7919 % 10, ("yes", "no", "unknown")[i * 31 % 3]
        bought = (visits > 4) != (rain == "yes") if i % 10 else i % 20 == 0
        colour = ("red", "green", "blue")[i % 7 % 3]
        return f"{visits},{rain},{colour},{int(bought) + i % 3 / 10},{'yes' if bought else 'no'}"
    (FOLDER / "visits.csv").write_text("visits,rain,colour,receipt,bought\n" + "\n".join(map(row, range(400))) + "\n")
    common = ["evaluate", "--data", "visits.csv", "--target", "bought"]
    told = run(*common, "--drop", "receipt", "--split", "folds:4", "--output", "evaluated")
    report = json.loads((FOLDER / "evaluated" / "report.json").read_text())
    models = {model["name"]: model for model in report["models"]}
    expect("evaluate", told.returncode == 0 and told.stdout.startswith("data       visits.csv: 400 rows"), told)
    expect("the models beside a dummy", list(models) == ["dummy", "ftrl_logistic", "back_propagation",
                                                         "gradient_boosting", "champion"], list(models))
    expect("trees find it, the dummy does not", models["gradient_boosting"]["auc"]["mean"] > 0.85
           and models["dummy"]["auc"]["mean"] < 0.55, told.stdout)
    expect("types", [(each["name"], each["type"], each["unknown"]) for each in report["features"]] ==
           [("visits", "number", 0), ("rain", "boolean", 133), ("colour", "text", 0)], report["features"])
    expect("no warning", report["warnings"] == [] and "[warning]" not in told.stderr, told.stderr)
    important = [each["feature"] for each in models["champion"]["importance"]]
    expect("importance", set(important[:2]) == {"visits", "rain"}, important)
    again = run(*common, "--drop", "receipt", "--split", "folds:4", "--threads", "1")
    expect("the same again, on one thread", again.stdout == told.stdout)

    leaking = run(*common, "--split", "prequential:100", "--drop-unknown", "--drop", "colour,rain")
    expect("a column that knows too much", leaking.returncode == 0 and
           "column receipt alone reaches an AUC of 1.000" in leaking.stderr and "warning    column receipt" in
           leaking.stdout, leaking)
    rows = [
        ("no such split", [*common, "--split", "half"], 64, '"half" is no split; write random:0.1'),
        ("a share above 1", [*common, "--split", "random:3"], 64, "random needs a share"),
        ("no such column", [*common, "--drop", "weather"], 64, '--drop: visits.csv has no column "weather"'),
        ("a target of many values", [*common[:3], "--target", "colour"], 64, "say with --positive"),
        ("one segment", [*common, "--segments", "1"], 64, '--segments: "1" is no number of segments; write 2 to 20'),
        ("a control of nothing", [*common, "--control", "no"], 64, "--control: there is no --treatment"),
        ("no control", [*common, "--treatment", "colour"], 64, "say which of them is no treatment"),
        ("no such control", [*common, "--treatment", "rain", "--control", "snow"], 64, "--control: column rain has"),
        ("too few rows", ["evaluate", "--data", "few.csv", "--target", "y", "--split", "random:0.5"], 64,
         "6 of each are needed"),
        ("no such file", ["evaluate", "--data", "none.csv", "--target", "y"], 74, "none.csv"),
        ("a broken row", ["evaluate", "--data", "short.csv", "--target", "y"], 65, "short.csv:2: has 1 cells"),
        ("one class", ["evaluate", "--data", "one.csv", "--target", "y"], 65, "rows of both kinds"),
        ("no folder", [*common, "--output", "visits.csv/out"], 74, "visits.csv/out: cannot be made a folder"),
    ]
    (FOLDER / "few.csv").write_text("x,y\n1,0\n2,1\n3,0\n")
    (FOLDER / "one.csv").write_text("x,y\n1,no\n2,no\n")
    for name, arguments, code, words in rows:
        told = run(*arguments)
        expect(f"evaluate: {name}", told.returncode == code and words in told.stderr, told)
    swayed = run(*common, "--drop", "receipt", "--segments", "3", "--treatment", "rain", "--output", "swayed")
    report = json.loads((FOLDER / "swayed" / "report.json").read_text())
    segments = report["segmentation"]["segments"]
    tested = report["models"][-1]["repeats"][0]
    expect("segments add up", swayed.returncode == 0 and len(segments) == 3 and
           sum(each["n"] for each in segments) == tested["n"] and
           sum(each["confusion"]["true_positives"] for each in segments) ==
           tested["confusion"]["at_threshold"]["true_positives"], swayed)
    arm = report["uplift"][0]
    expect("a treatment", arm["treatment"] == "yes" and arm["treated"]["n"] + arm["untreated"]["n"] == 267 and
           [each["name"] for each in arm["models"]] == ["response", "t_learner", "x_learner"], arm)
    positive = run("evaluate", "--data", "visits.csv", "--target", "colour", "--positive", "red", "--split", "time:0.5")
    expect("a value to predict", "colour = red" in positive.stdout, positive)


def alike() -> None:
    """Orders that are alike, on a small folder; customers who are, in the state that a replay has left."""
    folder = FOLDER / "alike"
    folder.mkdir()
    (folder / "transactions.jsonl").write_text("".join(
        json.dumps({"event_id": str(i), "event_time": i * 3_600_000, "customer_id": f"c{i % 4}",
                    "transaction_id": f"t{i}", "kind": "sale",
                    "lines": [{"product_id": f"p{i % 2}{part}", "quantity": 1 + i % 4, "unit_price": 5}
                              for part in "ab"]}) + "\n" for i in range(200)))
    told = run("propose", "--input", "alike", "--customer", "c1", "--format", "json")
    seen = json.loads(told.stdout) if told.returncode == 0 else {}
    expect("propose", seen and seen["similar"] == 1 and seen["most_common"] < 0.7, told)
    expect("proposal", seen and seen["proposals"][0]["items"] == ["p1a", "p1b"], told)
    (FOLDER / "alike.yaml").write_text(
        "input: {path: alike}\nengine: {state_dir: alike_state}\noperators:\n  rfm: {}\n"
        "  segments:\n    - {name: size, features: [gross], k: 2}\n")
    expect("replay", run("replay", "--config", "alike.yaml", "--output", "alike_out").returncode == 0)
    told = run("similar", "c1", "--config", "alike.yaml", "--format", "json")
    rows = json.loads(told.stdout) if told.returncode == 0 else []
    expect("similar", [row["customer"] for row in rows] == ["asked for", "c2", "c0", "c3"], told)
    told = run("similar", "--features", "gross=5000", "--config", "alike.yaml", "-k", "1")
    expect("one who is described", told.returncode == 0 and "size: s" in told.stdout and "c3" in told.stdout, told)
    rows = [
        ("nobody", ["similar", "--config", "alike.yaml"], 64, "name a customer"),
        ("no such customer", ["similar", "c9", "--config", "alike.yaml"], 64, 'no customer "c9"'),
        ("no such column", ["similar", "c1", "--config", "alike.yaml", "--weights", "size:1"], 64, "no column"),
        ("no number", ["similar", "c1", "--config", "alike.yaml", "--weights", "gross"], 64, "no number with a name"),
        ("no state", ["similar", "c1", "--config", "alike.yaml", "--state", "none"], 78, "no state of nudge"),
        ("no rules", ["recommend", "coats", "--config", "alike.yaml"], 64, "no validated basket rule"),
        ("no folder", ["propose", "--input", "none"], 74, "none"),
        ("no such customer's order", ["propose", "--input", "alike", "--customer", "c9"], 64, "has no order"),
    ]
    for name, arguments, code, words in rows:
        told = run(*arguments)
        expect(f"alike: {name}", told.returncode == code and words in told.stderr and not told.stdout, told)


def observability() -> None:
    """A replay that is told to serves its figures while it works, and says when it cannot."""
    common = ["replay", "--config", "good.yaml", "--input", "data", "--output", "served", "--set",
              "engine.state_dir=served_state"]
    slow = subprocess.Popen([NUDGE, *common, "--speed", "1000", "--set", "http.bind=127.0.0.1:0"], cwd=FOLDER,
                            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        url = next(line for line in slow.stderr if "http serves url=" in line).split("url=")[1].strip()
        deadline, processed, text = time.monotonic() + 60, None, ""
        while not processed and time.monotonic() < deadline:
            text = urllib.request.urlopen(url + "/metrics", timeout=10).read().decode()
            processed = re.search(r'nudge_records_total\{topic="\w+",outcome="processed"\} [1-9]', text)
            time.sleep(0.05)
        expect("figures of a replay", processed is not None, text)
        ready = urllib.request.urlopen(url + "/readyz", timeout=10)
        expect("it is ready", (ready.status, json.loads(ready.read())) == (200, {"status": "ready"}))
        taken = run(*common, "--set", "http.bind=" + url.removeprefix("http://"))
        expect("the port is taken", taken.returncode == 78 and "is taken by another program" in taken.stderr, taken)
    finally:
        slow.kill()
        slow.wait()
        slow.stderr.close()
    open_bind = run(*common, "--set", "http.bind=0.0.0.0:8080")
    expect("no bind for others", open_bind.returncode == 78 and "TLS and a token" in open_bind.stderr, open_bind)


def on_terminal(arguments: list[str]) -> tuple[str, int]:
    """What the program writes to stderr if that is a terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen([NUDGE, *arguments], cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=follower)
    os.close(follower)
    shown = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # the program has ended
            break
        if not part:
            break
        shown += part
    os.close(leader)
    return shown.decode(errors="replace"), process.wait()


def main() -> int:
    (FOLDER / "good.yaml").write_text("name: shop\ninput: {path: data/}\noperators: {rfm: {}}\n")
    (FOLDER / "bad.yaml").write_text("input: {path: data/}\nengine: {treads: 2, epoch: soon}\n")
    (FOLDER / "shop.yaml").write_text("customers: 20\nweeks: 8\n")
    for test in (usage, validate, schema, completion, replay, demo, dead_letters, fit_net, evaluate, alike,
                 observability):
        test()
    print(f"{PASSED} passed, {len(FAILURES)} failed")
    return 1 if FAILURES else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: cli_test.py NUDGE")
    NUDGE = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = Path(folder)
        code = main()
    sys.exit(code)
