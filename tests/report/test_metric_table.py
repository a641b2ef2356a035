import math
from collections.abc import Callable

import pytest

from pix2pix.report.chain import Chain
from pix2pix.report.metric_table import group, measures
from pix2pix.system.terminal import DASH, number

FD = "fd_efficientnet_lite0"


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
        (2975, "2,975"),
    ],
)
def test_numbers_are_short_and_what_is_missing_is_a_dash(value: object, text: str) -> None:
    assert number(value) == text


def test_columns_keep_their_order_and_know_which_way_is_better(new_chain: Callable[..., Chain]) -> None:
    chain = new_chain(names=("a",))
    columns = measures([chain])
    assert [(column.key, column.lower_is_better) for column in columns] == [("l1", True), ("psnr", False), ("ssim", False), (FD, True)]


def test_the_model_is_marked_where_it_beats_every_trivial_answer(new_chain: Callable[..., Chain]) -> None:
    chain = new_chain(names=("a",))
    found = group(chain, measures([chain]))
    assert [cell.beats for cell in found.lines[0].cells] == [True] * 4
    assert found.verdict.mark == "all"
    assert [line.role for line in found.lines] == ["model", "trivial", "trivial", "floor"]
    assert [cell.text for cell in found.lines[-1].cells] == [DASH, DASH, DASH, "12.00"]


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        ({"l1": 0.2}, "some"),  # as good as a trivial answer is not better
        ({"l1": 0.25, "psnr": 1.0, "ssim": 0.25, FD: 100.0}, "none"),  # better than one of them is not enough
        ({"l1": None, "psnr": math.nan, "ssim": None, FD: None}, "unknown"),
        ({FD: 5.0}, "all"),  # the floor is no trivial answer
    ],
)
def test_the_verdict_follows_the_marks(new_chain: Callable[..., Chain], change: dict[str, float | None], mark: str) -> None:
    base = {"l1": 0.1, "psnr": 20.0, "ssim": 0.7, FD: 30.0}
    chain = new_chain(names=("a",), metrics=base | change)
    assert group(chain, measures([chain])).verdict.mark == mark


def test_a_measure_no_trivial_answer_has_gets_no_mark(new_chain: Callable[..., Chain]) -> None:
    chain = new_chain(names=("a",), metrics={"l1": 0.1, "lpips": 0.3})
    columns = measures([chain])
    cells = group(chain, columns).lines[0].cells
    assert cells[[column.key for column in columns].index("lpips")].beats is None
