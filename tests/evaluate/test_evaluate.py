"""The evaluation of a predictions folder, with a feature network of six numbers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.dataset import ImageDataset, write_dataset
from pix2pix.evaluate.evaluate import MEAN, Evaluation, evaluate
from pix2pix.evaluate.measure import PairMetric
from pix2pix.metrics.bootstrap import bootstrap_mean
from pix2pix.metrics.l1 import l1
from pix2pix.metrics.record_names import FLOOR, MODEL
from tests.evaluate.test_measure import Colours

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
    how = {"extractor": extractor or Colours(), "lpips": lpips, "batch_size": batch_size, "device": torch.device("cpu")}
    return evaluate(folder, NAMES, train, copied="input copied", colouring=colouring, **how)


def test_the_model_stands_beside_the_trivial_answers_and_the_floor(folder: Path, train: ImageDataset) -> None:
    found = evaluated(folder, train)
    by_answer = {answer["answer"]: answer for answer in found.answers}
    assert list(by_answer) == [MODEL, "input copied", MEAN, FLOOR]
    errors = [np.abs(picture(100 + i).astype(int) - picture(200 + i)).mean() / 255 for i in range(COUNT)]
    assert by_answer["input copied"]["l1"] == pytest.approx(np.mean(errors), rel=1e-4)
    assert by_answer[MODEL]["l1"] == pytest.approx(np.mean(errors) / 2, rel=0.02)  # half-way, and rounded to 8 bits
    mean = round(np.mean([20 * i + 1 for i in range(10)]))
    expected = np.mean([np.abs(picture(200 + i).astype(int) - mean).mean() / 255 for i in range(COUNT)])
    assert by_answer[MEAN]["l1"] == pytest.approx(expected, rel=1e-4)
    assert [by_answer[FLOOR][metric] for metric in ("l1", "psnr", "ssim")] == [None] * 3
    assert all(isinstance(answer["fd_colours"], float) and isinstance(answer["kid_colours"], float) for answer in found.answers)


def test_means_carry_the_intervals_of_the_bootstrap_over_images(folder: Path, train: ImageDataset) -> None:
    found = evaluated(folder, train)
    values = torch.tensor([float(row["l1"]) for row in found.images], dtype=torch.float64)
    interval = bootstrap_mean(values)
    assert found.intervals[MODEL]["l1"] == {"low": pytest.approx(interval.low, rel=1e-4), "high": pytest.approx(interval.high, rel=1e-4)}
    assert set(found.intervals) == {MODEL, "input copied", MEAN, FLOOR}
    assert set(found.intervals[FLOOR]) == {"kid_colours"}
    for answer in found.answers:
        for metric, bounds in found.intervals[str(answer["answer"])].items():
            assert bounds["low"] <= float(answer[metric] or 0) <= bounds["high"]


def test_lpips_stands_beside_the_others_when_it_is_given(folder: Path, train: ImageDataset) -> None:
    found = evaluated(folder, train, lpips=l1)  # any metric of pairs will do
    for answer in found.answers:
        assert answer["lpips"] == answer["l1"]
    assert all(row["lpips"] == row["l1"] for row in found.images)
    assert found.intervals[MODEL]["lpips"] == found.intervals[MODEL]["l1"]


def test_neither_the_batch_size_nor_a_repetition_changes_a_digit(folder: Path, train: ImageDataset) -> None:
    assert evaluated(folder, train) == evaluated(folder, train, batch_size=1)


def test_few_images_for_the_network_put_kid_first_and_say_why(folder: Path, train: ImageDataset) -> None:
    enough = evaluated(folder, train)
    assert enough.caution is None
    assert list(enough.answers[0]).index("fd_colours") < list(enough.answers[0]).index("kid_colours")
    few = evaluated(folder, train, extractor=ManyColours())
    assert few.caution is not None and few.caution.startswith(f"{COUNT} images are too few for fd_colours")
    assert list(few.answers[0]).index("kid_colours") < list(few.answers[0]).index("fd_colours")


def test_a_colouring_is_also_measured_by_its_colours(folder: Path, train: ImageDataset) -> None:
    for name in NAMES:  # a grey input
        path = folder / "inputs" / f"{name}.png"
        Image.open(path).convert("L").convert("RGB").save(path)
    found = {answer["answer"]: answer for answer in evaluated(folder, train, colouring=True).answers}
    assert float(found["input copied"]["colourfulness"] or 0) < 1 < float(found[MODEL]["colourfulness"] or 0)
    assert float(found["input copied"]["ab_distance"] or 0) > float(found[MODEL]["ab_distance"] or 0) > 0
    assert "ab_distance" in found[FLOOR]
    assert "colourfulness" in found[FLOOR]


def test_perfect_predictions_score_perfectly(folder: Path, train: ImageDataset) -> None:
    for name in NAMES:
        (folder / f"{name}.png").write_bytes((folder / "targets" / f"{name}.png").read_bytes())
    model = evaluated(folder, train).answers[0]
    assert [model[key] for key in ("l1", "psnr", "ssim", "fd_colours")] == [0.0, 100.0, 1.0, pytest.approx(0, abs=1e-6)]
    assert [model[key] for key in ("precision", "recall")] == [1.0, 1.0]


def test_images_are_in_the_order_of_their_names(folder: Path, train: ImageDataset) -> None:
    rows = evaluated(folder, train).images
    assert [row["name"] for row in rows] == NAMES
    assert [list(row) for row in rows] == [["name", "l1", "psnr", "ssim"]] * COUNT
