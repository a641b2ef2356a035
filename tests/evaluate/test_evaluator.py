from pathlib import Path

import pytest
import torch
from torch import Tensor

from pix2pix.errors import UserError
from pix2pix.evaluate.evaluate import image_metrics
from pix2pix.evaluate.evaluator import Evaluator
from pix2pix.evaluate.images import ImageFiles
from pix2pix.metrics.bootstrap import bootstrap_mean
from pix2pix.metrics.feature_set import FeatureSet

IMAGE_METRICS = image_metrics({}, colouring=False)

CPU = torch.device("cpu")


class Colours:
    """Describes a picture by the mean of each channel and its mean square: cheap, and different for different pictures."""

    name, dims, resize = "colours", 6, "none"

    def __call__(self, images: Tensor) -> Tensor:
        return torch.cat([images.mean((2, 3)), images.square().mean((2, 3))], 1).double()


def pictures(count: int, seed: int, sizes: tuple[tuple[int, int], ...] = ((16, 12),)) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(3, *sizes[i % len(sizes)], generator=generator) for i in range(count)]


@pytest.mark.parametrize("sizes", [((16, 12),), ((16, 12), (16, 12), (11, 20))])
def test_each_value_is_the_metrics_own_of_that_pair_whatever_the_batch_and_the_sizes(sizes: tuple[tuple[int, int], ...]) -> None:
    fake, real = pictures(7, 0, sizes), pictures(7, 1, sizes)
    for batch_size in (1, 3, 100):
        found = Evaluator(IMAGE_METRICS, Colours(), CPU, batch_size).measure(fake, real)
        for metric, function in IMAGE_METRICS.items():
            alone = torch.cat([function(a[None], b[None]) for a, b in zip(fake, real, strict=True)])
            assert found.values[metric].dtype == torch.float64
            torch.testing.assert_close(found.values[metric], alone, rtol=1e-12, atol=0)
        torch.testing.assert_close(found.features.vectors, torch.cat([Colours()(a[None]) for a in fake]))


def test_one_picture_as_the_answer_to_all_is_measured_as_if_it_lay_there_as_often(tmp_path: Path) -> None:
    real, mean = pictures(5, 0), pictures(1, 1)[0]
    how = Evaluator(IMAGE_METRICS, Colours(), CPU, 2)
    once, often = how.measure_constant(mean, real), how.measure([mean] * 5, real)
    for metric in IMAGE_METRICS:
        torch.testing.assert_close(once.values[metric], often.values[metric])
    torch.testing.assert_close(once.features.vectors, often.features.vectors)


def test_a_set_is_described_in_order_and_its_means_carry_intervals() -> None:
    how = Evaluator(IMAGE_METRICS, Colours(), CPU, 2)
    real = pictures(5, 0)
    torch.testing.assert_close(how.features(real).vectors, torch.cat([Colours()(a[None]) for a in real]))
    found = how.measure(pictures(5, 1), real)
    assert found.intervals() == {metric: bootstrap_mean(values) for metric, values in found.values.items()}


def test_the_features_of_both_sides_come_from_one_reading() -> None:
    how, read = Evaluator(IMAGE_METRICS, Colours(), CPU, 2), []

    class Counted(list[Tensor]):
        def __getitem__(self, index: int) -> Tensor:  # type: ignore[override]
            read.append(index)
            return super().__getitem__(index)

    fake, real, described = pictures(5, 1), Counted(pictures(5, 0)), FeatureSet(Colours.dims, 5)
    assert torch.equal(how.measure(fake, real, described).features.vectors, how.measure(fake, pictures(5, 0)).features.vectors)
    assert sorted(read) == list(range(5))
    assert torch.equal(described.vectors, how.features(pictures(5, 0)).vectors)


def test_the_number_of_threads_is_left_as_it_was_and_changes_no_bit() -> None:
    fake, real, before = pictures(9, 0), pictures(9, 1), torch.get_num_threads()

    def values() -> dict[str, Tensor]:
        return Evaluator(IMAGE_METRICS, Colours(), CPU, 2).measure(fake, real).values

    try:
        torch.set_num_threads(1)
        alone = values()
        torch.set_num_threads(3)
        together = values()
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
    assert all(alone[metric].equal(together[metric]) for metric in IMAGE_METRICS)


def test_a_broken_file_in_the_middle_ends_the_measurement_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"nothing")
    before = torch.get_num_threads()
    with pytest.raises(UserError, match=r"broken\.png"):
        Evaluator(IMAGE_METRICS, Colours(), CPU, 1).features(ImageFiles([tmp_path / "broken.png"]))
    assert torch.get_num_threads() == before


def test_the_caution_comes_up_to_as_many_images_as_features() -> None:
    evaluator = Evaluator({}, Colours(), CPU)
    assert evaluator.caution(7) is None
    caution = evaluator.caution(6)
    assert caution is not None and caution.startswith("6 images are too few for fd_colours, which compares 6 features")
    assert "read kid_colours first" in caution
