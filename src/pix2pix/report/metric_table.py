"""The figures of the report: headline metrics, and whether the model beats the baselines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pix2pix.metrics.evaluation_file import row as row_of
from pix2pix.metrics.labels import MODEL, REFERENCE
from pix2pix.metrics.registry import METRICS, Column, columns
from pix2pix.metrics.verdict import BETTER, EQUAL, WORSE
from pix2pix.system.terminal import DASH, finite, interval, number

Summary = Mapping[str, Any]
FIRST = ("l1", "ssim", "kid", "lpips")  # metrics that come first on the first screen, which has three
NEAR = 0.15  # a metric without a better direction is near the real images' value within this share of it

MEANINGS = {BETTER: "beats every baseline", WORSE: "worse than a baseline", EQUAL: "no clear difference to a baseline"}


@dataclass(frozen=True)
class Cell:
    """A number as text.

    `said`: BETTER if it is clearly better than every baseline, WORSE if clearly worse than one, EQUAL in between, "" if nothing was tested.
    `interval`: 95 %, or "".
    """

    text: str
    said: str = ""
    interval: str = ""


@dataclass(frozen=True)
class Line:
    """One row. `role`: `model`, `baseline` or `reference`."""

    name: str
    role: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Verdict:
    """On how many tested metrics the model beats every baseline. `mark`: `all`, `some`, `none` or `unknown`; `text`: the same in words.

    A model whose colourfulness, or another metric that should be the real images', is far from theirs is not marked `all`.
    """

    mark: str
    text: str


@dataclass(frozen=True)
class Figure:
    """A metric of the model on the first screen. `baseline`: the best value of a baseline as text, "" if none has the metric."""

    column: Column
    cell: Cell
    baseline: str


@dataclass(frozen=True)
class Group:
    """One dataset's part of the report.

    Attributes:
        lines: the model, then the baselines and the reference.
        figures: three figures of the model.
        set_columns, set_lines: the metrics outside the head table, of the same rows; no columns if none was measured.
    """

    summary: Summary
    verdict: Verdict
    lines: tuple[Line, ...]
    figures: tuple[Figure, ...]
    set_columns: tuple[Column, ...]
    set_lines: tuple[Line, ...]


def headline_columns(summaries: Sequence[Summary]) -> tuple[Column, ...]:
    """Columns of the head table: every headline metric that any row of any dataset has."""
    keys = {key for summary in summaries for row in (summary["metrics"], *summary["rows"]) for key in row}
    return columns(keys, unbiased_first=any(summary["caution"] for summary in summaries))


def group(summary: Summary, shown: Sequence[Column]) -> Group:
    """What the report shows of one dataset. shown: columns of the head table."""
    model = {"name": MODEL, **row_of(summary, MODEL), **summary["metrics"]}
    baselines = [row for row in summary["rows"] if row["name"] not in (MODEL, REFERENCE)]
    verdicts = [_against_baselines(summary, column.key) for column in shown]
    first = _line(model, shown, summary["intervals"])
    first = replace(first, cells=tuple(replace(cell, said=said) for cell, said in zip(first.cells, verdicts, strict=True)))
    others = [_line(row, shown, summary["intervals"]) for row in summary["rows"] if row["name"] != MODEL]
    verdict, far = _verdict(shown, verdicts), _far_from_real(model, row_of(summary, REFERENCE))
    if far:
        verdict = Verdict("some" if verdict.mark == "all" else verdict.mark, f"{verdict.text}; {', '.join(far)}")
    found = [Figure(*pair, _best(baselines, pair[0])) for pair in zip(shown, first.cells, strict=True) if pair[1].text != DASH]
    found.sort(key=lambda figure: (*FIRST, figure.column.metric.name).index(figure.column.metric.name))
    of_sets = columns({key for row in summary["rows"] for key in row}, headline=False)
    set_lines = tuple(_line(row, of_sets, summary["intervals"]) for row in summary["rows"])
    return Group(summary, verdict, (first, *others), tuple(found[:3]), of_sets, set_lines)


def _line(row: Mapping[str, Any], shown: Sequence[Column], intervals: Mapping[str, Any]) -> Line:
    bounds = intervals.get(row["name"], {})
    cells = [Cell(number(row.get(column.key)), "", interval(bounds.get(column.key))) for column in shown]
    return Line(row["name"], {MODEL: "model", REFERENCE: "reference"}.get(row["name"], "baseline"), tuple(cells))


def _against_baselines(summary: Summary, key: str) -> str:
    """The verdict on a metric by those on its differences to the baselines, "" without any."""
    verdicts = {differences[key]["verdict"] for differences in summary["differences"].values() if key in differences}
    if not verdicts:
        return ""
    if WORSE in verdicts:
        return WORSE
    return BETTER if verdicts == {BETTER} else EQUAL


def _best(baselines: Sequence[Mapping[str, Any]], column: Column) -> str:
    measured = [value for row in baselines if (value := finite(row.get(column.key))) is not None]
    return number(min(measured) if column.lower_is_better else max(measured)) if measured else ""


def _far_from_real(model: Mapping[str, Any], real: Mapping[str, Any]) -> list[str]:
    """The metrics without a better direction in which the model is far from the real images, in words."""
    said = []
    for metric in METRICS:
        own, theirs = finite(model.get(metric.name)), finite(real.get(metric.name))
        if metric.direction is None and own is not None and theirs and abs(own / theirs - 1) > NEAR:
            said.append(f"{metric.label.lower()} is {own / theirs:.0%} of the real images'")
    return said


def _verdict(shown: Sequence[Column], verdicts: Sequence[str]) -> Verdict:
    won, lost, equal = (
        ", ".join(column.label for column, own in zip(shown, verdicts, strict=True) if own == said) for said in (BETTER, WORSE, EQUAL)
    )
    if not (won or lost or equal):
        return Verdict("unknown", "nothing to compare with")
    if not (lost or equal):
        return Verdict("all", "beats every baseline")
    parts = [f"beats every baseline on {won}" if won else "does not beat the baselines"]
    parts += [f"no clear difference on {equal}"] if equal else []
    parts += [f"worse than a baseline on {lost}"] if lost else []
    return Verdict("some" if won else "none", "; ".join(parts))
