"""Differences between two runs: parameters, code, data and results, environment, metrics."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pix2pix.metrics.labels import CAUTION
from pix2pix.metrics.registry import columns
from pix2pix.pages.html import write_page
from pix2pix.repository.git import CODE, git
from pix2pix.runs import table
from pix2pix.runs.show import start_in_words
from pix2pix.system.terminal import DASH, number, signed
from pix2pix.system.text_table import aligned
from pix2pix.tracking.lookup import Records, RunRecord
from pix2pix.tracking.tags import CHANGES_FILE, DATA_DIGEST, MODEL_SHA256, PREDICTIONS, START_SHA256

METRICS = "Metrics on the test images"
_DATA = {DATA_DIGEST: "prepared data", START_SHA256: "first weights", MODEL_SHA256: "model", PREDICTIONS: "predictions"}
_MADE_WITH = ("device", "gpu", "cpu", "cpu.capability", "machine", "python", "version.torch", "version.numpy", "version.pillow")

Differences = dict[str, list[list[str]]]
"""Kind of difference -> rows of cells; without rows there is none."""


def differences(one: RunRecord, other: RunRecord, records: Records, root: Path) -> Differences:
    """What differs between how two runs were made and what came out; a kind is there even if nothing of it differs, except the start."""
    starts = [[f"{run.name} {start}"] for run in (one, other) if (start := start_in_words(run, records))]
    return {
        **({"Start": starts} if starts else {}),
        "Parameters": _pairs(table.differences([one, other]), one.params, other.params),
        "Code": [[line] for line in _code(one, other, records, root)],
        "Data and results": list(_hashes(one, other)),
        "Made with": _pairs([key for key in _MADE_WITH if one.tags.get(key) != other.tags.get(key)], one.tags, other.tags),
    }


def metrics(one: RunRecord, other: RunRecord) -> Differences:
    """The recorded metrics of both runs, where they are of the same data. Whether a difference is clear is for `pix2pix compare`."""
    if one.dataset != other.dataset:
        return {METRICS: [["of other data: they cannot be compared"]]}
    before, after = table.measured(one), table.measured(other)
    rows = []
    for column in columns({*before, *after}, unbiased_first=CAUTION in one.tags or CAUTION in other.tags):
        first, second = before.get(column.key), after.get(column.key)
        change = "" if first is None or second is None else signed(second - first)
        rows.append([f"{column.label} {column.arrow}".rstrip(), number(first), number(second), change])
    return {METRICS: rows}


def heading(one: RunRecord, other: RunRecord) -> str:
    """Which runs differ, in words."""
    return f"from {one.name} ({one.run_id[:8]}, {one.dataset}) to {other.name} ({other.run_id[:8]}, {other.dataset})"


def as_text(one: RunRecord, other: RunRecord, found: Differences) -> str:
    """Format the differences for the terminal."""
    lines = [heading(one, other)]
    for kind, rows in found.items():
        numbers = frozenset({1, 2, 3} if kind == METRICS else ())
        lines += ["", kind, *(f"  {row}" for row in (aligned(rows, numbers) if rows else ["no difference"]))]
    return "\n".join(lines)


def write_differences(path: Path, one: RunRecord, other: RunRecord, found: Differences) -> None:
    """Write the differences as a page without images, for runs whose images cannot be compared or are the same. Raises OSError."""
    write_page(path, "runs/difference.html", title=f"{one.name} and {other.name}", heading=heading(one, other), differences=found)


def _pairs(keys: Sequence[str], one: Mapping[str, str], other: Mapping[str, str]) -> list[list[str]]:
    return [[key, one.get(key, DASH), "→", other.get(key, DASH)] for key in keys]


def _code(one: RunRecord, other: RunRecord, records: Records, root: Path) -> Iterator[str]:
    """The commits, the code files that changed between them, and the uncommitted changes of each run."""
    before, after = one.commit, other.commit
    if before is None or after is None:
        yield "one of them was made outside a Git repository"
        return
    if before == after:
        yield f"the same commit, {before[:10]}"
    else:
        yield f"{before[:10]} → {after[:10]}"
        changed = git(root, "diff", "--stat", "--stat-width=100", before, after, "--", *CODE, strip=False)
        if changed is None:
            yield "one of the commits is not in this repository: `git fetch` may bring it"
        else:
            yield from changed.splitlines() or ["no file of the code differs"]
    changes = [records.text(run, CHANGES_FILE) or "" for run in (one, other)]
    if changes[0] != changes[1]:
        for run, patch in zip((one, other), changes, strict=True):
            files = [line.rpartition(" b/")[2] for line in patch.splitlines() if line.startswith("diff --git ")]
            yield f"{run.name}: " + (f"uncommitted changes in {', '.join(files)}" if files else "nothing uncommitted")


def _hashes(one: RunRecord, other: RunRecord) -> Iterator[list[str]]:
    for key, name in _DATA.items():
        before, after = (run.tags.get(key, DASH)[:12] for run in (one, other))
        if one.tags.get(key) != other.tags.get(key):
            yield [name, "differs", f"{before} → {after}"]
        elif key != START_SHA256 or before != DASH:
            yield [name, "the same", before]
