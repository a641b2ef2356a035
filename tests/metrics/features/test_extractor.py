import torch
from torch import Tensor

from pix2pix.metrics.features.extractor import extract


class MeanColour:
    """The smallest extractor there is; notes the batches it is given."""

    name = "mean_colour"
    resize = "none"
    dims = 3

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, images: Tensor) -> Tensor:
        self.shapes.append(tuple(images.shape))
        return images.mean((2, 3))


def test_a_stream_of_images_becomes_features_in_order_batch_by_batch() -> None:
    images, extractor = torch.rand(7, 3, 4, 5), MeanColour()
    features = torch.cat(list(extract(iter(images), extractor, batch_size=3)))
    assert torch.equal(features, images.mean((2, 3)))
    assert [shape[0] for shape in extractor.shapes] == [3, 3, 1]


def test_images_of_different_sizes_are_never_in_one_batch() -> None:
    extractor = MeanColour()
    images = [torch.rand(3, side, 4) for side in (4, 4, 6, 6, 6, 4)]
    assert sum(map(len, extract(images, extractor, batch_size=8))) == 6
    assert extractor.shapes == [(2, 3, 4, 4), (3, 3, 6, 4), (1, 3, 4, 4)]


def test_no_image_is_held_back_longer_than_a_batch() -> None:
    seen = 0

    def images() -> object:
        nonlocal seen
        for _ in range(100):
            seen += 1
            yield torch.rand(3, 2, 2)

    next(iter(extract(images(), MeanColour(), batch_size=4)))  # type: ignore[arg-type]
    assert seen == 5


def test_no_images_give_no_features() -> None:
    assert list(extract([], MeanColour())) == []
