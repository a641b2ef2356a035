"""Promises that hold for every metric of the registry, so that a new one needs no test of its own here."""

import math
import re
import subprocess
import sys

import pytest
import torch

from pix2pix.config.constraints import annotations, choices
from pix2pix.config.settings import METRICS as METRIC_CHOICES
from pix2pix.config.settings import Evaluate, Tracking
from pix2pix.metrics.feature_set import FeatureSet
from pix2pix.metrics.metric import FeatureMetric, ImageMetric, Metric, PixelSetMetric
from pix2pix.metrics.registry import METRICS, NETWORKS, columns, find, with_labels

NAMED = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)


def in_range(metric: Metric, value: float) -> bool:
    return metric.range[0] <= value <= metric.range[1]


def features(count: int, shift: float) -> FeatureSet:
    found = FeatureSet(6, count)
    found.add(torch.rand(count, 6, generator=torch.Generator().manual_seed(count), dtype=torch.float64) + shift)
    return found


def test_names_and_labels_are_unique() -> None:
    assert len({metric.name for metric in METRICS}) == len({metric.label for metric in METRICS}) == len(METRICS)


@NAMED
def test_a_metric_describes_itself(metric: Metric) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", metric.name)
    assert metric.label and metric.description.endswith(".")
    assert metric.range[0] < metric.range[1]
    assert metric.per == ("image" if isinstance(metric, ImageMetric) else "set")


@NAMED
def test_every_table_finds_a_metric_by_its_key(metric: Metric) -> None:
    network = "inception_2015" if isinstance(metric, FeatureMetric) and metric.inception else "efficientnet_lite0"
    key = metric.key(network)
    assert key and find(key) is metric
    (column,) = columns([key, "images", "epochs"], headline=metric.headline)
    assert (column.key, column.metric) == (key, metric)
    assert column.label.startswith(metric.label)
    assert column.lower_is_better == {"lower": True, "higher": False, None: None}[metric.direction]


@pytest.mark.parametrize("metric", [it for it in METRICS if isinstance(it, ImageMetric) and it.function], ids=lambda it: it.name)
def test_a_metric_of_images_has_a_value_for_each_in_its_range_and_is_best_for_equal_ones(metric: ImageMetric) -> None:
    fake, real = torch.rand(2, 3, 3, 24, 24, generator=torch.Generator().manual_seed(0))
    compute = metric.load()
    apart, equal = compute(fake, real), compute(real, real)
    assert apart.shape == (3,) and apart.dtype == torch.float64
    assert all(in_range(metric, value) for value in [*apart.tolist(), *equal.tolist()])
    better = {"lower": equal <= apart, "higher": equal >= apart, None: equal == equal}[metric.direction]
    assert better.all()


@pytest.mark.parametrize("metric", [it for it in METRICS if isinstance(it, FeatureMetric)], ids=lambda it: it.name)
def test_a_metric_of_feature_sets_is_in_its_range_and_better_for_sets_that_lie_closer(metric: FeatureMetric) -> None:
    def value(fake: FeatureSet) -> float:
        found = metric.load()(fake, features(30, 0))
        assert found is not None
        return found if isinstance(found, float) else found.value

    near, far = value(features(20, 0)), value(features(20, 5))
    assert in_range(metric, near) and in_range(metric, far)
    assert near < far if metric.direction == "lower" else near > far


@pytest.mark.parametrize("metric", [it for it in METRICS if isinstance(it, PixelSetMetric)], ids=lambda it: it.name)
def test_a_metric_of_whole_images_is_in_its_range_and_best_for_equal_sets(metric: PixelSetMetric) -> None:
    fake, real = torch.rand(2, 3, 3, 24, 24, generator=torch.Generator().manual_seed(0)) * torch.tensor([0.3, 1]).view(2, 1, 1, 1, 1)
    compute = metric.load()
    apart, equal = compute(fake, real), compute(real, real)
    assert in_range(metric, apart) and in_range(metric, equal)
    assert equal < apart if metric.direction == "lower" else equal > apart


def test_register_if_and_champion_by_take_every_headline_metric_with_a_direction() -> None:
    eligible = [metric.name for metric in METRICS if metric.headline and metric.recorded and metric.direction]
    assert list(choices(annotations(Tracking)["champion_by"])) == list(METRIC_CHOICES.meanings) == eligible, (
        "METRICS of config/settings.py, in order"
    )


def test_evaluate_features_takes_every_network() -> None:
    assert list(choices(annotations(Evaluate)["features"])) == [network.name for network in NETWORKS]


def test_few_images_move_unbiased_distances_in_front_of_biased_ones_and_nothing_else() -> None:
    keys = ["l1", "fd_efficientnet_lite0", "kid_efficientnet_lite0", "ssim"]
    assert [column.label for column in columns(keys)] == ["L1", "SSIM", "FD Lite0", "KID Lite0"]
    assert [column.label for column in columns(keys, unbiased_first=True)] == ["L1", "SSIM", "KID Lite0", "FD Lite0"]
    assert with_labels("read kid_efficientnet_lite0 first", columns(keys)) == "read KID Lite0 first"


@pytest.mark.parametrize(
    ("network", "expected"), [("inception_2015", ["fid", "kid"]), ("other", ["fd_other", "kid_other"])], ids=lambda it: str(it)
)
def test_only_the_2015_inception_gives_a_fid(network: str, expected: list[str]) -> None:
    distances = [metric for metric in METRICS if (isinstance(metric, FeatureMetric) and metric.network_in_key) or metric.name == "fid"]
    assert [key for metric in distances if (key := metric.key(network))] == expected


def test_rounding_keeps_five_digits_or_the_metrics_own_decimals() -> None:
    found = {name: find(name) for name in ("l1", "kid")}
    assert found["l1"] and [found["l1"].rounded(value) for value in (123.456789, 0.000123456)] == [123.46, 0.00012346]
    assert found["kid"] and found["kid"].rounded(-0.000263) == -0.00026
    assert math.isnan(found["l1"].rounded(math.nan))


def test_a_table_of_metrics_needs_no_torch_and_their_functions_need_nothing_but_torch_and_its_kind() -> None:
    code = (
        "import sys, pix2pix.metrics.registry as registry\n"
        "assert 'torch' not in sys.modules\n"
        "import torch, torchvision, numpy, PIL, safetensors\n"
        "known = set(sys.modules)\n"
        "for metric in registry.METRICS: metric.function and metric.load()\n"
        "new = [module for name, module in sys.modules.items() if name not in known]\n"
        "print(*{module.__name__ for module in new if 'site-packages' in (getattr(module, '__file__', None) or '')})"
    )
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": "src"}, capture_output=True, text=True, check=True)
    assert {name.partition(".")[0] for name in done.stdout.split()} <= {"torch", "torchvision", "numpy", "PIL", "safetensors"}
