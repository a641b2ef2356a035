"""im2col is the strided convolution, and an update with it is the plain one up to rounding."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pix2pix.config.train_settings import TrainSettings
from pix2pix.train.engine import im2col
from pix2pix.train.engine.im2col import with_im2col
from tests.train.test_step import batches, make_step, weights

FAST = TrainSettings(epochs=1, batch_size=2)


def gradients_of(function: Callable[[Tensor, Tensor], Tensor], x: Tensor, weight: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    """With respect to x and the weight, by autograd."""
    x, weight = x.clone().requires_grad_(), weight.clone().requires_grad_()
    of_x, of_weight = torch.autograd.grad(function(x, weight), (x, weight), gradient)
    return of_x, of_weight


@pytest.mark.parametrize(("n", "h", "w"), [(1, 2, 2), (2, 4, 8), (3, 8, 4)])
def test_looking_up_rows_is_the_strided_convolution_and_its_gradients(n: int, h: int, w: int) -> None:
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(n, 6, h, w, dtype=torch.float64, generator=draw)
    weight = torch.randn(5, 6, 4, 4, dtype=torch.float64, generator=draw)
    y = F.conv2d(x, weight, None, 2, 1)
    gradient = torch.randn(y.shape, dtype=torch.float64, generator=draw)
    of_x, of_weight = gradients_of(lambda x, weight: F.conv2d(x, weight, None, 2, 1), x, weight, gradient)
    close = {"rtol": 0, "atol": 1e-12}
    torch.testing.assert_close(im2col.down(x, weight), y, **close)
    torch.testing.assert_close(im2col.down_input_gradient(gradient, weight), of_x, **close)
    torch.testing.assert_close(im2col.weight_gradient(x, gradient), of_weight, **close)

    weight = torch.randn(6, 5, 4, 4, dtype=torch.float64, generator=draw)
    y = F.conv_transpose2d(x, weight, None, 2, 1)
    gradient = torch.randn(y.shape, dtype=torch.float64, generator=draw)
    of_x, of_weight = gradients_of(lambda x, weight: F.conv_transpose2d(x, weight, None, 2, 1), x, weight, gradient)
    torch.testing.assert_close(im2col.up(x, weight), y, **close)
    torch.testing.assert_close(im2col.up_input_gradient(gradient, weight), of_x, **close)
    torch.testing.assert_close(im2col.weight_gradient(gradient, x), of_weight, **close)


def in_order(x: Tensor, network: nn.Module) -> list[Tensor]:
    """The output, and the gradients of x and of the parameters."""
    x = x.clone().requires_grad_()
    y = (with_im2col(network) if network.training else network)(x)
    return [y, *torch.autograd.grad(y.square().sum(), [x, *network.parameters()])]


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("size", "products"), [(2, (True, True)), (8, (True, False)), (64, (False, False))])
def test_the_convolutions_that_it_is_faster_for_are_the_same_up_to_rounding(
    kind: type[nn.Conv2d | nn.ConvTranspose2d], size: int, products: tuple[bool, bool], *, bias: bool
) -> None:
    torch.manual_seed(0)
    layer = kind(256, 256, 4, stride=2, padding=1, bias=bias).to(memory_format=torch.channels_last)
    x = torch.randn(1, 256, size, size).to(memory_format=torch.channels_last)
    assert im2col._faster(x, layer.weight, kind is nn.ConvTranspose2d) == products
    ours, plain = in_order(x, layer.train()), in_order(x, layer.eval())
    assert torch.equal(ours[0], plain[0]) is not products[1], "with products the sums are taken in another order"
    for one, other in zip(ours, plain, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("changes", [{}, {"gan_mode": "wgangp"}, {"accumulate": 2}], ids=str)
def test_updates_are_those_without_it_up_to_rounding(precision: str, changes: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Adam's first update turns on the sign of a gradient, so the mean is held."""
    settings = TrainSettings(epochs=1, batch_size=2, precision=precision, **changes)  # type: ignore[arg-type]
    monkeypatch.setattr(torch, "get_deterministic_debug_mode", lambda: 0)
    found = []
    for name in ("with_im2col", "without"):
        if name == "without":
            monkeypatch.setattr("pix2pix.train.step.with_im2col", lambda generator: generator)
        step = make_step(settings, ngf=16)
        torch.manual_seed(0)
        step(*batches(1, 2)[0])
        found.append(torch.cat([value.flatten() for value in weights(step).values()]))
    assert 0 < float((found[0] - found[1]).abs().mean()) < 2e-5


@pytest.mark.parametrize(("mode", "used"), [(0, 1), (2, 0)])
def test_with_deterministic_algorithms_convolutions_are_pytorchs(mode: int, used: int, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[nn.Module] = []
    monkeypatch.setattr("pix2pix.train.step.with_im2col", seen.append)
    monkeypatch.setattr(torch, "get_deterministic_debug_mode", lambda: mode)
    make_step(FAST)
    assert len(seen) == used
