"""Runs nudge and the acceptance checkers, each with a log of its own."""
from __future__ import annotations

import functools
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
SHARED = PROJECT.parent / "shared"
CHECKERS = SHARED / "acceptance"
EXAMPLES = PROJECT / "config" / "examples"
CHECK_SECONDS, RUN_SECONDS = 900, 900
# The checkers of learning need numpy and scipy; Debian's python3-scipy brings both.
LEARNING_PYTHON = os.environ.get("NUDGE_LEARNING_PYTHON", sys.executable)


numbers = itertools.count()  # of checkers' logs


class Failed(Exception):
    """What should hold does not."""


@dataclass
class Place:
    """Where the outputs, states and logs of a run of the tests are, and the program under test."""

    nudge: Path
    folder: Path

    def command(self, config: Path, data: Path, name: str, *settings: str) -> list[str]:
        """Replays `data` into the output folder of `name`, with a state of its own."""
        given = [f"engine.state_dir={self.folder / 'state' / name}", *settings]
        return [str(self.nudge), "replay", "--config", str(config), "--input", str(data), "--output",
                str(self.output(name)), *(part for setting in given for part in ("--set", setting))]

    def output(self, name: str) -> Path:
        return self.folder / "out" / name

    def replay(self, config: Path, data: Path, name: str, *settings: str) -> Path:
        """Its state, which may be large, is not kept."""
        if not (self.output(name) / "report.json").exists():
            run(self.command(config, data, name, *settings), self.folder / f"{name}.log", RUN_SECONDS)
            shutil.rmtree(self.folder / "state" / name)
        return self.output(name)


def run(command: list[str], log: Path, seconds: int) -> None:
    with log.open("ab") as file:
        code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=PROJECT,
                              timeout=seconds, check=False).returncode
    if code:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        raise Failed(f"exit code {code} of {' '.join(command)}\n{tail}")


def check(place: Place, checker: str, *arguments: object) -> None:
    """`checker` is a program of CHECKERS, or of its folder: learning/check_btyd."""
    log = place.folder / f"{Path(checker).name}-{next(numbers)}.log"
    python = LEARNING_PYTHON if checker.startswith("learning/") else sys.executable
    run([python, str(CHECKERS / f"{checker}.py"), *map(str, arguments)], log, CHECK_SECONDS)


def run_learning(place: Place, program: Path, *arguments: object) -> str:
    """The last line of what a program that needs scikit-learn prints."""
    log = place.folder / f"{program.stem}-{next(numbers)}.log"
    run([LEARNING_PYTHON, str(program), *map(str, arguments)], log, CHECK_SECONDS)
    return log.read_text().splitlines()[-1]


@functools.cache
def can_check_learning(module: str = "scipy") -> bool:
    return subprocess.run([LEARNING_PYTHON, "-c", f"import numpy, {module}"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def kill_after(command: list[str], log: Path, seconds: float) -> bool:
    """Starts the command and kills it (SIGKILL) after some time; whether it was still running then."""
    with log.open("ab") as file:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=PROJECT)
    try:
        code = process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return True
    if code:
        raise Failed(f"exit code {code} of {' '.join(command)}: see {log}")
    return False


def duration_of(command: list[str], log: Path) -> float:
    begin = time.monotonic()
    run(command, log, RUN_SECONDS)
    return time.monotonic() - begin


LIST_KEYS = {"--list": r"list: (\w+)", "--score": r"score: (\w+)", "--band": r"band: \[([\d., ]+)\]",
             "--recent-purchase": r"recent_purchase: (\w+)",
             "--frequency-cap": r"frequency_cap: \{max: (\d+), per: (\w+)\}"}


def target_flags(config: Path) -> list[list[str]]:
    """What check_targets must know of each list of a configuration, in the flow style of the examples."""
    text = config.read_text()
    holdout = re.search(r"^targeting: \{.*holdout: ([\d.]+)", text, re.MULTILINE)
    flags = []
    for written in re.findall(r"- (\{list: .*?valid: \w+\})", text, re.DOTALL):
        one = ["--holdout", holdout[1] if holdout else "0.1"]
        for flag, pattern in LIST_KEYS.items():
            found = re.search(pattern, written)
            value = "/".join(found.groups()) if found else "none"
            one += [flag, value.replace(" ", "")]
        flags.append(one)
    if not flags:
        raise Failed(f"{config}: no list is written as the tests read it")
    return flags
