#!/usr/bin/env python3
"""The style that a program can check: lines, tabs, marks of unfinished work, headers, portable maths, machine paths.

Prints each offence as file:line, files that are long enough to hold a second idea, and last `N passed, N failed`,
where each rule counts once.
"""
from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
LINE_MOST, FILE_MOST = 120, 600
SOURCE = {".h", ".cc", ".in"}
TEXT = SOURCE | {".py", ".sh", ".cmake", ".txt", ".yaml", ".yml", ".json", ".md", ""}
LONG_LINES_ALLOWED = {".json", ".md", ".yaml"}
SKIPPED = ("build/", "var/", "out/", "tools/demo_data/", "tests/scripts/", "tests/golden/", "LICENSE")
MARKS = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|XX" + "X)\\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|home|root)/\w")
SYSTEM_MATHS = re.compile(
    r"\bstd::(exp2?|expm1|log|log2|log10|log1p|pow|sin|cos|tan|[st]anh|sinh|cosh|erf|[lt]gamma)\s*\(")
PORTABLE_FOLDERS = ("engine/", "operators/", "tools/nudge/generate/")


def names_of_files() -> list[str]:
    """What git knows or would add; outside of a clone, or without git, all that is here."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=PROJECT,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return [str(path.relative_to(PROJECT)) for path in PROJECT.rglob("*")]
    return [name for name in listed.decode().split("\0") if name]


def files() -> list[Path]:
    names = names_of_files()
    kept = {name for name in names if not name.startswith(SKIPPED) and Path(name).suffix in TEXT}
    return [PROJECT / name for name in sorted(kept) if (PROJECT / name).is_file() and ".git/" not in name]


def code_of(line: str) -> str:
    return line.split("//")[0]


class Rules:
    def __init__(self):
        self.offences: dict[str, list[str]] = {}

    def rule(self, name: str) -> list[str]:
        return self.offences.setdefault(name, [])

    def line_rules(self, name: str, suffix: str, number: int, line: str) -> None:
        where = f"{name}:{number}"
        if len(line) > LINE_MOST and suffix not in LONG_LINES_ALLOWED:
            self.rule(f"a line has at most {LINE_MOST} characters").append(where)
        if "\t" in line:
            self.rule("no tabs").append(where)
        if line != line.rstrip():
            self.rule("no blanks at a line's end").append(where)
        if MARKS.search(line):
            self.rule("no marks of unfinished work").append(f"{where}: {line.strip()[:80]}")
        if MACHINE_PATH.search(line) and "#!" not in line:
            self.rule("no paths of a machine").append(f"{where}: {line.strip()[:80]}")
        if suffix in SOURCE and name.startswith(PORTABLE_FOLDERS) and SYSTEM_MATHS.search(code_of(line)):
            self.rule("transcendental functions come from engine/portable_math").append(f"{where}: {line.strip()[:80]}")

    def header_rules(self, name: str, lines: list[str]) -> None:
        if not lines or not lines[0].startswith("// "):
            self.rule("a header begins with its contract, a comment").append(name)
        if "#pragma once" not in lines:
            self.rule("a header has #pragma once").append(name)

    def read(self, path: Path) -> None:
        name, suffix = path.relative_to(PROJECT).as_posix(), path.suffix
        try:
            content = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            self.rule("text is UTF-8").append(name)
            return
        lines = content.split("\n")
        for number, line in enumerate(lines, 1):
            self.line_rules(name, suffix, number, line)
        if content and not content.endswith("\n"):
            self.rule("a file ends with a line feed").append(name)
        if suffix == ".h":
            self.header_rules(name, lines)
        if suffix in SOURCE | {".py"} and len(lines) > FILE_MOST + 1:
            self.rule(f"a source file has at most {FILE_MOST} lines").append(f"{name}: {len(lines) - 1}")


NAMES = (f"a line has at most {LINE_MOST} characters", "no tabs", "no blanks at a line's end",
         "no marks of unfinished work", "no paths of a machine",
         "transcendental functions come from engine/portable_math", "a header begins with its contract, a comment",
         "a header has #pragma once", "text is UTF-8", "a file ends with a line feed",
         f"a source file has at most {FILE_MOST} lines")


def main() -> int:
    rules = Rules()
    found = files()
    for path in found:
        rules.read(path)
    if not found:
        print("error: no files found")
        return 1
    for name in NAMES:
        for offence in rules.offences.get(name, []):
            print(f"{offence}  failed: {name}")
    failed = sum(bool(rules.offences.get(name)) for name in NAMES)
    print(f"{len(found)} files read")
    print(f"{len(NAMES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
