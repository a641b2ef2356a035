"""HTML page of a comparison: figures, differences, and images side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from pix2pix.compare.as_text import about_reference, conclusions, p_value
from pix2pix.compare.compare import REAL, SOURCE, Comparison, Entry, changed_most
from pix2pix.evaluate.images import open_rgb
from pix2pix.metrics.registry import Column, with_labels
from pix2pix.metrics.verdict import MARKS, verdict
from pix2pix.pages.histogram import histogram
from pix2pix.pages.html import as_utf8, write_page
from pix2pix.pages.inline_image import InlineImage, evenly, inline_image
from pix2pix.system.terminal import DASH, number, signed

ROWS = 8  # images shown in each of the two lists
Strip = tuple[str, str, list[tuple[str, InlineImage, str]]]
"""Name of an image, a note, and its images in all sets, each with a label before it and a note below it."""


def write_comparison(
    path: Path, comparison: Comparison, heading: str = "", differences: Mapping[str, Sequence[Sequence[str]]] | None = None
) -> None:
    """Write the page as one self-contained HTML file. The same comparison gives the same bytes.

    Args:
        heading: what differs between what made the sets, in words, for the top of the page.
        differences: the same in detail: kind of difference -> rows of cells.

    Raises UserError if an image is missing.
    """
    stems, columns, leading, (first, *others) = comparison.matched.stems, comparison.columns, comparison.leading, comparison.sources
    *names, last = [entry.name for entry in comparison.sources]
    write_page(
        path,
        "compare/compare.html",
        title=f"{', '.join(names)} and {last}" if names else last,
        heading=heading,
        differences=differences,
        first=first.name,
        others=[entry.name for entry in others],
        conclusions=list(conclusions(comparison)),
        images=len(stems),
        columns=columns,
        entries=comparison.entries,
        source=SOURCE,
        verdict=verdict,
        signed=signed,
        p_value=p_value,
        ranked_by=leading,
        spreads=[_spread(first, entry, leading, f"spread-{place}") for place, entry in enumerate(others, start=1) if not entry.identical],
        changed=_changed(comparison, leading.key),
        even=[_strip(comparison, stem, leading.key, "") for stem in evenly(stems, ROWS)],
        caution=with_labels(comparison.caution or "", columns),
        notes=comparison.notes,
        resize=comparison.resize,
        reference=about_reference(comparison),
        untested=[it.label for it in columns if others and it.key in others[0].figures and others[0].figures[it.key].difference is None],
        dash=DASH,
        marks=MARKS,
        real=REAL,
    )


def _spread(first: Entry, other: Entry, metric: Column, name: str) -> tuple[str, Markup, str, str]:
    """Name of a set, histogram of its differences to the first set over the images, mean difference, and how many images are better."""
    gap = other.figures[metric.key].difference
    assert gap is not None
    changes = (other.values[metric.key] - first.values[metric.key]).tolist()
    better = sum((change < 0) == metric.lower_is_better for change in changes if change)
    names = f"{as_utf8(other.name)} minus that of {as_utf8(first.name)}"
    spoken = f"{metric.label} of {names}, of {len(changes)} images; mean {signed(gap.value)}"
    drawing = histogram(changes, marks=[0.0, gap.value], name=name, label=spoken)
    return other.name, drawing, signed(gap.value), f"better on {better:,} of {len(changes):,} images"


def _changed(comparison: Comparison, metric: str) -> list[Strip]:
    """The images with the largest change in any set, largest first; none that did not change."""
    first, *others = comparison.sources
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
    return stem, note, [(label, inline_image(open_rgb(file)), text) for label, file, text in files]
