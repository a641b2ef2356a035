"""The table of runs as one self-contained HTML page, with the last sample sheet of each run."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.data.bad_image import BadImage
from pix2pix.data.images import decode
from pix2pix.errors import UserError
from pix2pix.metrics.labels import REFERENCE
from pix2pix.pages.html import write_page
from pix2pix.pages.inline_image import InlineImage, inline_image
from pix2pix.system.terminal import DASH, finite, number

if TYPE_CHECKING:
    from pix2pix.metrics.registry import Column
    from pix2pix.runs.table import Group, Row
    from pix2pix.tracking.lookup import Records, RunRecord

LONGEST = 320  # pixels of an image's longer side


@dataclass(frozen=True)
class Line:
    """A row of the table as the page shows it.

    Attributes:
        best: for each figure, whether no other run has a better one.
        params: those that differ from the dataset's first run, which has all that differ between runs.
        address: the run's page in MLflow, "" without a run.
    """

    row: Row
    figures: tuple[str, ...]
    best: tuple[bool, ...]
    params: Mapping[str, str]
    address: str
    sample: InlineImage | None


def write_runs(path: Path, found: Sequence[Group], runs: Sequence[RunRecord], records: Records) -> list[str]:
    """Write the page atomically. A run whose sample sheet is missing, damaged or not to be had is shown without it.

    Args:
        path: the HTML file; its folder is created.
        found: the table.
        runs: the runs in it, in any order.
        records: the store with the sample sheets.

    Returns a line for each sheet that was left out, with the reason.
    """
    skipped: list[str] = []
    by_id = {run.run_id: run for run in runs}

    def figures(values: Mapping[str, float], group: Group) -> tuple[str, ...]:
        return tuple(number(values[column.key]) if column.key in values else DASH for column in group.columns)

    def line(row: Row, group: Group, first: Row | None, best_values: Sequence[float | None]) -> Line:
        run = by_id.get(row.run_id)
        known = first.params if first and row is not first else {}
        params = {key: value for key, value in row.params.items() if known.get(key) != value}
        best = tuple(
            value is not None and row.metrics.get(column.key) == value for column, value in zip(group.columns, best_values, strict=True)
        )
        sample, address = (_last_sample(run, records, skipped), records.page(run)) if run else (None, "")
        return Line(row, figures(row.metrics, group), best, params, address, sample)

    def block(group: Group) -> tuple[Group, Row | None, tuple[str, ...], list[Line]]:
        first = next((row for row in reversed(group.rows) if row.run_id and row.params), None)
        best, reference = [_best(column, group) for column in group.columns], figures(group.reference, group) if group.reference else ()
        return group, first, reference, [line(row, group, first, best) for row in group.rows]

    blocks = [block(group) for group in found]
    write_page(
        path,
        "runs/runs.html",
        title="Runs and experiments",
        blocks=blocks,
        reference_name=REFERENCE,
        dash=DASH,
        written=time.strftime("%Y-%m-%d %H:%M"),
    )
    return skipped


def _best(column: Column, group: Group) -> float | None:
    """The best of at least two values of a metric with a better direction, else None."""
    values = [value for row in group.rows if (value := finite(row.metrics.get(column.key))) is not None]
    if column.lower_is_better is None or len(values) < 2:
        return None
    return min(values) if column.lower_is_better else max(values)


def _last_sample(run: RunRecord, records: Records, skipped: list[str]) -> InlineImage | None:
    try:
        content = records.last_sample(run)
        return None if content is None else inline_image(decode(content), longest=LONGEST, lossless=False)
    except (UserError, BadImage) as problem:  # whatever a server answers, the page is about the other runs too
        skipped.append(f"the sample sheet of {run.name} ({run.run_id[:8]}) is left out: {problem}")
        return None
