"""python -m benchmarks.gpu: is training right on this GPU, and how fast? Needs only torch, torchvision, numpy and pillow.

First the checks (graph against eager, bf16 against fp32, resuming), then the table, kept under benchmarks/results. Exits with 1 when a
check fails. With `--device cpu --small` the same code runs anywhere; its figures mean nothing
and are not kept.
"""

import os

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS reads it once; its deterministic algorithms need it

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks import gpu_rows
from benchmarks.gpu_checks import checks
from benchmarks.images import draw_jpegs, store_of
from benchmarks.table import keep, show
from benchmarks.timing import Row


def main() -> None:
    """Run the checks and the measurements, and keep the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--small", action="store_true", help="tiny networks and few steps: only to see that it runs")
    given = parser.parse_args()
    device, size = torch.device(given.device), gpu_rows.SMALL if given.small else gpu_rows.FULL
    if device.type == "cuda" and not torch.cuda.is_available():
        sys.exit("benchmarks.gpu: this machine has no CUDA device; --device cpu --small shows that the program runs")
    torch.backends.cudnn.benchmark = True
    if given.small:
        torch.set_num_threads(1)  # on a busy machine two threads wait for each other longer than such small work takes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = sorted(draw_jpegs(folder / "few", count=9, size=size.model.crop_size).glob("*.jpg"))
        few = store_of(files, folder / "few-store", load_size=size.load_size)
        model = replace(size.model, ngf=min(16, size.model.ngf), ndf=min(16, size.model.ndf))
        found = checks(few, model, 2, device)
        for check in found:
            print(f"{'holds' if check.holds else 'FAILS'}: {check.promise} ({check.found})", flush=True)
        rows = gpu_rows.rows(gpu_rows.material(folder / "many", size), size, device)
    verdicts = [Row(f"check: {check.promise}", None, f"{'holds' if check.holds else 'FAILS'} {check.found}") for check in found]
    if given.small:
        show([*verdicts, *rows])
    else:
        keep([*verdicts, *rows], f"PYTHONPATH=src python -m benchmarks.gpu --device {given.device}", f"gpu-{device.type}")
    if not all(check.holds for check in found):
        sys.exit(1)


if __name__ == "__main__":
    main()
