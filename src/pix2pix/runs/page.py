"""The table of runs as one self-contained HTML page, with the last sample sheet of each run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.data.bad_image import BadImage
from pix2pix.data.images import decode
from pix2pix.errors import UserError
from pix2pix.metrics.labels import REFERENCE
from pix2pix.pages.html import write_page
from pix2pix.pages.inline_image import InlineImage, inline_sheet
from pix2pix.system.terminal import DASH

if TYPE_CHECKING:
    from pix2pix.runs.table import Group
    from pix2pix.tracking.lookup import Records, RunRecord

LONGEST = 320  # pixels of an image's longer side


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
    write_page(
        path,
        "runs/runs.html",
        title="Runs and experiments",
        groups=found,
        samples={run.run_id: _last_sample(run, records, skipped) for run in runs},
        addresses={run.run_id: records.page(run) for run in runs},
        reference_name=REFERENCE,
        dash=DASH,
        written=time.strftime("%Y-%m-%d %H:%M"),
    )
    return skipped


def _last_sample(run: RunRecord, records: Records, skipped: list[str]) -> InlineImage | None:
    try:
        content = records.last_sample(run)
        return None if content is None else inline_sheet(decode(content), longest=LONGEST)
    except (UserError, BadImage) as problem:  # whatever a server answers, the page is about the other runs too
        skipped.append(f"the sample sheet of {run.name} ({run.run_id[:8]}) is left out: {problem}")
        return None
