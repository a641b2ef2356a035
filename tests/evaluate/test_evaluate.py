"""The evaluation of a predictions folder, with a feature network of six numbers."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.dataset import ImageDataset, write_dataset
from pix2pix.evaluate.evaluate import Evaluation, evaluate, image_metrics
from pix2pix.evaluate.evaluator import Evaluator
from pix2pix.metrics.bootstrap import bootstrap_mean
from pix2pix.metrics.evaluation_file import read_evaluation
from pix2pix.metrics.l1 import l1
from pix2pix.metrics.labels import IDENTITY, MEAN, MODEL, REFERENCE
from pix2pix.metrics.metric import PairMetric
from tests.evaluate.test_evaluator import Colours

IMAGE_METRICS = image_metrics({}, colouring=False)

SIZE, COUNT = 16, 9
NAMES = [f"{i:02d}" for i in range(COUNT)]


def picture(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)


@pytest.fixture
def train(tmp_path: Path) -> ImageDataset:
    """Ten pairs whose targets are one colour each."""
    pairs = np.stack([np.concatenate([picture(i).transpose(2, 0, 1), np.full((3, SIZE, SIZE), 20 * i + 1, np.uint8)]) for i in range(10)])
    write_dataset(tmp_path / "train", [pairs], [str(i) for i in range(10)], ColourPlanes("rgb", "rgb"), SIZE)
    return ImageDataset(tmp_path / "train")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Predictions that are half-way between input and target."""
    home = tmp_path / "predictions"
    for part in ("", "inputs", "targets"):
        (home / part).mkdir(exist_ok=True)
    for i, name in enumerate(NAMES):
        real_a, real_b = picture(100 + i), picture(200 + i)
        Image.fromarray(real_a).save(home / "inputs" / f"{name}.png")
        Image.fromarray(real_b).save(home / "targets" / f"{name}.png")
        Image.fromarray(((real_a.astype(int) + real_b) // 2).astype(np.uint8)).save(home / f"{name}.png")
    return home


class ManyColours(Colours):
    """As many numbers as there are images."""

    dims = COUNT

    def __call__(self, images: Tensor) -> Tensor:
        return torch.cat([super().__call__(images), images[:, :, :2, 0].flatten(1)], 1)[:, :COUNT]


def evaluated(
    folder: Path,
    train: ImageDataset,
    *,
    colouring: bool = False,
    batch_size: int = 4,
    extractor: Colours | None = None,
    lpips: PairMetric | None = None,
) -> Evaluation:
    metrics = image_metrics({"lpips": lpips} if lpips else {}, colouring=colouring)
    evaluator = Evaluator(metrics, extractor or Colours(), torch.device("cpu"), batch_size)
    return evaluate(folder, NAMES, train, colouring=colouring, evaluator=evaluator)


def test_the_model_stands_beside_the_baselines_and_the_reference(folder: Path, train: ImageDataset) -> None:
    found = evaluated(folder, train)
    rows = {row["name"]: row for row in found.rows}
    assert list(rows) == [MODEL, IDENTITY, MEAN, REFERENCE]
    errors = [np.abs(picture(100 + i).astype(int) - picture(200 + i)).mean() / 255 for i in range(COUNT)]
    assert rows[IDENTITY]["l1"] == pytest.approx(np.mean(errors), rel=1e-4)
    assert rows[MODEL]["l1"] == pytest.approx(np.mean(errors) / 2, rel=0.02)  # half-way, and rounded to 8 bits
    mean = round(np.mean([20 * i + 1 for i in range(10)]))
    expected = np.mean([np.abs(picture(200 + i).astype(int) - mean).mean() / 255 for i in range(COUNT)])
    assert rows[MEAN]["l1"] == pytest.approx(expected, rel=1e-4)
    assert all(rows[REFERENCE][metric] is None for metric in IMAGE_METRICS)
    assert all(isinstance(row["fd_colours"], float) and isinstance(row["kid_colours"], float) for row in found.rows)


def test_means_carry_the_intervals_of_the_bootstrap_over_images(folder: Path, train: ImageDataset) -> None:
    found = evaluated(folder, train)
    values = torch.tensor([float(row["l1"]) for row in found.images], dtype=torch.float64)
    interval = bootstrap_mean(values)
    assert found.intervals[MODEL]["l1"] == {"low": pytest.approx(interval.low, rel=1e-4), "high": pytest.approx(interval.high, rel=1e-4)}
    assert set(found.intervals) == {MODEL, IDENTITY, MEAN, REFERENCE}
    assert set(found.intervals[REFERENCE]) == {"kid_colours"}
    for row in found.rows:
        for metric, bounds in found.intervals[str(row["name"])].items():
            assert bounds["low"] <= float(row[metric] or 0) <= bounds["high"]


def test_the_model_is_tested_against_each_baseline(folder: Path, train: ImageDataset) -> None:
    found = evaluated(folder, train)
    assert list(found.differences) == [IDENTITY, MEAN]
    assert set(found.differences[IDENTITY]) == {*IMAGE_METRICS, "kid_colours"}
    rows = {row["name"]: row for row in found.rows}
    for baseline, differences in found.differences.items():
        for metric, gap in differences.items():
            between = float(rows[MODEL][metric] or 0) - float(rows[baseline][metric] or 0)
            assert gap["value"] == pytest.approx(between, rel=1e-3, abs=2e-5)
    closer = found.differences[IDENTITY]["l1"]  # half-way to the target, in every image
    assert (closer["verdict"], closer["p_value"]) == ("better", pytest.approx(2 / 2**COUNT, rel=0.5))


def test_lpips_stands_beside_the_others_when_it_is_given(folder: Path, train: ImageDataset) -> None:
    found = evaluated(folder, train, lpips=l1)  # any metric of pairs will do
    for row in found.rows:
        assert row["lpips"] == row["l1"]
    assert all(row["lpips"] == row["l1"] for row in found.images)
    assert found.intervals[MODEL]["lpips"] == found.intervals[MODEL]["l1"]


def test_neither_the_batch_size_nor_a_repetition_changes_a_digit(folder: Path, train: ImageDataset) -> None:
    assert evaluated(folder, train) == evaluated(folder, train, batch_size=1)


def test_few_images_for_the_network_put_kid_first_and_say_why(folder: Path, train: ImageDataset) -> None:
    enough = evaluated(folder, train)
    assert enough.caution is None
    assert list(enough.rows[0]).index("fd_colours") < list(enough.rows[0]).index("kid_colours")
    few = evaluated(folder, train, extractor=ManyColours())
    assert few.caution is not None and few.caution.startswith(f"{COUNT} images are too few for fd_colours")
    assert list(few.rows[0]).index("kid_colours") < list(few.rows[0]).index("fd_colours")


def test_a_colouring_is_also_measured_by_its_colours(folder: Path, train: ImageDataset) -> None:
    for name in NAMES:  # a grey input
        path = folder / "inputs" / f"{name}.png"
        Image.open(path).convert("L").convert("RGB").save(path)
    found = {row["name"]: row for row in evaluated(folder, train, colouring=True).rows}
    assert float(found[IDENTITY]["colourfulness"] or 0) < 1 < float(found[MODEL]["colourfulness"] or 0)
    assert float(found[IDENTITY]["ab_distance"] or 0) > float(found[MODEL]["ab_distance"] or 0) > 0
    assert "ab_distance" in found[REFERENCE]
    assert "colourfulness" in found[REFERENCE]


def test_perfect_predictions_score_perfectly(folder: Path, train: ImageDataset) -> None:
    for name in NAMES:
        (folder / f"{name}.png").write_bytes((folder / "targets" / f"{name}.png").read_bytes())
    model = evaluated(folder, train).rows[0]
    assert [model[key] for key in ("l1", "psnr", "ssim", "fd_colours")] == [0.0, 100.0, 1.0, pytest.approx(0, abs=1e-6)]
    assert [model[key] for key in ("precision", "recall")] == [1.0, 1.0]


def test_images_are_in_the_order_of_their_names(folder: Path, train: ImageDataset) -> None:
    rows = evaluated(folder, train).images
    assert [row["name"] for row in rows] == NAMES
    assert [list(row) for row in rows] == [["name", *IMAGE_METRICS]] * COUNT


def test_what_is_written_reads_back_and_the_metrics_are_the_recorded_ones(folder: Path, train: ImageDataset, tmp_path: Path) -> None:
    found = evaluated(folder, train)
    files = tmp_path / "m.json", tmp_path / "m.csv", tmp_path / "e.json"
    found.write(*files, dataset="facades", epochs=7)
    metrics = json.loads(files[0].read_text())
    assert metrics == {"facades": {**found.metrics, "epochs": 7}}
    assert "precision" not in metrics["facades"] and metrics["facades"]["images"] == COUNT
    record = read_evaluation(files[2])
    assert (record["metrics"], record["rows"], record["intervals"]) == (metrics["facades"], found.rows, found.intervals)
    assert files[1].read_text().splitlines()[0] == ",".join(["name", *IMAGE_METRICS])
