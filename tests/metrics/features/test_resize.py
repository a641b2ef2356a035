import numpy as np
import torch
from PIL import Image

from pix2pix.metrics.features.extractor import pillow_bicubic


def test_the_resize_is_pillows_byte_for_byte() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 40, 70, 3), dtype=np.uint8)
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    oracle = [np.asarray(Image.fromarray(image).resize((32, 32), Image.Resampling.BICUBIC)) for image in pixels]
    assert np.array_equal(pillow_bicubic(images, 32), np.stack(oracle))


def test_values_outside_the_range_are_clamped_not_wrapped() -> None:
    images = torch.tensor([-0.5, 0.5, 1.5]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    assert pillow_bicubic(images, 8)[0, 0, 0].tolist() == [0, 128, 255]
