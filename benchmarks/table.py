"""Where a table goes: printed, and kept under benchmarks/results with date, machine, versions and the command."""

import datetime
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks.timing import Row

RESULTS = Path(__file__).parent / "results"


def keep(rows: Sequence[Row], command: str, name: str) -> None:
    """Print the rows as a table and write `<date>-<name>.md`."""
    show(rows)
    now = datetime.datetime.now(datetime.UTC)
    about = {
        "date": now.isoformat(timespec="seconds"),
        "command": command,
        "processor": _processor(),
        "cores": os.cpu_count(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y-%m-%d}-{name}.md"
    path.write_text("\n".join(f"{key}: {value}  " for key, value in about.items()) + f"\n\n{_table(rows)}\n")
    print(f"\nkept in {path}", file=sys.stderr)


def show(rows: Sequence[Row]) -> None:
    """Print the rows as a table."""
    print(_table(rows))


def _table(rows: Sequence[Row]) -> str:
    return "\n".join(["| what | times faster: median (quartiles) | rounds | notes |", "|---|---|---|---|", *map(_line, rows)])


def _line(row: Row) -> str:
    return f"| {row.what} | {row.ratio or ''} | {row.ratio.rounds if row.ratio else ''} | {row.note} |"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor())
