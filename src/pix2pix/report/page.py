"""Write the report on all active datasets as one self-contained HTML page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pix2pix.metrics.registry import with_labels
from pix2pix.pages.error_map import COLOURS, GAIN
from pix2pix.pages.html import write_page
from pix2pix.report.metric_table import group, headline_columns, set_table
from pix2pix.system.terminal import DASH, finite


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
    write_page(
        path,
        "report/report.html",
        title=title,
        columns=columns,
        groups=[group(summary, columns) for summary in summaries],
        sections=[(f"chain-{place}", summary, set_table(summary)) for place, summary in enumerate(summaries, start=1)],
        cautions=sorted({with_labels(summary["caution"], columns) for summary in summaries if summary["caution"]}),
        frechet=[column.label for column in columns if column.metric.name == "fd"],
        resizes=sorted({summary["resize"] for summary in summaries if summary["resize"]}),
        images=sorted({int(count) for summary in summaries if (count := finite(summary["metrics"].get("images"))) is not None}),
        gradient=", ".join(f"rgb{colour}" for colour in COLOURS),
        dash=DASH,
        brightest=f"{1 / GAIN:g}",
    )
