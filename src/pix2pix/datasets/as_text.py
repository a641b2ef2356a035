"""The datasets for the terminal: all in tables, or one in full."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from pix2pix.datasets.dataset import MADE, Dataset
from pix2pix.download.catalogue import PublishedSet
from pix2pix.system.terminal import human_bytes

_LONGEST_SOURCE = 28
_OWN = (
    "A folder or an archive (.tar.gz, .tgz, .tar, .zip) of yours can stand in, for one run with -S {key}=/path/to/it. "
    "A dataset under a name of its own takes a row in `datasets` and one in `scales` of params.yaml; README.md shows them."
)


def all_as_text(datasets: Sequence[Dataset], scale: str | None, width: int) -> str:
    """What the datasets are, what of them is here, and whose terms apply. scale: the one in use, None outside a repository."""
    facts = [_facts(dataset) for dataset in datasets]
    blocks = [_table(["dataset", "kind", "direction", "photo", "size", "pictures", "archive"], facts, right={"pictures", "archive"})]
    if scale:
        scales = list(dict.fromkeys(name for dataset in datasets for name in dataset.sources))
        heads = ["here", *MADE, *(f"source: {name}" for name in scales)]
        blocks += [_table(heads, [_here(dataset, scales) for dataset in datasets], right=set(MADE)), f"* active, at scale {scale}"]
    terms = [_hanging(dataset.name, dataset.published.licence, width) for dataset in datasets if dataset.published]
    return "\n\n".join([*blocks, "\n".join(["terms", *terms]), "pix2pix datasets NAME says more about one."])


def one_as_text(dataset: Dataset, scale: str | None, width: int) -> str:
    """Everything that is known of one dataset, and how to bring it. scale: as in `all_as_text`."""
    return "\n".join(_hanging(label, text, width) for label, text in _details(dataset, scale or "<scale>"))


def _details(dataset: Dataset, scale: str) -> Iterator[tuple[str, str]]:
    yield "dataset", dataset.name
    if published := dataset.published:
        yield "what", published.title
    yield "kind", dataset.kind
    yield "direction", dataset.direction
    if published:
        yield "photo", published.photo
        yield "size", f"{_pixels(published)} pixels a side"
        yield "pictures", _counts(published.splits)
        yield "archive", f"{published.archive}, {_archive_bytes(published)}"
        yield "layout", published.layout
        yield "terms", published.licence
        yield "cite", published.citation
        yield "homepage", published.homepage
        for number, mirror in enumerate(published.mirrors):
            yield "" if number else "mirrors", mirror
    for number, (name, source) in enumerate(dataset.sources.items()):
        yield "" if number else "source", f"{source} (scale {name})"
    yield "here", ", ".join(f"{made} {size}" for made, size in zip(MADE, _sizes(dataset), strict=True))
    if dataset.images:
        yield "prepared", _counts(dataset.images)
    yield "your own", _bring(dataset, scale)


def _bring(dataset: Dataset, scale: str) -> str:
    key = f"scales.{scale}.{dataset.name}.source"
    if dataset.published and dataset.published.by_hand:
        return dataset.published.by_hand.format(key=key)
    return _OWN.format(key=key)


def _facts(dataset: Dataset) -> list[str]:
    known = dataset.published
    if known is None:
        return [dataset.name, dataset.kind, dataset.direction, "-", "-", "-", "-"]
    total = f"{sum(known.splits.values()):,}" if known.splits else "-"
    return [dataset.name, dataset.kind, dataset.direction, known.photo, _pixels(known), total, _archive_bytes(known)]


def _here(dataset: Dataset, scales: Sequence[str]) -> list[str]:
    name = f"{dataset.name} *" if dataset.active else dataset.name
    return [name, *_sizes(dataset), *(_clipped(dataset.sources.get(scale, "-")) for scale in scales)]


def _pixels(published: PublishedSet) -> str:
    return "{}x{}".format(*published.image_size)


def _archive_bytes(published: PublishedSet) -> str:
    if not published.mirrors:
        return "by hand"
    return human_bytes(published.bytes) if published.bytes else "size unknown"


def _counts(splits: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {split}" for split, count in splits.items()) or "what you bring"


def _sizes(dataset: Dataset) -> list[str]:
    return ["-" if size is None else human_bytes(size) for size in dataset.here.values()]


def _clipped(source: str) -> str:
    """The end of a long address, which tells it from others."""
    return source if len(source) <= _LONGEST_SOURCE else "…" + source[1 - _LONGEST_SOURCE :]


def _hanging(label: str, text: str, width: int) -> str:
    # addresses must stay whole, to be copied
    return textwrap.fill(
        text, width, initial_indent=f"{label:<15} ", subsequent_indent=" " * 16, break_long_words=False, break_on_hyphens=False
    )


def _table(heads: list[str], rows: list[list[str]], right: set[str]) -> str:
    lines = [heads, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    aligned = [
        "  ".join(cell.rjust(width) if head in right else cell.ljust(width) for head, cell, width in zip(heads, line, widths, strict=True))
        for line in lines
    ]
    return "\n".join(line.rstrip() for line in aligned)
