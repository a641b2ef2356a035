"""The head table of the report: headline metrics, and whether the model beats the baselines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pix2pix.metrics.evaluation_file import row as row_of
from pix2pix.metrics.labels import MODEL, REFERENCE
from pix2pix.metrics.registry import METRICS, Column, columns
from pix2pix.system.terminal import finite, interval, number

Summary = Mapping[str, Any]
NEAR = 0.15  # a metric without a better direction is near the real images' value within this share of it


@dataclass(frozen=True)
class Cell:
    """A number as text. `beats`: whether it beats every baseline, None if there is nothing to compare with. `interval`: 95 %, or ""."""

    text: str
    beats: bool | None
    interval: str = ""


@dataclass(frozen=True)
class Line:
    """One row. `role`: `model`, `baseline` or `reference`."""

    name: str
    role: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Verdict:
    """On how many metrics the model beats every baseline. `mark`: `all`, `some`, `none` or `unknown`; `text`: the same in words.

    A model whose colourfulness, or another metric that should be the real images', is far from theirs is not marked `all`.
    """

    mark: str
    text: str


@dataclass(frozen=True)
class Group:
    """The rows of one dataset."""

    summary: Summary
    verdict: Verdict
    lines: tuple[Line, ...]


def headline_columns(summaries: Sequence[Summary]) -> tuple[Column, ...]:
    """Columns of the head table: every headline metric that any row of any dataset has."""
    keys = {key for summary in summaries for row in (summary["metrics"], *summary["rows"]) for key in row}
    return columns(keys, unbiased_first=any(summary["caution"] for summary in summaries))


def set_table(summary: Summary) -> tuple[tuple[Column, ...], tuple[Line, ...]]:
    """Columns and rows of the metrics outside the head table; no columns if none was measured."""
    shown = columns({key for row in summary["rows"] for key in row}, headline=False)
    return shown, tuple(_line(row, shown, summary["intervals"]) for row in summary["rows"])


def group(summary: Summary, shown: Sequence[Column]) -> Group:
    """Rows of one dataset in the head table: the model, the baselines, the reference."""
    model = {"name": MODEL, **row_of(summary, MODEL), **summary["metrics"]}
    baselines = [row for row in summary["rows"] if row["name"] not in (MODEL, REFERENCE)]
    beaten = [beats_all(model, baselines, column) for column in shown]
    first = _line(model, shown, summary["intervals"])
    first = replace(first, cells=tuple(replace(cell, beats=beats) for cell, beats in zip(first.cells, beaten, strict=True)))
    others = [_line(row, shown, summary["intervals"]) for row in summary["rows"] if row["name"] != MODEL]
    verdict, far = _verdict(shown, beaten), _far_from_real(model, row_of(summary, REFERENCE))
    if far:
        verdict = Verdict("some" if verdict.mark == "all" else verdict.mark, f"{verdict.text}; {', '.join(far)}")
    return Group(summary, verdict, (first, *others))


def _line(row: Mapping[str, Any], shown: Sequence[Column], intervals: Mapping[str, Any]) -> Line:
    bounds = intervals.get(row["name"], {})
    cells = [Cell(number(row.get(column.key)), None, interval(bounds.get(column.key))) for column in shown]
    return Line(row["name"], {MODEL: "model", REFERENCE: "reference"}.get(row["name"], "baseline"), tuple(cells))


def beats_all(model: Mapping[str, Any], baselines: Sequence[Mapping[str, Any]], column: Column) -> bool | None:
    """Whether the model is strictly better than every baseline that has the metric; None if there is nothing to compare."""
    own, others = finite(model.get(column.key)), [finite(row.get(column.key)) for row in baselines]
    against = [other for other in others if other is not None]
    if own is None or not against or column.lower_is_better is None:
        return None
    return own < min(against) if column.lower_is_better else own > max(against)


def _far_from_real(model: Mapping[str, Any], real: Mapping[str, Any]) -> list[str]:
    """The metrics without a better direction in which the model is far from the real images, in words."""
    said = []
    for metric in METRICS:
        own, theirs = finite(model.get(metric.name)), finite(real.get(metric.name))
        if metric.direction is None and own is not None and theirs and abs(own / theirs - 1) > NEAR:
            said.append(f"{metric.label.lower()} is {own / theirs:.0%} of the real images'")
    return said


def _verdict(shown: Sequence[Column], beaten: Sequence[bool | None]) -> Verdict:
    won = [column.label for column, beats in zip(shown, beaten, strict=True) if beats]
    lost = [column.label for column, beats in zip(shown, beaten, strict=True) if beats is False]
    if not won and not lost:
        return Verdict("unknown", "nothing to compare with")
    if not lost:
        return Verdict("all", "beats every baseline")
    if not won:
        return Verdict("none", "does not beat the baselines")
    return Verdict("some", f"beats every baseline on {', '.join(won)}; not on {', '.join(lost)}")
