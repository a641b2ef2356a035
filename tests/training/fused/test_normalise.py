"""The operation between two convolutions against autograd's of the plain layers, in float64. Triton's interpreter runs the kernels."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pix2pix.models.layers import BatchNorm

pytest.importorskip("triton", "3.9")  # the interpreter of 3.6 does not go with this NumPy
from pix2pix.training.fused import normalise
from pix2pix.training.fused.normalise import Layer, between

CLOSE = {"rtol": 2e-5, "atol": 2e-5}
# one place; few; as many as one program holds; several parts, the last not full; parts that are worked in several blocks
PICTURES = [(1, 24, 1, 1), (2, 16, 2, 2), (1, 24, 8, 8), (2, 8, 16, 16), (1, 40, 40, 30), (1, 8, 121, 101)]


@pytest.fixture(params=[1024, 8], ids=["many programs", "few programs"])
def _programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few, each works several blocks of rows, as it does of pictures larger than a test's."""
    monkeypatch.setattr(normalise, "_PROGRAMS", request.param)


def _batch_norm(channels: int, draw: torch.Generator) -> BatchNorm:
    norm = BatchNorm(channels)
    with torch.no_grad():
        norm.weight.normal_(1.0, 0.3, generator=draw)
        norm.bias.normal_(0.0, 0.3, generator=draw)
        norm.running_mean.normal_(generator=draw)  # type: ignore[union-attr]
    return norm


def _picture(shape: tuple[int, ...], draw: torch.Generator, *, shift: float = 0.0) -> Tensor:
    x = torch.randn(shape, generator=draw) * 2 + shift
    return x.contiguous(memory_format=torch.channels_last).requires_grad_()


def _plain(x: Tensor, norm: BatchNorm | None, groups: int) -> tuple[Tensor, BatchNorm | None]:
    """In float64, each group of the batch by itself."""
    if norm is None:
        return x, None
    exact = BatchNorm(x.shape[1]).double()
    exact.load_state_dict(norm.state_dict())
    return torch.cat([exact(part) for part in x.chunk(groups)]), exact


@pytest.mark.usefixtures("_programs")
@pytest.mark.parametrize("normalised", [True, False], ids=["norm", "none"])
@pytest.mark.parametrize("shape", PICTURES, ids=str)
def test_both_results_and_all_gradients_are_autograds(shape: tuple[int, ...], normalised: bool) -> None:
    draw = torch.Generator().manual_seed(0)
    norm = _batch_norm(shape[1], draw) if normalised else None
    x = _picture(shape, draw, shift=5.0)  # a mean far from 0
    exact_x = x.detach().double().requires_grad_()
    y, exact = _plain(exact_x, norm, 1)
    expected = F.leaky_relu(y, 0.2), F.relu(y)
    found = between(x, Layer(norm, leaky=True, relu=True))
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one.double(), other, **CLOSE)
    towards = [torch.randn(shape, generator=draw) for _ in range(2)]
    sum((value * to).sum() for value, to in zip(found, towards, strict=True)).backward()  # type: ignore[union-attr]
    sum((value * to).sum() for value, to in zip(expected, towards, strict=True)).backward()  # type: ignore[union-attr]
    if x[:, 0].numel() > 1:  # of a single value nothing is left; the plain layer says 0 there too, but takes it of a difference
        torch.testing.assert_close(x.grad.double(), exact_x.grad, **CLOSE)  # type: ignore[union-attr]
    else:
        assert normalised == (not x.grad.any())  # type: ignore[union-attr]
    if norm is not None and exact is not None:
        for name, parameter in norm.named_parameters():
            torch.testing.assert_close(parameter.grad.double(), exact.get_parameter(name).grad, rtol=2e-5, atol=2e-4)  # type: ignore[union-attr]
        for name, buffer in norm.named_buffers():
            torch.testing.assert_close(buffer.double(), exact.get_buffer(name).double(), **CLOSE)


@pytest.mark.usefixtures("_programs")
@pytest.mark.parametrize("shape", [(4, 8, 2, 2), (2, 40, 40, 30)], ids=str)
def test_groups_are_batches_of_their_own_one_after_another(shape: tuple[int, ...]) -> None:
    draw = torch.Generator().manual_seed(1)
    norm = _batch_norm(shape[1], draw)
    x = _picture(shape, draw)
    exact_x = x.detach().double().requires_grad_()
    y, exact = _plain(exact_x, norm, 2)
    assert exact is not None
    found, nothing = between(x, Layer(norm, leaky=True, groups=2))
    assert nothing.numel() == 0
    towards = torch.randn(shape, generator=draw)
    (found * towards).sum().backward()
    (F.leaky_relu(y, 0.2) * towards).sum().backward()
    torch.testing.assert_close(found.double(), F.leaky_relu(y, 0.2), **CLOSE)
    torch.testing.assert_close(x.grad.double(), exact_x.grad, **CLOSE)  # type: ignore[union-attr]
    for name, parameter in norm.named_parameters():
        torch.testing.assert_close(parameter.grad.double(), exact.get_parameter(name).grad, rtol=2e-5, atol=2e-4)  # type: ignore[union-attr]
    for name, buffer in norm.named_buffers():
        torch.testing.assert_close(buffer.double(), exact.get_buffer(name).double(), **CLOSE)


def test_a_skip_and_what_is_decoded_lie_in_one_picture_and_each_gets_its_gradient() -> None:
    draw = torch.Generator().manual_seed(2)
    encoder, decoder = _batch_norm(8, draw), _batch_norm(8, draw)
    down, up = _picture((2, 8, 4, 4), draw), _picture((2, 8, 4, 4), draw)
    _, skip = between(down, Layer(encoder, relu=True, joined=True))
    _, both = between(up, Layer(decoder, relu=True), None, skip)
    exact = [value.detach().double().requires_grad_() for value in (down, up)]
    expected = torch.cat([F.relu(_plain(value, norm, 1)[0]) for value, norm in zip(exact, (encoder, decoder), strict=True)], dim=1)
    torch.testing.assert_close(both.double(), expected, **CLOSE)
    towards = torch.randn(both.shape, generator=draw)
    (both * towards).sum().backward()
    (expected * towards).sum().backward()
    for value, other in zip((down, up), exact, strict=True):
        torch.testing.assert_close(value.grad.double(), other.grad, **CLOSE)  # type: ignore[union-attr]


@pytest.mark.parametrize("shape", [(2, 16, 4, 4), (1, 32, 40, 40)], ids=str)
def test_dropout_keeps_its_share_scaled_up_and_passes_gradients_where_it_kept(shape: tuple[int, ...]) -> None:
    draw = torch.Generator().manual_seed(3)
    norm = _batch_norm(shape[1], draw)
    x = _picture(shape, draw)
    layer, seeds = Layer(norm, relu=True, dropout=0.25, number=1), torch.tensor([7, 11])
    with torch.no_grad():
        whole = between(x, Layer(norm, relu=True))[1]
    _, dropped = between(x, layer, seeds)
    kept = dropped != 0
    torch.testing.assert_close(dropped[kept], whole[kept] / 0.75)
    share = float(kept[whole > 0].float().mean())
    assert abs(share - 0.75) < 4 * (0.75 * 0.25 / int((whole > 0).sum())) ** 0.5
    assert torch.equal(between(x, layer, seeds)[1], dropped), "the same seeds are the same dropout"
    assert not torch.equal(between(x, layer, seeds + 1)[1], dropped)
    assert not torch.equal(between(x, Layer(norm, relu=True, dropout=0.25, number=0), seeds)[1], dropped), "each layer has its own"
    towards = torch.randn(shape, generator=draw)
    (dropped * towards).sum().backward()
    exact_x = x.detach().double().requires_grad_()
    y, _ = _plain(exact_x, norm, 1)
    (F.relu(y) * kept / 0.75 * towards).sum().backward()
    torch.testing.assert_close(x.grad.double(), exact_x.grad, **CLOSE)  # type: ignore[union-attr]


def test_a_result_that_nobody_used_adds_no_gradient() -> None:
    draw = torch.Generator().manual_seed(4)
    norm = _batch_norm(8, draw)
    x = _picture((1, 8, 4, 4), draw)
    between(x, Layer(norm, leaky=True, relu=True))[0].sum().backward()
    exact_x = x.detach().double().requires_grad_()
    y, _ = _plain(exact_x, norm, 1)
    F.leaky_relu(y, 0.2).sum().backward()
    torch.testing.assert_close(x.grad.double(), exact_x.grad, **CLOSE)  # type: ignore[union-attr]


def test_bf16_pictures_are_worked_in_fp32_and_rounded_once() -> None:
    draw = torch.Generator().manual_seed(5)
    norm = _batch_norm(8, draw)
    x = _picture((2, 8, 8, 8), draw).detach().bfloat16()
    y, _ = _plain(x.double(), norm, 1)
    found = between(x, Layer(norm, leaky=True))[0]
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.double(), F.leaky_relu(y, 0.2), rtol=2**-7, atol=1e-5)  # the interpreter cuts off; a GPU rounds


def test_statistics_that_are_kept_are_those_of_torchs_own_layer() -> None:
    draw = torch.Generator().manual_seed(6)
    norm, torchs = _batch_norm(8, draw), nn.BatchNorm2d(8)
    torchs.load_state_dict({**norm.state_dict(), "num_batches_tracked": torch.tensor(0)})
    x = _picture((2, 8, 4, 4), draw)
    for _ in range(3):
        between(x, Layer(norm, leaky=True))
        torchs(x)
    torch.testing.assert_close(norm.running_mean, torchs.running_mean)
    torch.testing.assert_close(norm.running_var, torchs.running_var)


@pytest.mark.parametrize("normalised", [True, False], ids=["norm", "none"])
@pytest.mark.parametrize("shape", [(2, 8, 2, 2), (1, 8, 40, 40)], ids=str)
def test_what_is_no_number_is_not_hidden(shape: tuple[int, ...], normalised: bool) -> None:
    draw = torch.Generator().manual_seed(7)
    norm = _batch_norm(8, draw) if normalised else None
    x = _picture(shape, draw).detach()
    x[0, 3, 1, 1] = torch.nan
    for result in between(x, Layer(norm, leaky=True, relu=True)):
        assert torch.isnan(result[0, 3, 1, 1])
        assert torch.isnan(result).sum() == (x[:, 3].numel() if normalised else 1)


def test_a_skip_of_another_size_is_refused() -> None:
    _, skip = between(torch.randn(1, 4, 4, 4), Layer(None, relu=True, joined=True))
    with pytest.raises(ValueError, match="cannot stand beside"):
        between(torch.randn(1, 4, 8, 8), Layer(None, relu=True), None, skip)
