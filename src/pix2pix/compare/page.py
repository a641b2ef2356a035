"""HTML page of a comparison: figures, differences, and images side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from markupsafe import Markup

from pix2pix.compare.as_text import about_reference
from pix2pix.compare.compare import REAL, SOURCE, Comparison, Entry, Figure, changed_most, leading_metric
from pix2pix.compare.conclusion import conclusions, p_value
from pix2pix.evaluate.images import open_rgb
from pix2pix.metrics.registry import Column, with_labels
from pix2pix.metrics.registry import columns as metric_columns
from pix2pix.metrics.verdict import MARKS, verdict
from pix2pix.pages.histogram import histogram
from pix2pix.pages.html import as_utf8, write_page
from pix2pix.pages.inline_image import InlineImage, evenly, inline_image
from pix2pix.system.terminal import DASH, interval, number, signed

ROWS = 8  # images shown in each of the two lists


@dataclass(frozen=True)
class Cell:
    """A figure as text. `below`: its interval, or its value on as many images as the reference."""

    text: str
    below: str
    against: "Against | None"


@dataclass(frozen=True)
class Against:
    """Difference to the first set as text. `verdict`, `mark`: see `metrics.verdict`; `p_value` is "" without a test."""

    verdict: str
    mark: str
    change: str
    interval: str
    p_value: str


@dataclass(frozen=True)
class Row:
    """The figures of one set."""

    name: str
    origin: str
    role: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Spread:
    """Histogram of one set's differences to the first set, over the images."""

    name: str
    svg: Markup
    mean: str
    better: str


@dataclass(frozen=True)
class Strip:
    """One image in every set: (label, image, note below it)."""

    name: str
    note: str
    images: tuple[tuple[str, InlineImage, str], ...]


class Differences(Protocol):
    """Differences of one kind between what made two sets: a title, and rows of cells; without rows there is none."""

    @property
    def title(self) -> str: ...

    @property
    def rows(self) -> list[list[str]]: ...


def write_comparison(path: Path, comparison: Comparison, heading: str = "", differences: Sequence[Differences] = ()) -> None:
    """Write the page as one self-contained HTML file. The same comparison gives the same bytes.

    heading, differences: what else differs between the sets, for the top of the page.

    Raises UserError if an image is missing.
    """
    keys = {key for entry in comparison.entries for key in entry.figures}
    columns = metric_columns(keys, unbiased_first=comparison.caution is not None)
    first, others = comparison.sources[0], comparison.sources[1:]
    leading = next(column for column in columns if column.key == leading_metric(comparison))
    stems = comparison.matched.stems
    names = [entry.name for entry in comparison.sources]
    write_page(
        path,
        "compare/compare.html",
        title=" and ".join([", ".join(names[:-1]), names[-1]] if others else names),
        heading=heading,
        differences=differences,
        first=first.name,
        others=[entry.name for entry in others],
        conclusions=list(conclusions(comparison, columns)),
        images=len(stems),
        columns=columns,
        rows=[_row(entry, columns) for entry in comparison.entries],
        ranked_by=leading,
        spreads=[_spread(first, entry, leading, f"spread-{place}") for place, entry in enumerate(others, start=1) if not entry.identical],
        changed=_changed(comparison, first, others, leading.key),
        even=[_strip(comparison, stem, leading.key, "") for stem in evenly(stems, ROWS)],
        caution=with_labels(comparison.caution or "", columns),
        notes=comparison.notes,
        resize=comparison.resize,
        reference=about_reference(comparison),
        untested=[column.label for column in columns if others and _untested(others[0], column)],
        dash=DASH,
        marks=MARKS,
        real=REAL,
    )


def _row(entry: Entry, columns: Sequence[Column]) -> Row:
    cells = []
    for column in columns:
        figure = entry.figures.get(column.key)
        if figure is None:
            cells.append(Cell(DASH, "", None))
            continue
        below = interval({"low": figure.low, "high": figure.high}) if figure.halved is None else f"halves {number(figure.halved)}"
        cells.append(Cell(number(figure.value), below, _against(figure, column)))
    return Row(entry.name, entry.origin, "model" if entry.role == SOURCE else entry.role, tuple(cells))


def _untested(entry: Entry, column: Column) -> bool:
    return column.key in entry.figures and entry.figures[column.key].difference is None


def _against(figure: Figure, column: Column) -> Against | None:
    gap = figure.difference
    if gap is None:
        return None
    said = verdict(column.metric, figure.value, gap)
    return Against(said, MARKS[said], signed(gap.value), f"{signed(gap.low)} to {signed(gap.high)}", p_value(gap))


def _spread(first: Entry, other: Entry, metric: Column, name: str) -> Spread:
    gap = other.figures[metric.key].difference
    assert gap is not None
    changes = (other.values[metric.key] - first.values[metric.key]).tolist()
    better = sum((change < 0) == metric.lower_is_better for change in changes if change)
    names = f"{as_utf8(other.name)} minus that of {as_utf8(first.name)}"
    spoken = f"{metric.label} of {names}, of {len(changes)} images; mean {signed(gap.value)}"
    drawing = histogram(changes, marks=[0.0, gap.value], name=name, label=spoken)
    return Spread(other.name, drawing, signed(gap.value), f"better on {better:,} of {len(changes):,} images")


def _changed(comparison: Comparison, first: Entry, others: Sequence[Entry], metric: str) -> list[Strip]:
    """The images with the largest change in any set, largest first; none that did not change."""
    largest: dict[str, tuple[float, str]] = {}
    for other in others:
        for stem, change in changed_most(first, other, metric, comparison.matched.stems, ROWS):
            if abs(change) > abs(largest.get(stem, (0.0, ""))[0]):
                largest[stem] = (change, other.name)
    ranked = sorted(largest.items(), key=lambda item: -abs(item[1][0]))[:ROWS]
    return [_strip(comparison, stem, metric, f"{name} {signed(change)}") for stem, (change, name) in ranked]


def _strip(comparison: Comparison, stem: str, metric: str, note: str) -> Strip:
    matched, place = comparison.matched, comparison.matched.stems.index(stem)
    files = [("Input", matched.inputs[stem], "")] if matched.inputs else []
    files.append(("Target", matched.targets[stem], ""))
    for source, entry in zip(matched.sources, comparison.sources, strict=True):
        files.append((source.name, source.outputs[stem], number(entry.values[metric][place].item())))
    images = tuple((label, inline_image(open_rgb(file)), text) for label, file, text in files)
    return Strip(stem, note, images)
