#!/usr/bin/env python3
"""Proves what the program promises, on generated, bundled and real data.

    python3 tests/acceptance/run.py --program build/release/nudge [--only WORD] [--keep DIR]

Each case prints its name, result and time; a case whose data or checkers (../shared) are absent is skipped with a word.
Cases of the same data follow each other, and use what the first of them made; those of others run beside them.
The last line is `N passed, N failed, N skipped`.
"""
from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from cases import Case, cases  # noqa: E402
from program import Failed, Place  # noqa: E402


def result_of(case: Case, place: Place) -> tuple[str, str]:
    absent = case.missing()
    if absent:
        return "skipped", absent
    try:
        return "passed", case.prove(place)
    except Failed as problem:
        return "failed", str(problem)
    except subprocess.TimeoutExpired as problem:
        return "failed", f"no end after {problem.timeout} s: {' '.join(map(str, problem.cmd))}"
    except (OSError, ValueError, KeyError) as problem:
        return "failed", f"{type(problem).__name__}: {problem}"


def prove(case: Case, place: Place) -> str:
    begin = time.monotonic()
    result, words = result_of(case, place)
    print(f"{result:7} {time.monotonic() - begin:7.1f} s  {case.name}: {words}", flush=True)
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--only", default="", metavar="WORD", help="cases with this in their name")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep inputs, outputs and logs here")
    options = parser.parse_args()
    counts: Counter[str] = Counter(passed=0, failed=0, skipped=0)
    chosen = [case for case in cases() if options.only in case.name]
    # The last ones take longest.
    by_data = [list(group) for _, group in groupby(chosen, lambda case: case.name.split(":")[0])][::-1]
    workers = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="nudge_acceptance_") as temporary, ThreadPoolExecutor(workers) as pool:
        place = Place(options.program.resolve(), (options.keep or Path(temporary)).resolve())
        place.folder.mkdir(parents=True, exist_ok=True)
        for results in pool.map(lambda group: [prove(case, place) for case in group], by_data):
            counts.update(results)
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
