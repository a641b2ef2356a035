"""The progress bar of everything that is counted in bytes."""

import sys
from typing import Any

from tqdm import tqdm


def byte_bar(label: str, total: int | None, *, show: bool) -> "tqdm[Any]":
    """A bar on stderr that counts bytes in binary units; `total` None: size not known. In a log, one line every ten seconds."""
    every = 0.2 if sys.stderr.isatty() else 10.0
    return tqdm(desc=label, total=total, unit="B", unit_scale=True, unit_divisor=1024, mininterval=every, disable=not show)
