"""python -m benchmarks [part …]: measure what is claimed to be fast, and write the table with date, machine and versions.

`--peer PATH` trains with a checkout of the published PyTorch pix2pix code beside ours, too.
"""

import argparse
import os
from pathlib import Path

import torch

from benchmarks import compare, data, demo, memory, metrics, predict, published_peer, tracking, training
from benchmarks.table import keep

PARTS = {
    "training": training.rows,
    "memory": memory.rows,
    "metrics": metrics.rows,
    "compare": compare.rows,
    "data": data.rows,
    "predict": predict.rows,
    "demo": demo.rows,
    "tracking": tracking.rows,
}


def main() -> None:
    """Measure the parts named, all by default, and keep the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], help="what to measure; everything without a name")
    parser.add_argument("--peer", type=Path, metavar="PATH", help="checkout of pytorch-CycleGAN-and-pix2pix")
    given = parser.parse_args()
    parts = given.part or list(PARTS)
    if given.peer is not None:
        published_peer.check(given.peer)
    torch.set_num_threads(os.cpu_count() or 1)
    rows = [row for part in parts for row in PARTS[part]()]
    if given.peer is not None:
        rows += published_peer.rows(given.peer)
    command = " ".join(["python -m benchmarks", *parts, *(["--peer PATH"] if given.peer else [])])
    keep(rows, command, "-".join([*parts, *(["peer"] if given.peer else [])]))


if __name__ == "__main__":
    main()
