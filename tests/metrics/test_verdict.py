import pytest

from pix2pix.metrics.bootstrap import PairedDifference
from pix2pix.metrics.registry import find
from pix2pix.metrics.verdict import BETTER, EQUAL, SAME, UNCLEAR, WORSE, verdict


@pytest.mark.parametrize(
    ("key", "value", "difference", "p_value", "words"),
    [
        ("l1", 0.1, -0.1, 0.01, BETTER),
        ("l1", 0.3, 0.1, 0.01, WORSE),
        ("ssim", 0.8, 0.1, 0.01, BETTER),
        ("ssim", 0.6, -0.1, 0.01, WORSE),
        ("l1", 0.1, -0.1, 0.2, UNCLEAR),
        ("l1", 0.1, 0.0, 1.0, SAME),
        ("ssim", 0.6717, -0.0001, 0.0001, EQUAL),  # clear with many images, and too small to matter
        ("l1", 0.102, 0.002, 0.0001, WORSE),
    ],
)
def test_a_verdict_needs_a_small_p_value_and_a_difference_that_matters(
    key: str, value: float, difference: float, p_value: float, words: str
) -> None:
    metric = find(key)
    assert metric
    assert verdict(metric, value, PairedDifference(difference, difference, difference, p_value)) == words


@pytest.mark.parametrize(("low", "high", "words"), [(-0.03, -0.01, BETTER), (0.01, 0.03, WORSE), (-0.01, 0.03, UNCLEAR)])
def test_without_a_test_the_interval_decides(low: float, high: float, words: str) -> None:
    metric = find("kid")
    assert metric
    assert verdict(metric, 0.05, PairedDifference((low + high) / 2, low, high, None)) == words
