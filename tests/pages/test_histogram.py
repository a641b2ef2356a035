import math
import re

import pytest

from pix2pix.pages.histogram import BINS, histogram


def heights(drawing: str) -> list[float]:
    """Heights of the bars, from the drawing's own rectangles."""
    found = []
    for path in re.findall(r'<path d="([^"]+)"[^>]*style="fill: var\(--series-1', drawing):
        ys = [float(y) for y in re.findall(r"[ML] \S+ (\S+)", path)]
        found.append(max(ys) - min(ys))
    return found


def test_bars_stand_for_the_number_of_values() -> None:
    bars = heights(histogram([0.0] * 3 + [0.5] * 6 + [1.0], marks=[], name="h", label="test"))
    assert len(bars) == BINS
    unit = bars[-1]
    assert [round(bar / unit) for bar in (bars[0], bars[BINS // 2])] == [3, 6]
    assert round(sum(bars) / unit) == 10


@pytest.mark.parametrize("values", [[0.3], [0.3] * 5, [0.1, 0.2]])
def test_few_or_equal_values_are_drawn(values: list[float]) -> None:
    assert sum(heights(histogram(values, marks=[0.3, math.nan], name="h", label="test"))) > 0


@pytest.mark.parametrize("values", [[], [math.nan], [0.1, math.inf]])
def test_values_that_are_no_numbers_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        histogram(values, marks=[], name="h", label="test")


def test_tiny_numbers_stand_whole_at_the_axis() -> None:
    drawing = str(histogram([-8e-7, 0.0, 8e-7], marks=[], name="h", label="test"))
    assert ">6e−07<" in drawing and "1e" not in drawing
