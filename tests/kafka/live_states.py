"""`nudge state` on what a live run has left: told, copied, refused, and gone on with elsewhere."""
from __future__ import annotations

import re
from pathlib import Path

import harness
from harness import expect, run
from live import Instance, compare, generated, wait_until_read

CONFIG = 78


def states(name: str, disk: str) -> None:
    """Of an application that has run on this disk, and runs no more."""
    folder, copy = harness.FOLDER / f"{name}_{disk}", harness.FOLDER / f"{name}_copy"
    told = run("state", "info", *of(name, folder))
    expect("a state is told", told.returncode == 0 and f"run of {name}, 3 partitions" in told.stdout
           and "customers" in told.stdout and "changelog" in told.stdout, told)
    expect("it names nobody", "c0000" not in told.stdout, told.stdout)
    copied = run("state", "export", *of(name, folder), "--output", copy)
    expect("it is exported", copied.returncode == 0, copied)
    told = run("state", "info", "--state", copy)
    expect("the copy is told", told.returncode == 0 and f"export of {name}" in told.stdout, told)
    refusals(name, folder, copy)
    goes_on(name, copy)


def of(name: str, folder: Path) -> tuple[str, ...]:
    return "--config", f"{name}.yaml", "--set", f"engine.state_dir={folder}"


def refusals(name: str, folder: Path, copy: Path) -> None:
    empty, elsewhere = harness.FOLDER / "nothing_is_here", harness.FOLDER / "elsewhere"
    empty.mkdir()
    other = ("--set", "name=other")
    more = ("--set", "engine.partitions=5")
    for what, words, arguments in (
            ("no state", "is no state of nudge", ("info", "--state", empty)),
            ("export of nothing", "is no state of nudge", ("export", *of(name, empty), "--output", elsewhere)),
            ("export to a full folder", "is not empty", ("export", *of(name, folder), "--output", copy)),
            ("export of another's", "another `name`", ("export", *of(name, folder), *other, "--output", elsewhere)),
            ("export of a copy", "only that of a run", ("export", *of(name, copy), "--output", elsewhere)),
            ("import to a full folder", "is not empty", ("import", *of(name, folder), "--input", copy)),
            ("import of another's", "another `name`", ("import", *of(name, elsewhere), *other, "--input", copy)),
            ("import for more partitions", "engine.partitions",
             ("import", *of(name, elsewhere), *more, "--input", copy)),
            ("import of a run's own", "nudge state export", ("import", *of(name, elsewhere), "--input", folder))):
        told = run("state", *arguments)
        expect(f"refused: {what}", told.returncode == CONFIG and words in told.stderr, told)
    expect("a refusal makes no folder", not elsewhere.exists(), list(harness.FOLDER.iterdir()))
    run_on_copy = run("run", *of(name, copy), "--set", "http.bind=127.0.0.1:0")
    expect("refused: a run on a copy", run_on_copy.returncode == CONFIG and "nudge state import" in run_on_copy.stderr,
           run_on_copy)


def goes_on(name: str, copy: Path) -> None:
    """More happens on the old disk; then the copy takes over on a new one, with the rest of the changelog only."""
    before = wait_until_read(name, 0)
    first = Instance(name, "a")
    more = generated(run("generate", "--config", f"{name}_shop.yaml", "--output", "kafka", "--seed", 6, "--set",
                         "customers=20").stderr)
    read = wait_until_read(name, before + more)
    expect("what came after the export is read", read == before + more, (read, before, more))
    elsewhere = harness.FOLDER / "elsewhere"
    used = run("state", "export", *of(name, first.state), "--output", elsewhere)
    expect("refused: a state in use", used.returncode == CONFIG and "another process" in used.stderr
           and not elsewhere.exists(), used)
    expect("SIGTERM ends it well", first.stop() == 0, first.told())
    moved = harness.FOLDER / f"{name}_moved"
    imported = run("state", "import", *of(name, moved), "--input", copy)
    expect("a copy is imported", imported.returncode == 0, imported)
    second = Instance(name, "moved")
    more += generated(run("generate", "--config", f"{name}_shop.yaml", "--output", "kafka", "--seed", 7, "--set",
                          "customers=20").stderr)
    read = wait_until_read(name, before + more)
    expect("it goes on with the copy", read == before + more, (read, before, more))
    expect("SIGTERM ends it well again", second.stop() == 0, second.told())
    restored = re.findall(r"restored records=(\d+)", second.told(1 << 20))
    whole = Instance(name, "empty")
    wait_until_read(name, before + more)
    expect("SIGTERM ends one on an empty disk", whole.stop() == 0, whole.told())
    everything = re.findall(r"restored records=(\d+)", whole.told(1 << 20))
    expect("only the rest of the changelog is restored",
           restored and everything and 0 < int(restored[0]) < int(everything[0]) / 2
           and "is read from its beginning" not in second.told(1 << 20), (restored, everything))
    compare("with an imported state", name)
