import pytest
import torch
from torch import Tensor

from pix2pix.metrics.features.extractor import _PIECE, in_pieces


@pytest.mark.parametrize("count", [1, _PIECE, 2 * _PIECE + 1])
def test_a_few_images_at_a_time_go_through_the_network_and_come_out_in_order(count: int) -> None:
    seen: list[int] = []

    def network(images: Tensor) -> Tensor:
        seen.append(len(images))
        return images.flatten(1) * 2

    images = torch.arange(float(count))[:, None, None, None]
    assert torch.equal(in_pieces(network, images), images.flatten(1) * 2)
    assert sum(seen) == count and max(seen) <= _PIECE


def test_a_gpu_takes_the_batch_as_it_is() -> None:
    images = torch.empty(3 * _PIECE, 3, 8, 8, device="meta")  # any device but the CPU
    assert in_pieces(lambda batch: batch.mean((2, 3)), images).shape == (3 * _PIECE, 3)
