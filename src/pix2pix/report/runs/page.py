"""The table of runs as one page that needs nothing beside it, with the last sample picture of each run."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pix2pix.report.page.html import write_page
from pix2pix.report.page.number_text import DASH, number
from pix2pix.report.summary.inline_picture import InlinePicture, inline_picture
from pix2pix.runs.table import Group, Row
from pix2pix.tracking.lookup import Records, RunRecord

LONGEST = 320  # pixels of a picture's longer side


@dataclass(frozen=True)
class Line:
    """A row of the table as the page shows it."""

    row: Row
    figures: tuple[str, ...]
    picture: InlinePicture | None


def write_runs(path: Path, found: Sequence[Group], runs: Sequence[RunRecord], records: Records) -> None:
    """Write the page whole or not at all. A run without a picture, or whose picture is no longer there, has none."""
    by_id = {run.run_id: run for run in runs}
    blocks = [(group, [_line(row, group, by_id[row.run_id], records) for row in group.rows]) for group in found]
    write_page(path, "runs/runs.html", blocks=blocks, count=len(runs), dash=DASH)


def _line(row: Row, group: Group, run: RunRecord, records: Records) -> Line:
    figures = tuple(number(row.metrics[column.key]) if column.key in row.metrics else DASH for column in group.columns)
    content = records.last_sample(run)
    if content is None:
        return Line(row, figures, None)
    with Image.open(io.BytesIO(content)) as picture:
        return Line(row, figures, inline_picture(picture, longest=LONGEST))
