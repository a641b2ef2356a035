"""Runs as table rows: name, status, metrics, and the parameters that differ between them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pix2pix.metrics.labels import CAUTION, REFERENCE
from pix2pix.metrics.registry import Column, columns, with_labels
from pix2pix.repository.experiments import ExperimentResult
from pix2pix.system.terminal import DASH, number
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
    start: int  # milliseconds since 1970
    age: str
    params: dict[str, str]
    metrics: dict[str, float]
    same: tuple[str, ...] = ()

    @property
    def started(self) -> datetime:
        """Start in this machine's time zone, to the minute. Unlike `age` it stays correct on a saved page."""
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
        counts = [(runs, "run"), (alone, "experiment without a run" if alone == 1 else "experiments without a run")]
        return " and ".join(f"{n} {what}{'s' if what == 'run' and n != 1 else ''}" for n, what in counts if n)


def groups(runs: Sequence[RunRecord], made: Sequence[ExperimentResult] = (), now: float | None = None) -> list[Group]:
    """Group runs, and DVC experiments without a run, by dataset, in alphabetical order.

    made: results of DVC experiments. now: seconds since 1970; None for the current time.
    """
    now = time.time() if now is None else now
    found = []
    for dataset in sorted({run.dataset for run in runs} | {result.dataset for result in made}):
        own = [run for run in runs if run.dataset == dataset]
        differing, (same, alone) = differences(own), _matched(own, [result for result in made if result.dataset == dataset])
        rows = [_row(run, differing, same[run.run_id], now) for run in own] + [_row_without_run(result, now) for result in alone]
        rows.sort(key=lambda row: -row.start)
        caution = next((run.tags[CAUTION] for run in own if CAUTION in run.tags), "")
        shown = columns({key for row in rows for key in row.metrics}, unbiased_first=caution != "")
        reference = next((it for run in own if (it := names.in_section(names.REFERENCE, run.metrics))), {})
        found.append(Group(dataset, shown, tuple(rows), reference, with_labels(caution, shown)))
    return found


def _matched(runs: Sequence[RunRecord], made: Sequence[ExperimentResult]) -> tuple[dict[str, list[str]], list[ExperimentResult]]:
    """Run id -> experiments with its predictions but no run of their own; and the experiments without any run."""
    named = {run.experiment for run in runs}
    made_by = {run.predictions: run.run_id for run in reversed(runs) if run.predictions}  # the newest wins
    same: dict[str, list[str]] = {run.run_id: [] for run in runs}
    alone = []
    for result in made:
        if result.name in named:
            continue
        if result.predictions in made_by:
            same[made_by[result.predictions]].append(result.name)
        else:
            alone.append(result)
    return same, alone


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


def as_text(found: Sequence[Group], width: int | None = None) -> str:
    """Format the tables for the terminal, each note once. width: see `aligned`."""
    blocks = [_block(group, width) for group in found]
    notes = dict.fromkeys("\n".join(paragraph(f"Note: {group.caution}.", width, indent="")) for group in found if group.caution)
    return "\n\n".join([*blocks, *notes]) or "no runs of that dataset, or none yet: `dvc repro` makes some"


def as_json(found: Sequence[Group]) -> list[dict[str, object]]:
    """Return the rows as JSON values, with full ids."""
    return [{key: value for key, value in asdict(row).items() if key != "age"} for group in found for row in group.rows]


def _row(run: RunRecord, differing: Sequence[str], same: Sequence[str], now: float) -> Row:
    params = {key: run.params[key] for key in differing if key in run.params}
    shown = age(run.start, now)
    return Row(run.run_id, run.dataset, run.name, run.experiment, run.status, run.start, shown, params, measured(run), tuple(same))


def _row_without_run(result: ExperimentResult, now: float) -> Row:
    start, params = result.time * 1000, {key: value for key, value in result.params.items() if not NO_DIFFERENCE.match(key)}
    return Row("", result.dataset, result.name, result.name, NO_RUN, start, age(start, now), params, result.metrics)


def _names(experiments: Sequence[str]) -> str:
    """Names of the experiments, shortened to fit a cell."""
    more = [f"{len(experiments) - NAMED} more"] if len(experiments) > NAMED else []
    return ", ".join([*experiments[:NAMED], *more]) or DASH


def _block(group: Group, width: int | None) -> str:
    head = ["run", "name", "experiment", "status", "age", *(column.label for column in group.columns), "what differs"]
    lines = [head]
    for row in group.rows:
        params = " ".join(f"{key}={value}" for key, value in row.params.items())
        figures = [number(row.metrics[column.key]) if column.key in row.metrics else DASH for column in group.columns]
        lines.append([row.run_id[:8] or DASH, row.name, _names(row.experiments), row.status, row.age, *figures, params])
    if group.reference:
        figures = [number(group.reference[column.key]) if column.key in group.reference else DASH for column in group.columns]
        lines.append([DASH, REFERENCE, DASH, "", "", *figures, ""])
    numbers = frozenset(range(4, 5 + len(group.columns)))
    return "\n".join([f"{group.dataset}, {group.count}", *aligned(lines, numbers, width)])
