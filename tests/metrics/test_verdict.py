import pytest
import torch

from pix2pix.metrics.bootstrap import PairedDifference, paired_difference
from pix2pix.metrics.registry import find
from pix2pix.metrics.verdict import BETTER, EQUAL, SAME, UNCLEAR, WORSE, difference_as_json, verdict


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


@pytest.mark.parametrize(
    ("low", "high", "words"), [(-0.03, -0.01, BETTER), (0.01, 0.03, WORSE), (-0.01, 0.03, UNCLEAR), (-0.02, -0.02, UNCLEAR)]
)
def test_without_a_test_the_interval_decides(low: float, high: float, words: str) -> None:
    metric = find("kid")
    assert metric
    assert verdict(metric, 0.05, PairedDifference((low + high) / 2, low, high, None)) == words


def test_a_small_difference_of_large_values_is_written_alike_where_their_last_bits_differ() -> None:
    """As on another machine: each image's value is off by a few units in the last place of float32."""
    metric, draws = find("ssim"), torch.Generator().manual_seed(0)
    assert metric

    def written(noise: float) -> dict[str, float | str | None]:
        a, b = (values * (1 + noise * torch.randn(40, generator=draws).double()) for values in (of_a, of_b))
        return difference_as_json(metric, a.mean().item(), paired_difference(a, b))

    of_a = 0.4 + 0.1 * torch.rand(40, generator=draws).double()
    of_b = of_a + 0.01 * torch.randn(40, generator=draws).double()
    first = written(0)
    assert all(written(1e-7) == first for _ in range(20))
    assert first["value"] == pytest.approx((of_a - of_b).mean().item(), abs=1e-5)
    assert "-0.0" not in map(str, difference_as_json(metric, 0.5, PairedDifference(-1e-9, -1e-9, 1e-9, 1.0)).values())
