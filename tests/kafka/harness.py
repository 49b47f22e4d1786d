"""What the tests of the program against a broker of their own share: counted expectations, and a broker around them."""
from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
TOOL = PROJECT / "tools" / "kafka-local"
PASSED, FAILED = 0, 0
# Set by workspace and started_broker: the program, the folder that everything is written to, and the broker's in there.
NUDGE, FOLDER, BROKER = "", Path(), Path()


def expect(name: str, holds: bool, shown: object = "") -> None:
    global PASSED, FAILED
    if holds:
        PASSED += 1
    else:
        FAILED += 1
        print(f"FAILED {name}: {shown}", flush=True)


def run(*arguments: object, seconds: int = 300) -> subprocess.CompletedProcess:
    return subprocess.run([NUDGE, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          check=False, cwd=FOLDER, timeout=seconds)


@contextlib.contextmanager
def workspace(program: Path) -> Iterator[Path]:
    """A folder that everything is written to, and that goes at the end."""
    global NUDGE, FOLDER
    NUDGE = str(program.resolve())
    with tempfile.TemporaryDirectory(prefix="nudge_kafka_") as temporary:
        FOLDER = Path(temporary)
        yield FOLDER


@contextlib.contextmanager
def started_broker(options: Sequence[str], name: str = "broker") -> Iterator[str | None]:
    """bootstrap.servers of a broker in the workspace that was started with the options; nothing where it does not."""
    global BROKER
    BROKER = FOLDER / name
    try:
        started = subprocess.run([TOOL, "start", *options, "--folder", BROKER], capture_output=True, text=True,
                                 check=False)
        expect("a broker starts", started.returncode == 0, started)
        yield started.stdout.strip() if started.returncode == 0 else None
    finally:
        subprocess.run([TOOL, "wipe", "--folder", FOLDER / name], check=False)


def summary() -> int:
    """Prints the last line; gives the exit code."""
    print(f"{PASSED} passed, {FAILED} failed")
    return 1 if FAILED else 0


def with_broker(program: Path, options: list[str], test: Callable[[str], None]) -> int:
    """Calls with bootstrap.servers of a broker that was started with the options; gives the exit code."""
    with workspace(program), started_broker(options) as bootstrap:
        if bootstrap:
            test(bootstrap)
    return summary()
