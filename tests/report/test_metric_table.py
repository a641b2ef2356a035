import math
from collections.abc import Callable
from typing import Any

import pytest

from pix2pix.metrics.labels import REFERENCE
from pix2pix.report.metric_table import group, headline_columns
from pix2pix.system.terminal import DASH, number

FD = "fd_efficientnet_lite0"
NewSummary = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, DASH),
        (math.nan, DASH),
        (math.inf, DASH),
        ("text", DASH),
        (0.0834, "0.0834"),
        (0.123456, "0.1235"),
        (17.5249, "17.52"),
        (123.456, "123.5"),
        (12345.6, "12,346"),
        (-0.00123, "−0.0012"),
        (0.0, "0.000"),
        (-0.00001, "0.0000"),
        (2975, "2,975"),
    ],
)
def test_numbers_are_short_and_what_is_missing_is_a_dash(value: object, text: str) -> None:
    assert number(value) == text


def test_columns_keep_their_order_and_know_which_way_is_better(new_summary: NewSummary) -> None:
    summary = new_summary(names=("a",))
    columns = headline_columns([summary])
    assert [(column.key, column.lower_is_better) for column in columns] == [("l1", True), ("psnr", False), ("ssim", False), (FD, True)]


def test_the_model_is_marked_where_it_beats_every_baseline(new_summary: NewSummary) -> None:
    summary = new_summary(names=("a",))
    found = group(summary, headline_columns([summary]))
    assert [cell.beats for cell in found.lines[0].cells] == [True] * 4
    assert found.verdict.mark == "all"
    assert [line.role for line in found.lines] == ["model", "baseline", "baseline", "reference"]
    assert [cell.text for cell in found.lines[-1].cells] == [DASH, DASH, DASH, "12.00"]


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        ({"l1": 0.2}, "some"),  # as good as a baseline is not better
        ({"l1": 0.25, "psnr": 1.0, "ssim": 0.25, FD: 100.0}, "none"),  # better than one of them is not enough
        ({"l1": None, "psnr": math.nan, "ssim": None, FD: None}, "unknown"),
        ({FD: 5.0}, "all"),  # the reference is no baseline
    ],
)
def test_the_verdict_follows_the_marks(new_summary: NewSummary, change: dict[str, float | None], mark: str) -> None:
    base = {"l1": 0.1, "psnr": 20.0, "ssim": 0.7, FD: 30.0}
    summary = new_summary(names=("a",), metrics=base | change)
    assert group(summary, headline_columns([summary])).verdict.mark == mark


def test_a_metric_that_no_baseline_has_gets_no_mark(new_summary: NewSummary) -> None:
    summary = new_summary(names=("a",), metrics={"l1": 0.1, "lpips": 0.3})
    columns = headline_columns([summary])
    cells = group(summary, columns).lines[0].cells
    assert cells[[column.key for column in columns].index("lpips")].beats is None


@pytest.mark.parametrize(("colourfulness", "mark"), [(50.0, "all"), (43.0, "all"), (30.0, "some"), (75.0, "some")])
def test_a_colouring_that_is_almost_grey_or_garish_is_said_to_be_so(new_summary: NewSummary, colourfulness: float, mark: str) -> None:
    summary = new_summary(names=("a",), metrics={"l1": 0.1, "colourfulness": colourfulness})
    next(row for row in summary["rows"] if row["name"] == REFERENCE)["colourfulness"] = 50.0
    found = group(summary, headline_columns([summary])).verdict
    assert found.mark == mark
    assert (f"colourfulness is {colourfulness / 50:.0%} of the real images'" in found.text) == (mark == "some")
