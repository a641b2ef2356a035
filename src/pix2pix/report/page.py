"""The report on all active datasets as one self-contained HTML page, from their summaries."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pix2pix.errors import UserError
from pix2pix.metrics.registry import with_labels
from pix2pix.metrics.verdict import MARKS
from pix2pix.pages.error_map import COLOURS, GAIN
from pix2pix.pages.html import write_page
from pix2pix.report.metric_table import MEANINGS, group, headline_columns
from pix2pix.system.atomic_write import csv_text
from pix2pix.system.terminal import DASH


def read_summaries(folder: Path, datasets: Sequence[str]) -> list[Mapping[str, Any]]:
    """Read `folder`/<dataset>.json of each dataset, in order; then delete the JSON files of other datasets.

    Raises UserError if one is missing or damaged; nothing is deleted then.
    """
    found: list[Mapping[str, Any]] = []
    for dataset in datasets:
        path = folder / f"{dataset}.json"
        try:
            found.append(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as problem:
            raise UserError(f"{path} cannot be read ({problem}): run the stage summary again") from None
    for path in folder.glob("*.json"):
        if path.stem not in datasets:
            path.unlink()
    return found


def write_report(path: Path, summaries: Sequence[Mapping[str, Any]], *, title: str = "What the models learned") -> None:
    """Write the report as one self-contained HTML file. The same summaries give the same bytes.

    Args:
        path: the HTML file; its folder is created.
        summaries: one or more, in page order, each of another dataset (see `pix2pix.summary.summary.summarize`).
        title: heading of the page.

    Raises ValueError if there are no summaries, or two of one dataset.
    """
    if not summaries or len({summary["dataset"] for summary in summaries}) < len(summaries):
        raise ValueError("the report needs summaries, each of a dataset of its own")
    columns = headline_columns(summaries)
    groups = [group(summary, columns) for summary in summaries]
    write_page(
        path,
        "report/report.html",
        title=title,
        columns=columns,
        groups=groups,
        models=[replace(shown.lines[0], name=shown.summary["dataset"]) for shown in groups],
        downloads=_downloads,
        cautions=sorted({with_labels(summary["caution"], columns) for summary in summaries if summary["caution"]}),
        resizes=sorted({summary["resize"] for summary in summaries if summary["resize"]}),
        gradient=", ".join(f"rgb{colour}" for colour in COLOURS),
        dash=DASH,
        marks=MARKS,
        meanings=MEANINGS,
        brightest=f"{1 / GAIN:g}",
    )


def _downloads(summary: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(what it is, file name, data URI) of the figures, inside the page, as files beside it may be missing where the page is read."""
    figures = {key: summary[key] for key in ("metrics", "rows", "intervals", "differences")}
    files = [("all figures", "json", "application/json", json.dumps(figures, indent=1))]
    if summary["images"]:
        files.append(("the metrics of each image", "csv", "text/csv", csv_text(summary["images"])))
    return [
        (what, f"{summary['dataset']}.{suffix}", f"data:{kind};base64,{b64encode(text.encode('utf-8', 'backslashreplace')).decode()}")
        for what, suffix, kind, text in files
    ]
