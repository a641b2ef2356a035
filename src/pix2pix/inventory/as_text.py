"""The datasets for the terminal: all in tables, or one in full."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from pix2pix.data.files.sizes import human_bytes
from pix2pix.inventory.dataset import MADE, Dataset

_LONGEST_SOURCE = 28
_OWN = (
    "A folder or an archive (.tar.gz, .tgz, .tar, .zip) of yours can stand in, for one run with -S {key}=/path/to/it. "
    "A dataset under a name of its own takes a row in `datasets` and one in `scales` of params.yaml; README.md shows them."
)


def all_as_text(datasets: Sequence[Dataset], scale: str | None, width: int) -> str:
    """What the datasets are, what of them is here, and whose terms apply. scale: the one in use, None outside a repository."""
    blocks = [
        _table(
            ["dataset", "kind", "direction", "photo", "size", "pictures", "archive"], map(_facts, datasets), right={"pictures", "archive"}
        )
    ]
    if scale:
        scales = list(dict.fromkeys(name for dataset in datasets for name in dataset.sources))
        heads = ["here", *MADE, *(f"source: {name}" for name in scales)]
        rows = (
            [_starred(dataset), *_sizes(dataset), *(_clipped(dataset.sources.get(name, "-")) for name in scales)] for dataset in datasets
        )
        blocks += [_table(heads, rows, right=set(MADE)), f"* active, at scale {scale}"]
    blocks.append("terms\n" + "\n".join(_hanging(dataset.name, dataset.known.licence, width) for dataset in datasets if dataset.published))
    blocks.append("pix2pix datasets NAME says more about one.")
    return "\n\n".join(blocks)


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
        yield "size", f"{_size(dataset)} pixels a side"
        yield "pictures", _counts(published.splits)
        yield "archive", f"{published.archive}, {_archive_bytes(dataset)}"
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
    published = dataset.published
    if published is None:
        return [dataset.name, dataset.kind, dataset.direction, "-", "-", "-", "-"]
    total = f"{sum(published.splits.values()):,}" if published.splits else "-"
    return [dataset.name, dataset.kind, dataset.direction, published.photo, _size(dataset), total, _archive_bytes(dataset)]


def _size(dataset: Dataset) -> str:
    return "{}x{}".format(*dataset.known.image_size)


def _archive_bytes(dataset: Dataset) -> str:
    if not dataset.known.mirrors:
        return "by hand"
    return human_bytes(dataset.known.bytes) if dataset.known.bytes else "size unknown"


def _counts(splits: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {split}" for split, count in splits.items()) or "what you bring"


def _sizes(dataset: Dataset) -> list[str]:
    return ["-" if size is None else human_bytes(size) for size in dataset.here.values()]


def _starred(dataset: Dataset) -> str:
    return f"{dataset.name} *" if dataset.active else dataset.name


def _clipped(source: str) -> str:
    """The end of a long address, which tells it from others."""
    return source if len(source) <= _LONGEST_SOURCE else "…" + source[1 - _LONGEST_SOURCE :]


def _hanging(label: str, text: str, width: int) -> str:
    # addresses must stay whole, to be copied
    return textwrap.fill(
        text, width, initial_indent=f"{label:<15} ", subsequent_indent=" " * 16, break_long_words=False, break_on_hyphens=False
    )


def _table(heads: list[str], rows: "Iterator[list[str]] | map[list[str]]", right: set[str]) -> str:
    lines = [heads, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    aligned = [
        "  ".join(cell.rjust(width) if head in right else cell.ljust(width) for head, cell, width in zip(heads, line, widths, strict=True))
        for line in lines
    ]
    return "\n".join(line.rstrip() for line in aligned)
