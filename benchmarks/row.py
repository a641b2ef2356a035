"""One line of the table."""

from dataclasses import dataclass

from benchmarks.interleave import Ratio


@dataclass(frozen=True)
class Row:
    """What was measured, how many times faster, and what must be known about it."""

    what: str
    ratio: Ratio | None
    note: str = ""
