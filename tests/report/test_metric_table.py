import math
from collections.abc import Callable
from typing import Any

import pytest

from pix2pix.metrics.labels import IDENTITY, MEAN, REFERENCE
from pix2pix.metrics.verdict import BETTER, EQUAL, UNCLEAR, WORSE
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
    assert [cell.said for cell in found.lines[0].cells] == [BETTER, BETTER, BETTER, ""], "nothing tests a Fréchet distance"
    assert found.verdict.mark == "all"
    assert [line.role for line in found.lines] == ["model", "baseline", "baseline", "reference"]
    assert [cell.text for cell in found.lines[-1].cells] == [DASH, DASH, DASH, "12.00"]


@pytest.mark.parametrize(
    ("verdicts", "said", "overall", "words"),
    [
        ((BETTER, BETTER), BETTER, "all", "beats every baseline"),
        ((BETTER, WORSE), WORSE, "some", "beats every baseline on SSIM; worse than a baseline on L1"),
        ((EQUAL, WORSE), WORSE, "some", "beats every baseline on SSIM; worse than a baseline on L1"),
        ((BETTER, UNCLEAR), EQUAL, "some", "beats every baseline on SSIM; no clear difference on L1"),
        ((BETTER, EQUAL), EQUAL, "some", "beats every baseline on SSIM; no clear difference on L1"),
    ],
)
def test_the_marks_follow_the_tests_against_each_baseline(
    new_summary: NewSummary, verdicts: tuple[str, str], said: str, overall: str, words: str
) -> None:
    differences = {
        name: {"l1": {"verdict": own}, "ssim": {"verdict": BETTER}} for name, own in zip((IDENTITY, MEAN), verdicts, strict=True)
    }
    summary = new_summary(names=("a",), differences=differences)
    found = group(summary, headline_columns([summary]))
    assert [cell.said for cell in found.lines[0].cells] == [said, "", BETTER, ""]
    assert (found.verdict.mark, found.verdict.text) == (overall, words)


def test_what_nothing_tested_gets_no_mark(new_summary: NewSummary) -> None:
    summary = new_summary(names=("a",), differences={})
    found = group(summary, headline_columns([summary]))
    assert {cell.said for line in found.lines for cell in line.cells} == {""}
    assert found.verdict.mark == "unknown"


def test_three_figures_of_the_model_stand_beside_the_best_baseline(new_summary: NewSummary) -> None:
    summary = new_summary(names=("a",))
    figures = group(summary, headline_columns([summary])).figures
    assert [(figure.column.key, figure.cell.text, figure.baseline) for figure in figures] == [
        ("l1", "0.1000", "0.2000"),
        ("ssim", "0.7000", "0.3000"),
        ("psnr", "20.00", "12.00"),
    ]


@pytest.mark.parametrize(("colourfulness", "mark"), [(50.0, "all"), (43.0, "all"), (30.0, "some"), (75.0, "some")])
def test_a_colouring_that_is_almost_grey_or_garish_is_said_to_be_so(new_summary: NewSummary, colourfulness: float, mark: str) -> None:
    summary = new_summary(names=("a",), metrics={"l1": 0.1, "colourfulness": colourfulness})
    next(row for row in summary["rows"] if row["name"] == REFERENCE)["colourfulness"] = 50.0
    found = group(summary, headline_columns([summary])).verdict
    assert found.mark == mark
    assert (f"colourfulness is {colourfulness / 50:.0%} of the real images'" in found.text) == (mark == "some")
