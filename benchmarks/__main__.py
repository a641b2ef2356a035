"""python -m benchmarks [part …]: measure what is claimed to be fast, and write the table with date, machine and versions."""

import argparse
import datetime
import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path

import torch

from benchmarks import metrics, predict, training
from benchmarks.row import Row

RESULTS = Path(__file__).parent / "results"
PARTS = {"training": training.rows, "metrics": metrics.rows, "predict": predict.rows}


def main() -> None:
    """Measure the parts named, all by default, and keep the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], help="what to measure; everything without a name")
    parts = parser.parse_args().part or list(PARTS)
    torch.set_num_threads(os.cpu_count() or 1)
    rows = [row for part in parts for row in PARTS[part]()]
    now = datetime.datetime.now(datetime.UTC)
    about = {
        "date": now.isoformat(timespec="seconds"),
        "command": "python -m benchmarks " + " ".join(parts),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }
    table = "\n".join(["| what | times faster: median (quartiles) | rounds |", "|---|---|---|", *map(_line, rows)])
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y-%m-%d}-{'-'.join(parts)}"
    path.with_suffix(".json").write_text(json.dumps({**about, "rows": [asdict(row) for row in rows]}, indent=1) + "\n")
    path.with_suffix(".md").write_text("\n".join(f"{key}: {value}  " for key, value in about.items()) + f"\n\n{table}\n")
    print(table)
    print(f"\nkept in {path}.md and .json", file=sys.stderr)


def _line(row: Row) -> str:
    return f"| {row.what} | {row.ratio or row.note} | {row.ratio.rounds if row.ratio else ''} |"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    main()
