"""Runs as rows: what they are called, how they ended, what they measured, and the parameters in which they differ."""

import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pix2pix.report.page.number_text import DASH, number
from pix2pix.report.summary.metric_table import Measure, known
from pix2pix.tracking.lookup import RunRecord

MEASURED = "test."  # in front of the metrics that a finished model was measured with
_NO_DIFFERENCE = re.compile(r"active$|tracking\.")  # parameters that decide nothing about a run


@dataclass(frozen=True)
class Row:
    """One run: `params` are those in which the runs of its data set differ, `metrics` those measured on the test images."""

    run_id: str
    dataset: str
    name: str
    experiment: str
    status: str
    start: int  # milliseconds since 1970
    age: str
    params: dict[str, str]
    metrics: dict[str, float]


@dataclass(frozen=True)
class Group:
    """The runs of one data set, newest first, and the metrics that any of them has."""

    dataset: str
    columns: tuple[Measure, ...]
    rows: tuple[Row, ...]


def groups(runs: Sequence[RunRecord], now: float | None = None) -> list[Group]:
    """The runs by data set, in alphabetical order. `now` is in seconds since 1970; None for the clock's."""
    now = time.time() if now is None else now
    found = []
    for dataset in sorted({run.dataset for run in runs}):
        mine = [run for run in runs if run.dataset == dataset]
        differing = differences(mine)
        rows = tuple(_row(run, differing, now) for run in mine)
        columns = known({key for row in rows for key in row.metrics}, kid_first=False)
        found.append(Group(dataset, columns, rows))
    return found


def differences(runs: Sequence[RunRecord]) -> list[str]:
    """The parameters that have different values in these runs; runs without any record of parameters have no say."""
    described = [run.params for run in runs if run.params]
    keys = dict.fromkeys(key for params in described for key in params if not _NO_DIFFERENCE.match(key))
    return [key for key in keys if len({params.get(key) for params in described}) > 1]


def measured(run: RunRecord) -> dict[str, float]:
    """The metrics on the test images, without the prefix that they have in MLflow."""
    return {key.removeprefix(MEASURED): value for key, value in run.metrics.items() if key.startswith(MEASURED)}


def age(milliseconds: int, now: float) -> str:
    """How long ago, in the largest unit that fits: `40 s`, `12 min`, `5 h`, `3 d`."""
    seconds = max(0, round(now - milliseconds / 1000))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (unit == "min" and seconds >= size):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def as_text(found: Sequence[Group]) -> str:
    """The table for the terminal."""
    return "\n\n".join(_block(group) for group in found) or "no runs yet: `dvc repro` makes some"


def as_json(found: Sequence[Group]) -> list[dict[str, object]]:
    """The rows as data for another program, ids in full."""
    return [{key: value for key, value in asdict(row).items() if key != "age"} for group in found for row in group.rows]


def lined_up(rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> list[str]:
    """Lines with the columns one under another; those numbered in `right` end together, as numbers should."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    pad = [str.rjust if place in right else str.ljust for place in range(len(widths))]
    return ["  ".join(pad[place](text, widths[place]) for place, text in enumerate(row)).rstrip() for row in rows]


def _row(run: RunRecord, differing: Sequence[str], now: float) -> Row:
    params = {key: run.params[key] for key in differing if key in run.params}
    return Row(run.run_id, run.dataset, run.name, run.experiment, run.status, run.start, age(run.start, now), params, measured(run))


def _block(group: Group) -> str:
    head = ["run", "name", "experiment", "status", "age", *(column.label for column in group.columns), "what differs"]
    lines = [head]
    for row in group.rows:
        params = " ".join(f"{key}={value}" for key, value in row.params.items())
        figures = [number(row.metrics[column.key]) if column.key in row.metrics else DASH for column in group.columns]
        lines.append([row.run_id[:8], row.name, row.experiment or DASH, row.status, row.age, *figures, params])
    count = len(group.rows)
    numbers = frozenset(range(4, 5 + len(group.columns)))
    return "\n".join([f"{group.dataset}, {count} run{'s' if count > 1 else ''}", *lined_up(lines, numbers)])
