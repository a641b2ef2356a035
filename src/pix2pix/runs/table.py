"""Runs as table rows: name, status, metrics, and the parameters that differ between them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from pix2pix.metrics.labels import CAUTION, REFERENCE
from pix2pix.metrics.registry import Column, columns, with_labels
from pix2pix.repository.experiments import ExperimentResult
from pix2pix.system.terminal import DASH, counted, finite, number
from pix2pix.system.text_table import aligned, paragraph
from pix2pix.tracking import names
from pix2pix.tracking.parameters import NO_DIFFERENCE

if TYPE_CHECKING:
    from pix2pix.tracking.lookup import RunRecord

NO_RUN = "no run"  # status of a DVC experiment without a run in MLflow
NAMED = 3  # most experiments listed in a cell of the terminal's table


@dataclass(frozen=True)
class Row:
    """One run, or one DVC experiment without a run in MLflow.

    Attributes:
        run_id: MLflow's id, "" without a run.
        experiment: the DVC experiment that made it, "" without one.
        start: milliseconds since 1970.
        params: the parameters that differ between the dataset's runs; without a run, those that the experiment changed.
        metrics: metrics on the test images.
        same: further DVC experiments with the same predictions, which came from DVC's cache and therefore have no run.
    """

    run_id: str
    dataset: str
    name: str
    experiment: str
    status: str
    start: int
    params: dict[str, str]
    metrics: dict[str, float]
    same: tuple[str, ...] = ()

    @property
    def started(self) -> datetime:
        """Start in this machine's time zone, to the minute. Unlike an age it stays correct on a saved page."""
        return datetime.fromtimestamp(self.start // 60_000 * 60, UTC).astimezone()

    @property
    def experiments(self) -> tuple[str, ...]:
        """All DVC experiments of the row: `experiment` and `same`."""
        return (*filter(None, [self.experiment]), *self.same)


@dataclass(frozen=True)
class Group:
    """The runs of one dataset, newest first.

    Attributes:
        columns: every metric of any row; the kernel distance comes first if there are too few images for the Frechet distance.
        reference: metric -> reference distance (real vs. real), from the newest run that has one.
        caution: warning if there are too few images for the Frechet distance, else "".
    """

    dataset: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    reference: dict[str, float]
    caution: str

    @property
    def count(self) -> str:
        """Number of runs and of experiments without a run, in words."""
        runs = sum(row.run_id != "" for row in self.rows)
        alone = len(self.rows) - runs
        parts = [counted(runs, "run")] if runs else []
        return " and ".join(parts + ([f"{counted(alone, 'experiment')} without a run"] if alone else []))

    @cached_property
    def first(self) -> Row | None:
        """The oldest run with parameters."""
        return next((row for row in reversed(self.rows) if row.run_id and row.params), None)

    @cached_property
    def best(self) -> dict[str, float]:
        """Metric -> its best value; without metrics that have no better direction, or of which no two values differ."""
        found = {}
        for column in self.columns:
            values = {value for row in self.rows if (value := finite(row.metrics.get(column.key))) is not None}
            if column.lower_is_better is not None and len(values) > 1:
                found[column.key] = min(values) if column.lower_is_better else max(values)
        return found


def groups(runs: Sequence[RunRecord], made: Sequence[ExperimentResult] = ()) -> list[Group]:
    """Group runs, and results of DVC experiments without a run, by dataset, in alphabetical order."""
    found = []
    for dataset in sorted({run.dataset for run in runs} | {result.dataset for result in made}):
        own = [run for run in runs if run.dataset == dataset]
        rows = _rows(own, [result for result in made if result.dataset == dataset])
        caution = next((run.tags[CAUTION] for run in own if CAUTION in run.tags), "")
        shown = columns({key for row in rows for key in row.metrics}, unbiased_first=caution != "")
        reference = next((it for run in own if (it := names.in_section(names.REFERENCE, run.metrics))), {})
        found.append(Group(dataset, shown, tuple(rows), reference, with_labels(caution, shown)))
    return found


def _rows(runs: Sequence[RunRecord], made: Sequence[ExperimentResult]) -> list[Row]:
    """The rows of one dataset. An experiment without a run of its name belongs to the newest run with its predictions."""
    differing, named = differences(runs), {run.experiment for run in runs}
    made_by = {run.predictions: run.run_id for run in reversed(runs) if run.predictions}
    same: dict[str, list[str]] = {run.run_id: [] for run in runs}
    rows, alone = [], []
    for result in made:
        if result.name in named:
            continue
        if result.predictions in made_by:
            same[made_by[result.predictions]].append(result.name)
        else:
            params = {key: value for key, value in result.params.items() if not NO_DIFFERENCE.match(key)}
            alone.append(Row("", result.dataset, result.name, result.name, NO_RUN, result.time * 1000, params, result.metrics))
    for run in runs:
        params = {key: run.params[key] for key in differing if key in run.params}
        others = tuple(same[run.run_id])
        rows.append(Row(run.run_id, run.dataset, run.name, run.experiment, run.status, run.start, params, measured(run), others))
    return sorted(rows + alone, key=lambda row: -row.start)


def differences(runs: Sequence[RunRecord]) -> list[str]:
    """Names of the parameters whose values differ between these runs. Runs without recorded parameters are ignored."""
    described = [run.params for run in runs if run.params]
    keys = dict.fromkeys(key for params in described for key in params if not NO_DIFFERENCE.match(key))
    return [key for key in keys if len({params.get(key) for params in described}) > 1]


def measured(run: RunRecord) -> dict[str, float]:
    """Metrics on the test images, by their keys in data/metrics/<dataset>.json."""
    return names.in_section(names.TEST, run.metrics)


def age(milliseconds: int, now: float) -> str:
    """Time since `milliseconds` (since 1970), `now` in seconds: `40 s`, `12 min`, `5 h`, `3 d`. Hours and days start at 2."""
    seconds = max(0, round(now - milliseconds / 1000))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (unit == "min" and seconds >= size):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def as_text(found: Sequence[Group], width: int | None = None, now: float | None = None) -> str:
    """Format the tables for the terminal, each note once. width: see `aligned`. now: seconds since 1970; None for the current time."""
    blocks = [_block(group, width, time.time() if now is None else now) for group in found]
    notes = dict.fromkeys("\n".join(paragraph(f"Note: {group.caution}.", width, indent="")) for group in found if group.caution)
    return "\n\n".join([*blocks, *notes]) or "no runs of that dataset, or none yet: `dvc repro` makes some"


def as_json(found: Sequence[Group]) -> list[dict[str, object]]:
    """Return the rows as JSON values, with full ids."""
    return [asdict(row) for group in found for row in group.rows]


def _block(group: Group, width: int | None, now: float) -> str:
    lines = [["run", "name", "experiment", "status", "age", *(column.label for column in group.columns), "what differs"]]

    def figures(values: dict[str, float]) -> list[str]:
        return [number(values.get(column.key)) for column in group.columns]

    for row in group.rows:
        more = [f"{len(row.experiments) - NAMED} more"] if len(row.experiments) > NAMED else []
        experiments = ", ".join([*row.experiments[:NAMED], *more]) or DASH
        params = " ".join(f"{key}={value}" for key, value in row.params.items())
        lines.append([row.run_id[:8] or DASH, row.name, experiments, row.status, age(row.start, now), *figures(row.metrics), params])
    if group.reference:
        lines.append([DASH, REFERENCE, DASH, "", "", *figures(group.reference), ""])
    return "\n".join([f"{group.dataset}, {group.count}", *aligned(lines, frozenset(range(4, 5 + len(group.columns))), width)])
