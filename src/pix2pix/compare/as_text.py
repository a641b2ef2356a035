"""A comparison as text for the terminal."""

from collections.abc import Iterator

from pix2pix.compare.compare import REAL, Comparison, Entry, Figure, changed_most, leading_metric
from pix2pix.compare.conclusion import change, conclusions
from pix2pix.metrics.registry import Column, columns, with_labels
from pix2pix.metrics.verdict import verdict
from pix2pix.system.terminal import counted, interval, number, signed
from pix2pix.system.text_table import aligned, paragraph


def as_text(comparison: Comparison, width: int | None = None) -> str:
    """Format the figures, one block per metric, and the images that changed most. width: longest line, None for any."""
    return "\n".join(line for text in _lines(comparison, width) for line in paragraph(text, width, indent=""))


def _lines(comparison: Comparison, width: int | None) -> Iterator[str]:
    stems, first = comparison.matched.stems, comparison.sources[0]
    yield f"{counted(len(stems), 'image')}, with 95 % intervals" + (
        f"; differences are to {first.name}, image by image" if len(comparison.sources) > 1 else ""
    )
    keys = {metric for entry in comparison.entries for metric in entry.figures}
    shown = columns(keys, unbiased_first=comparison.caution is not None)
    yield from (f"{sentence}." for sentence in conclusions(comparison, shown))
    for column in shown:
        yield ""
        yield f"{column.label} ({'lower' if column.lower_is_better else 'higher'} is better)"
        rows = [_row(entry, entry.figures[column.key], column) for entry in comparison.entries if column.key in entry.figures]
        yield from (f"  {line}" for line in aligned(rows, frozenset({1}), width and width - 2))
    labels = {column.key: column.label for column in shown}
    for entry in comparison.sources[1:]:
        metric = leading_metric(comparison)
        found = [f"{stem} ({signed(by)})" for stem, by in changed_most(first, entry, metric, stems) if by]
        if found:
            yield ""
            yield f"Changed most from {first.name} to {entry.name} ({labels[metric]}): {', '.join(found)}"
    if comparison.resize:
        yield ""
        yield f"The distances see each image after this resize: {comparison.resize}."
    for line in (about_reference(comparison), with_labels(comparison.caution or "", shown), *comparison.notes):
        if line:
            yield ""
            yield f"Note: {line}."


def _row(entry: Entry, figure: Figure, column: Column) -> list[str]:
    bounds = interval({"low": figure.low, "high": figure.high}) if figure.halved is None else f"halves {number(figure.halved)}"
    gap = figure.difference
    against = f"{change(gap)}: {verdict(column.metric, figure.value, gap)}" if gap else ""
    return [entry.name, number(figure.value), bounds, against]


def about_reference(comparison: Comparison) -> str:
    """Explain which images the reference compares and which figure to compare with it; "" if no distance is biased."""
    if all(figure.halved is None for entry in comparison.entries for figure in entry.figures.values()):
        return ""
    half, other = comparison.halves
    return (
        f"{REAL} compares {half:,} of the targets with the other {other:,}, and distances of fewer images are larger: "
        "compare it with the “halves” of a Fréchet distance, which are of as many images"
    )
