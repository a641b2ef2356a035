"""python -m benchmarks.many --pairs 100000: the pipeline on many small pairs, the memory of every stage, and the time of dvc status.

Works in a clone of this repository in a temporary folder; what is committed is what is measured.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.table import keep
from benchmarks.timing import Row

ROOT = Path(__file__).resolve().parents[1]
DATASET = "facades"
STAGES = ("check", *(f"{stage}@{DATASET}" for stage in ("download", "prepare", "train", "infer", "evaluate", "export")))
PEAK_LIMIT, STATUS_LIMIT = 2 << 30, 2.0  # bytes, seconds
_EVERY = 0.2  # seconds between two samples of the memory


@dataclass(frozen=True)
class Measured:
    """One command: its time in seconds, and the most memory that it and all its processes had together, in bytes."""

    seconds: float
    peak: int


def main() -> None:
    """Run the chain stage by stage, print and keep the table. Ends with 1 where a stage fails or a limit is passed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many", description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000, help="pairs to draw and train on; a hundredth more for each other split")
    pairs = parser.parse_args().pairs
    passed = True
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as home:
        clone = Path(home) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        _make_small(clone / "params.yaml", pairs)
        for stage in STAGES:
            measured = _measure(["dvc", "repro", "--quiet", "--single-item", stage], clone)
            passed &= measured.peak < PEAK_LIMIT
            rows.append(Row(f"{stage} of {pairs:,} pairs", None, f"{measured.seconds:.1f} s, {measured.peak >> 20:,} MiB at most"))
            print(rows[-1].what, rows[-1].note, file=sys.stderr)
        status = min(_measure(["dvc", "status", "--quiet", *STAGES], clone, check=False).seconds for _ in range(3))
        rows.append(Row("dvc status after it", None, f"{status:.2f} s"))
    keep(rows, f"python -m benchmarks.many --pairs {pairs}", "many")
    raise SystemExit(0 if passed and status < STATUS_LIMIT else 1)


def _make_small(params: Path, pairs: int) -> None:
    """Set the smallest images and networks, one epoch in large batches, and `pairs` training pairs."""
    from dvc.utils.hydra import apply_overrides

    few = max(1, pairs // 100)
    changes = [
        f"active=[{DATASET}]", f"download.sample_train={pairs}", f"download.sample_val={few}", f"download.sample_test={few}",
        "download.sample_size=32", "prepare.load_size=36", "prepare.crop_size=32", "train.epochs=1", "train.batch_size=256",
        "model.ngf=4", "model.ndf=4", "model.discriminator=pixel", "tracking.enabled=false",
    ]  # fmt: skip
    apply_overrides(params, changes)


def _measure(command: list[str], folder: Path, check: bool = True) -> Measured:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # dvc starts this Python's programs
    environment = {**os.environ, "PYTHONPATH": f"{folder}/src", "DVC_NO_ANALYTICS": "1", "PATH": path}
    began, peak = time.perf_counter(), 0
    process = subprocess.Popen(command, cwd=folder, env=environment)
    while process.poll() is None:
        peak = max(peak, family_memory(process.pid))
        time.sleep(_EVERY)
    if check and process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return Measured(time.perf_counter() - began, peak)


def family_memory(pid: int) -> int:
    """Memory of a process and its children in bytes, pages that several share counted once (PSS)."""
    total = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0
    for process in family:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue  # it ended meanwhile
    return total


if __name__ == "__main__":
    main()
