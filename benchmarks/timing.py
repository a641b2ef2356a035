"""Fair timing on a machine that others use too: contenders take turns, and only times of the same round are compared."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """How many times faster than the baseline: median over rounds and quartiles."""

    median: float
    low: float
    high: float
    rounds: int

    def __str__(self) -> str:
        return f"{self.median:.2f}x ({self.low:.2f}-{self.high:.2f})"


@dataclass(frozen=True)
class Row:
    """A line of a table: what was measured, how many times faster, and a note."""

    what: str
    ratio: Ratio | None
    note: str = ""


def take_turns(contenders: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 1) -> dict[str, list[float]]:
    """Seconds of each contender in each round: A B C A B C …; the order turns by one from round to round."""
    for _ in range(warm_up):
        for work in contenders.values():
            work()
    names = list(contenders)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            began = time.perf_counter()
            contenders[name]()
            seconds[name].append(time.perf_counter() - began)
    return seconds


def faster(baseline: list[float], contender: list[float]) -> Ratio:
    """Speed of `contender` over `baseline`, paired by round."""
    ratios = sorted(b / c for b, c in zip(baseline, contender, strict=True))
    low, _, high = statistics.quantiles(ratios, n=4) if len(ratios) > 2 else (ratios[0], 0, ratios[-1])
    return Ratio(statistics.median(ratios), low, high, len(ratios))
