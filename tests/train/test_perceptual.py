"""The perceptual term: what the lpips package computes, with gradients, and a clear word where its weights are not to be had."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from pix2pix.errors import UserError
from pix2pix.train import perceptual
from pix2pix.train.perceptual import Perceptual

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the names and shapes of torchvision's SqueezeNet 1.1 and random values."""
    torchvision = pytest.importorskip("torchvision")
    torch.manual_seed(0)
    net = torchvision.models.squeezenet1_1(weights=None).features
    path = tmp_path_factory.mktemp("weights") / "squeezenet.pth"
    torch.save({f"features.{name}": value for name, value in net.state_dict().items()}, path)
    return path


def term(trunk: Path) -> Perceptual:
    return Perceptual(trunk, None, CPU, sha256_prefix="")


@pytest.fixture(params=[(64, 64), (70, 65), (32, 96)], ids=str)
def images(request: pytest.FixtureRequest) -> tuple[Tensor, Tensor]:
    a, b = torch.rand(2, 2, 3, *request.param, generator=torch.Generator().manual_seed(2)) * 2 - 1
    return a, b


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_value_and_gradient_are_the_lpips_packages(trunk: Path, images: tuple[Tensor, Tensor]) -> None:
    package = pytest.importorskip("lpips", reason="the package lpips is not installed")
    oracle = package.LPIPS(net="squeeze", pnet_rand=True, verbose=False)
    state = torch.load(trunk, weights_only=True)
    for part in oracle.net.children():
        if isinstance(part, nn.Sequential):
            for index, layer in part.named_children():
                own = {name.removeprefix(f"features.{index}."): v for name, v in state.items() if name.startswith(f"features.{index}.")}
                layer.load_state_dict(own)
    fake_b, real_b = images
    mine, its = (fake_b.clone().requires_grad_() for _ in range(2))
    ours, theirs = term(trunk)(mine, real_b), oracle(its, real_b).mean()
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-7)
    ours.backward()
    theirs.backward()
    assert mine.grad is not None and its.grad is not None
    # rounding: sums run in another order
    assert float((mine.grad - its.grad).abs().max()) < 1e-3 * float(its.grad.abs().max())


def test_identical_images_are_at_no_distance_and_the_slope_there_is_finite(trunk: Path) -> None:
    flat = torch.zeros(1, 3, 64, 64, requires_grad=True)
    distance = term(trunk)(flat, flat.detach())
    distance.backward()
    assert float(distance.detach()) == 0 and flat.grad is not None and flat.grad.isfinite().all()


def test_pooling_is_the_max_pool(trunk: Path) -> None:
    for height, width in ((31, 32), (3, 4), (8, 9)):
        x = torch.rand(2, 3, height, width)
        expected = nn.functional.max_pool2d(x, 3, 2, ceil_mode=True)
        assert torch.equal(perceptual.MaxPool()(x), expected)


def test_weights_that_are_missing_or_another_file_s_are_refused_by_name(trunk: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no weights at .*SqueezeNet 1\.1's weights"):
        Perceptual(tmp_path / "absent.pth", None, CPU)
    with pytest.raises(UserError, match=r"its sha256 begins .* instead of b8a52dc0"):
        Perceptual(trunk, None, CPU)
