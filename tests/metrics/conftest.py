import pytest
import torch
from torch import Tensor


@pytest.fixture(scope="session")
def pairs() -> tuple[Tensor, Tensor]:
    """(fake_b, real_b): five smooth random pictures and noisy copies of them, NCHW float32 in [0, 1]; the sides are odd and unequal."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(5, 3, 6, 8, generator=generator)
    real_b = torch.nn.functional.interpolate(coarse, (43, 61), mode="bilinear")
    noise = torch.randn(real_b.shape, generator=generator) * torch.tensor([0.01, 0.03, 0.1, 0.2, 0.4])[:, None, None, None]
    return (real_b + noise).clamp(0, 1), real_b
