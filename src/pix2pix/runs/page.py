"""The table of runs as one self-contained HTML page, with the last sample sheet of each run."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.data.image_files import open_image
from pix2pix.metrics.labels import REFERENCE
from pix2pix.pages.html import write_page
from pix2pix.pages.inline_image import InlineImage, inline_image
from pix2pix.system.terminal import DASH, number

if TYPE_CHECKING:
    from pix2pix.runs.table import Group, Row
    from pix2pix.tracking.lookup import Records, RunRecord

LONGEST = 320  # pixels of an image's longer side


@dataclass(frozen=True)
class Line:
    """A row of the table as the page shows it."""

    row: Row
    figures: tuple[str, ...]
    sample: InlineImage | None


def write_runs(path: Path, found: Sequence[Group], runs: Sequence[RunRecord], records: Records) -> None:
    """Write the page atomically. A run whose sample sheet is missing or damaged is shown without it.

    Args:
        path: the HTML file; its folder is created.
        found: the table.
        runs: the runs in it, in any order.
        records: the store with the sample sheets.

    Raises UserError if the store cannot be reached.
    """
    by_id = {run.run_id: run for run in runs}

    def figures(values: Mapping[str, float], group: Group) -> tuple[str, ...]:
        return tuple(number(values[column.key]) if column.key in values else DASH for column in group.columns)

    def line(row: Row, group: Group) -> Line:
        run = by_id.get(row.run_id)
        return Line(row, figures(row.metrics, group), _last_sample(run, records) if run else None)

    blocks = [
        (group, figures(group.reference, group) if group.reference else (), [line(row, group) for row in group.rows]) for group in found
    ]
    write_page(path, "runs/runs.html", blocks=blocks, reference_name=REFERENCE, dash=DASH, written=time.strftime("%Y-%m-%d %H:%M"))


def _last_sample(run: RunRecord, records: Records) -> InlineImage | None:
    content = records.last_sample(run)
    if content is None:
        return None
    try:
        with open_image(io.BytesIO(content)) as sheet:
            return inline_image(sheet, longest=LONGEST)
    except (OSError, SyntaxError):  # truncated, as after a full disk
        return None
