import pytest
import torch
from torch import Tensor

from pix2pix.metrics.features.extractor import in_pieces


@pytest.mark.parametrize(("images", "at_once"), [(1, 2), (2, 2), (5, 2), (3, 1)])
def test_a_few_images_at_a_time_go_through_the_network_and_come_out_in_order(images: int, at_once: int) -> None:
    seen: list[int] = []

    def network(batch: Tensor) -> Tensor:
        seen.append(len(batch))
        return batch.flatten(1) * 2

    batch = torch.arange(float(images))[:, None, None, None]
    assert torch.equal(in_pieces(network, batch, at_once), batch.flatten(1) * 2)
    assert sum(seen) == images and max(seen) <= at_once


def test_a_gpu_takes_the_batch_as_it_is() -> None:
    images = torch.empty(6, 3, 8, 8, device="meta")  # any device but the CPU
    assert in_pieces(lambda batch: batch.mean((2, 3)), images, 2).shape == (6, 3)
