"""Check the inputs of image metrics."""

from torch import Tensor


def check_images(images: Tensor) -> None:
    """Raise ValueError unless `images` is a non-empty batch of RGB images: NCHW with 3 channels, floating point.

    The range [0, 1] is not checked: reading every value would cost as much as some metrics.
    """
    if images.ndim != 4 or images.shape[1] != 3 or not images.is_floating_point() or images.numel() == 0:
        got = f"{images.dtype} of shape {tuple(images.shape)}"
        raise ValueError(f"expected RGB images as a non-empty float tensor NCHW in [0, 1], got {got}")


def check_pairs(fake_b: Tensor, real_b: Tensor) -> None:
    """Raise ValueError unless both are batches of RGB images (see `check_images`) with the same shape."""
    check_images(fake_b)
    check_images(real_b)
    if fake_b.shape != real_b.shape:
        raise ValueError(f"fake_b and real_b must have one shape, got {tuple(fake_b.shape)} and {tuple(real_b.shape)}")
