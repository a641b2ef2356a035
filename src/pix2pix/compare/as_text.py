"""A comparison as text for the terminal, and what it comes to in a sentence."""

from collections.abc import Iterator, Sequence

from pix2pix.compare.compare import REAL, Comparison, Entry, Figure, changed_most
from pix2pix.metrics.bootstrap import RESAMPLES, PairedDifference
from pix2pix.metrics.metric import ImageMetric, Metric
from pix2pix.metrics.registry import Column, with_labels
from pix2pix.metrics.verdict import BETTER, WORSE, verdict
from pix2pix.system.terminal import counted, number, signed
from pix2pix.system.text_table import aligned, paragraph


def as_text(comparison: Comparison, width: int | None = None) -> str:
    """Format the figures, one block per metric, and the images that changed most. width: longest line, None for any."""
    return "\n".join(line for text in _lines(comparison, width) for line in paragraph(text, width, indent=""))


def _lines(comparison: Comparison, width: int | None) -> Iterator[str]:
    stems, shown, (first, *others) = comparison.matched.stems, comparison.columns, comparison.sources
    against = f"; differences are to {first.name}, image by image" if others else ""
    yield f"{counted(len(stems), 'image')}, with 95 % intervals{against}"
    yield from (f"{sentence}." for sentence in conclusions(comparison))
    for column in shown:
        yield ""
        yield f"{column.label} ({'lower' if column.lower_is_better else 'higher'} is better)"
        rows = [_row(entry, entry.figures[column.key], column) for entry in comparison.entries if column.key in entry.figures]
        yield from (f"  {line}" for line in aligned(rows, frozenset({1}), width and width - 2))
    for entry in others:
        found = [f"{stem} ({signed(by)})" for stem, by in changed_most(first, entry, comparison.leading.key, stems) if by]
        if found:
            yield ""
            yield f"Changed most from {first.name} to {entry.name} ({comparison.leading.label}): {', '.join(found)}"
    if comparison.resize:
        yield ""
        yield f"The distances see each image after this resize: {comparison.resize}."
    for line in (about_reference(comparison), with_labels(comparison.caution or "", shown), *comparison.notes):
        if line:
            yield ""
            yield f"Note: {line}."


def _row(entry: Entry, figure: Figure, column: Column) -> list[str]:
    against, gap = "", figure.difference
    if gap:
        tested = f", {p_value(gap)}" if p_value(gap) else ""
        said = verdict(column.metric, figure.value, gap)
        against = f"{signed(gap.value)} ({signed(gap.low)} to {signed(gap.high)}){tested}: {said}"
    return [entry.name, number(figure.value), figure.bounds, against]


def about_reference(comparison: Comparison) -> str:
    """Explain which images the reference compares and which figure to compare with it; "" if no distance is biased."""
    if all(figure.halved is None for entry in comparison.entries for figure in entry.figures.values()):
        return ""
    half, other = comparison.halves
    return (
        f"{REAL} compares {half:,} of the targets with the other {other:,}, and distances of fewer images are larger: "
        "compare it with the “halves” of a Fréchet distance, which are of as many images"
    )


def conclusions(comparison: Comparison) -> Iterator[str]:
    """A sentence for each set but the first: on which metrics it is better or worse than the first. Distances come before image metrics."""
    first, *others = comparison.sources
    ordered = sorted(comparison.columns, key=lambda column: isinstance(column.metric, ImageMetric))
    for entry in others:
        yield (
            f"{entry.name} and {first.name} are identical: every image is the same" if entry.identical else _sentence(entry, first, ordered)
        )


def _sentence(entry: Entry, first: Entry, shown: Sequence[Column]) -> str:
    found: dict[str, list[str]] = {}
    for column in shown:
        figure = entry.figures.get(column.key)
        if figure and figure.difference:
            said = verdict(column.metric, figure.value, figure.difference)
            amount = f" (by {_amount(column.metric, figure, figure.difference)})" if said in (BETTER, WORSE) else ""
            found.setdefault(said, []).append(f"{column.label}{amount}")
    decided = ", ".join(f"{said} on {_listed(found.pop(said))}" for said in (BETTER, WORSE) if said in found)
    alike = "".join(f"; {said} on {_listed(labels)}" for said, labels in found.items())
    return f"{entry.name} is {decided or 'neither better nor worse'} than {first.name}{alike}"


def _amount(metric: Metric, figure: Figure, gap: PairedDifference) -> str:
    """The size of a difference: a share of the first set's value if the metric counts from 0, as L1 and LPIPS do."""
    before = figure.value - gap.value
    if isinstance(metric, ImageMetric) and metric.direction == "lower" and before > 0:
        return f"{abs(gap.value) / before:.0%}".replace("%", " %")
    return number(abs(gap.value))


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def p_value(gap: PairedDifference) -> str:
    """`p = 0.02`, `p ≤ 0.0001` where no resample came as far, or "" without a test."""
    if gap.p_value is None:
        return ""
    return f"p ≤ {1 / RESAMPLES:.4f}" if gap.p_value <= 1 / RESAMPLES else f"p = {gap.p_value:.2g}"
