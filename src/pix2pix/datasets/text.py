"""The datasets for the terminal: all in tables, or one in full."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from pix2pix.datasets.dataset import MADE, Dataset
from pix2pix.system.terminal import human_bytes
from pix2pix.system.text_table import aligned

_LONGEST_SOURCE = 28
_OWN = (
    "A folder or an archive (.tar.gz, .tgz, .tar, .zip) of yours can stand in, for one run with -S {key}=/path/to/it. "
    "A dataset under a name of its own takes a row in `datasets` and one in `scales` of params.yaml; docs/guide/own-data.md shows them."
)


def all_as_text(datasets: Sequence[Dataset], scale: str | None, width: int) -> str:
    """Tables of all datasets: what they are, what of each is on this machine, and their terms. scale: that of params.yaml, if any."""
    heads = ["dataset", "kind", "direction", "photo", "size", "images", "archive"]
    blocks = [_table(heads, [_facts(dataset) for dataset in datasets], right={"images", "archive"}, width=width)]
    if scale:
        heads = ["here", *MADE, f"source at scale {scale}"]
        blocks += [_table(heads, [_here(dataset, scale) for dataset in datasets], right=set(MADE), width=width), "* active"]
        blocks += [_hanging(dataset.name, dataset.changed, width) for dataset in datasets if dataset.changed]
    terms = [_hanging(dataset.name, dataset.published.licence, width) for dataset in datasets if dataset.published]
    return "\n\n".join([*blocks, "\n".join(["terms", *terms]), "pix2pix datasets NAME says more about one."])


def one_as_text(dataset: Dataset, scale: str | None, width: int) -> str:
    """Everything that is known of one dataset, and how to get it. scale: as in `all_as_text`."""
    return "\n".join(_hanging(label, text, width) for label, text in _details(dataset, scale or "<scale>"))


def _details(dataset: Dataset, scale: str) -> Iterator[tuple[str, str]]:
    _, kind, direction, photo, size, _, archive = _facts(dataset)
    yield "dataset", dataset.name
    if published := dataset.published:
        yield "what", published.title
    yield "kind", kind
    yield "direction", direction
    if published:
        yield "photo", photo
        yield "size", f"{size} pixels a side"
        yield "images", _counts(published.splits) or "what you bring"
        yield "archive", f"{published.archive}, {archive}"
        yield "layout", published.layout
        yield "terms", published.licence
        yield "cite", published.citation
        yield "homepage", published.homepage
        for number, mirror in enumerate(published.mirrors):
            yield "" if number else "mirrors", mirror
    for number, (name, source) in enumerate(dataset.sources.items()):
        yield "" if number else "source", f"{source} (scale {name})"
    yield "here", ", ".join(f"{made} {size}" for made, size in zip(MADE, _sizes(dataset), strict=True))
    if dataset.changed:
        yield "changed", dataset.changed
    if dataset.prepared_images:
        yield "prepared", _counts(dataset.prepared_images)
    key = f"scales.{scale}.{dataset.name}.source"
    yield "your own", dataset.how_to_fetch(key) or _OWN.format(key=key)


def _facts(dataset: Dataset) -> list[str]:
    known = dataset.published
    if known is None:
        return [dataset.name, dataset.kind, dataset.direction, "-", "-", "-", "-"]
    total = f"{sum(known.splits.values()):,}" if known.splits else "-"
    about = f"about {human_bytes(known.about_bytes)}" if known.about_bytes else "by hand"
    archive = human_bytes(known.bytes) if known.bytes else about
    return [dataset.name, dataset.kind, dataset.direction, known.photo, "{}x{}".format(*known.image_size), total, archive]


def _here(dataset: Dataset, scale: str) -> list[str]:
    name = f"{dataset.name} *" if dataset.active else dataset.name
    return [name, *_sizes(dataset), _clipped(dataset.sources.get(scale, "-"))]


def _counts(splits: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {split}" for split, count in splits.items())


def _sizes(dataset: Dataset) -> list[str]:
    return ["-" if size is None else human_bytes(size) for size in dataset.here.values()]


def _clipped(source: str) -> str:
    """The end of a long address, which distinguishes it from others."""
    return source if len(source) <= _LONGEST_SOURCE else "…" + source[1 - _LONGEST_SOURCE :]


def _hanging(label: str, text: str, width: int) -> str:
    # addresses are not broken, so that they can be copied
    return textwrap.fill(
        text, width, initial_indent=f"{label:<15} ", subsequent_indent=" " * 16, break_long_words=False, break_on_hyphens=False
    )


def _table(heads: list[str], rows: list[list[str]], right: set[str], width: int) -> str:
    return "\n".join(aligned([heads, *rows], frozenset(place for place, head in enumerate(heads) if head in right), width))
