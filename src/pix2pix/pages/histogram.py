"""Histogram of a number over the images."""

import math
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

from pix2pix.pages.inline_svg import DASHES, SERIES, inline_svg, new_axes

BINS = 24


def histogram(values: Sequence[float], *, marks: Sequence[float], name: str, label: str) -> Markup:
    """Draw a histogram of `values` with a vertical line at each mark.

    Args:
        values: one or more finite numbers.
        marks: values to compare with, at most two, in the colours of series 2 and 3; a mark that is not finite is left out.
        name: prefix of the drawing's ids, unique in the page: letters, digits and `-`.
        label: text alternative, for screen readers.

    Raises:
        ValueError: no values, or one that is not finite.
    """
    if not values or not all(map(math.isfinite, values)):
        raise ValueError("a histogram needs finite values")
    spread = [*values, *filter(math.isfinite, marks)]
    low, high = min(spread), max(spread)
    if low == high:  # all equal: one bar in the middle
        low, high = low - 0.01, high + 0.01
    counts, edges = np.histogram(values, bins=BINS, range=(low, high))
    figure, axes = new_axes()
    axes.bar(edges[:-1], counts, width=(high - low) / BINS * 0.86, align="edge", color=SERIES[0], linewidth=0)
    for mark, colour, dashes in zip(marks, SERIES[1:], DASHES[1:], strict=False):
        if math.isfinite(mark):
            axes.axvline(mark, color=colour, linewidth=2, linestyle=dashes)
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    if max(abs(low), abs(high)) < 1e-4:  # each number whole, without a factor at the axis's end
        axes.xaxis.set_major_formatter("{x:.2g}")
    return inline_svg(figure, name=name, label=label)
