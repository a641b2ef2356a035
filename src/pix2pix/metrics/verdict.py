"""Whether a difference between two sets of outputs is clear, and large enough to matter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pix2pix.metrics.metric import Metric

if TYPE_CHECKING:
    from pix2pix.metrics.bootstrap import PairedDifference

CLEAR = 0.05  # a difference is clear if its p-value is below this or, without a test, if its 95 % interval leaves out 0
RELEVANT = 0.01  # a clear difference below this share of the value it is taken to does not matter: with many images every one is clear

BETTER, WORSE, EQUAL, UNCLEAR, SAME = "better", "worse", "practically equal", "no clear difference", "no difference"
MARKS = {BETTER: "✓", WORSE: "✗", EQUAL: "≈", UNCLEAR: "≈", SAME: "="}


def verdict(metric: Metric, value: float, difference: PairedDifference) -> str:
    """`better`, `worse`, `practically equal`, `no clear difference`, or `no difference` if the values of all images are the same.

    value: of the set that the verdict is about. difference: this value minus that of the other set. metric: one with a direction.
    Without a test, an interval of no width, as two images give, decides nothing.
    """
    if difference.low == difference.high == 0:
        return SAME
    if difference.p_value is None:
        unclear = difference.low <= 0 <= difference.high or difference.low == difference.high
    else:
        unclear = difference.p_value >= CLEAR
    if unclear:
        return UNCLEAR
    if abs(difference.value) < RELEVANT * abs(value - difference.value):
        return EQUAL
    return BETTER if (difference.value < 0) == (metric.direction == "lower") else WORSE


def difference_as_json(metric: Metric, value: float, difference: PairedDifference) -> dict[str, float | str | None]:
    """The difference as JSON values: `value`, `low`, `high`, `p_value` (null without a test) and `verdict`.

    Numbers have the digits that agree between machines: a small difference of large numbers has as many decimals as these, not as many
    digits.
    """
    p_value, larger = difference.p_value, max(abs(value), abs(value - difference.value))

    def rounded(number: float) -> float:
        if metric.decimals is None and larger > 0:
            number = round(number, 4 - math.floor(math.log10(larger)))
        return metric.rounded(number) + 0.0  # -0.0 becomes 0.0

    return {
        "value": rounded(difference.value),
        "low": rounded(difference.low),
        "high": rounded(difference.high),
        "p_value": None if p_value is None else float(f"{p_value:.3g}"),
        "verdict": verdict(metric, value, difference),
    }
