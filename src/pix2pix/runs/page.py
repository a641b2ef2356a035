"""The table of runs as one page that needs nothing beside it, with the last sample picture of each run."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from pix2pix.pages.html import write_page
from pix2pix.pages.inline_image import InlinePicture, inline_picture
from pix2pix.system.terminal import DASH, number

if TYPE_CHECKING:
    from pix2pix.runs.table import Group, Row
    from pix2pix.tracking.lookup import Records, RunRecord

LONGEST = 320  # pixels of a picture's longer side


@dataclass(frozen=True)
class Line:
    """A row of the table as the page shows it."""

    row: Row
    figures: tuple[str, ...]
    picture: InlinePicture | None


def write_runs(
    path: Path, found: Sequence[Group], runs: Sequence[RunRecord], records: Records | None, *, pictured: int | None = None, note: str = ""
) -> None:
    """Write the page whole or not at all. A run without a picture, or whose picture is no longer there, has none.

    Args:
        path: the HTML file; its folder is made.
        found: the table, of these runs.
        runs: in any order.
        records: where the pictures are; None for a page without any.
        pictured: of how many runs of each data set, the newest ones, to show the picture; None for all.
        note: what a person should know of the table, "" for nothing.

    Raises:
        UserError: the store cannot be reached.
    """
    by_id = {run.run_id: run for run in runs}

    def line(place: int, row: Row, group: Group) -> Line:
        run = by_id.get(row.run_id) if pictured is None or place < pictured else None
        figures = tuple(number(row.metrics[column.key]) if column.key in row.metrics else DASH for column in group.columns)
        return Line(row, figures, _last_sample(run, records) if run and records else None)

    def floor(group: Group) -> list[str]:
        return [number(group.floor[column.key]) if column.key in group.floor else DASH for column in group.columns] if group.floor else []

    blocks = [(group, floor(group), [line(place, row, group) for place, row in enumerate(group.rows)]) for group in found]
    write_page(path, "runs/runs.html", blocks=blocks, note=note, dash=DASH, written=time.strftime("%Y-%m-%d %H:%M"))


def _last_sample(run: RunRecord, records: Records) -> InlinePicture | None:
    content = records.last_sample(run)
    if content is None:
        return None
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return inline_picture(picture, longest=LONGEST)
    except (OSError, SyntaxError):  # cut short, as by a disk that was full; the others are as good as before
        return None
