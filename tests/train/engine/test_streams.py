"""Updates with gradients taken beside the main work are the plain step's."""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.models.build import build_networks
from pix2pix.models.layers import BatchNorm
from pix2pix.train.engine import im2col
from pix2pix.train.engine.convolution_dispatch import Geometry
from pix2pix.train.engine.streams import InOrder, Overlap
from pix2pix.train.passes import Perceptual
from pix2pix.train.step import TrainingStep

SMALL = ModelSettings(ngf=4, ndf=4, crop_size=32)  # too few channels for matrix products
DEEP = ModelSettings(ngf=8, ndf=4, crop_size=64)  # eight times ngf are enough channels for the matrix products
RECIPE = TrainSettings(epochs=1, batch_size=2)


@pytest.fixture
def _as_on_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """All convolutions give their gradients beside the main work; what the CPU does otherwise is not done."""
    monkeypatch.setattr(Geometry, "gains", lambda *_: True)
    monkeypatch.setattr(Overlap, "both", InOrder.both)
    monkeypatch.setattr("pix2pix.train.engine.concatenation.gains", lambda _: False)


def updated(
    model: ModelSettings, settings: TrainSettings, overlap: bool, updates: int = 5, perceptual: Perceptual | None = None
) -> tuple[Tensor, list[Tensor]]:
    """Losses of each update, and everything that the updates changed."""
    networks, cpu = build_networks(3, 3, model, seed=0), torch.device("cpu")
    step = TrainingStep(*networks, settings, ColourPlanes("rgb", "rgb"), model.crop_size, cpu, overlap=overlap, perceptual=perceptual)
    draw = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    losses = []
    for _ in range(updates):
        size = settings.batch_size, 6, model.crop_size + 4, model.crop_size + 4
        images = torch.randint(0, 256, size, dtype=torch.uint8, generator=draw)
        top, left = torch.randint(0, 5, (2, settings.batch_size), generator=draw)
        losses.append(step(images, top, left, torch.tensor([True, False])[: settings.batch_size]))
    trained = [value for network in (step.generator, step.discriminator) for value in network.state_dict().values()]
    moments = [
        optimizer.state[weight]["exp_avg_sq"]
        for optimizer in (step.optimizer_g, step.optimizer_d)
        for weight in optimizer.param_groups[0]["params"]
    ]
    return torch.stack(losses), [*trained, *moments]


@pytest.mark.usefixtures("_as_on_cuda")
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"channels_last": False},
        {"gan_mode": "lsgan", "adam": "loop"},
        {"augment_d": "translate+color"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "model",
    [
        SMALL,
        replace(SMALL, generator="resnet"),
        replace(SMALL, norm="instance", upsample="resize", discriminator="pixel"),
        replace(SMALL, discriminator="multiscale", crop_size=64),
    ],
    ids=["unet", "resnet", "resize", "multiscale"],
)
def test_the_updates_are_the_plain_ones_to_the_bit(model: ModelSettings, changes: dict[str, object]) -> None:
    settings = replace(RECIPE, **changes)  # type: ignore[arg-type]
    plain, beside = (updated(model, settings, overlap) for overlap in (False, True))
    assert torch.equal(plain[0], beside[0])
    assert len(plain[1]) == len(beside[1])
    assert all(torch.equal(a, b) for a, b in zip(plain[1], beside[1], strict=True))


@pytest.mark.usefixtures("_as_on_cuda")
@pytest.mark.parametrize(
    ("model", "precision", "losses"),
    [
        (DEEP, "fp32", 1e-4),  # matrix products take their sums in another order
        (SMALL, "bf16", 1e-2),  # D's gradients on real and fake are added in fp32, by the plain step in bf16
    ],
)
def test_where_sums_are_taken_otherwise_the_updates_differ_by_rounding(model: ModelSettings, precision: str, losses: float) -> None:
    """Adam's first updates turn on the sign of a gradient, so the mean is held."""
    plain, beside = (updated(model, replace(RECIPE, precision=precision), overlap, updates=3) for overlap in (False, True))
    assert (plain[0] - beside[0]).abs().max() < losses
    apart = torch.cat([(a - b).abs().flatten() for a, b in zip(plain[1], beside[1], strict=True)])
    assert 0 < float(apart.mean()) < 2e-5


@pytest.mark.usefixtures("_as_on_cuda")
def test_early_updates_are_made_of_whole_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pix2pix.train.engine.streams._UPDATE_AT", 1)  # after every single weight
    plain, beside = (updated(SMALL, RECIPE, overlap) for overlap in (False, True))
    assert all(torch.equal(a, b) for a, b in zip(plain[1], beside[1], strict=True))


@pytest.mark.usefixtures("_as_on_cuda")
def test_convolutions_of_a_loss_called_in_any_way_are_left_alone() -> None:
    """As a network with weights of its own calls them, or one that somebody adds."""
    head, bias = torch.full((2, 3, 3, 3), 0.1), torch.zeros(2)

    def distance(fake_b: Tensor, real_b: Tensor) -> Tensor:
        apart = (fake_b - real_b).square()
        ways = [F.conv2d(apart, head), F.conv2d(apart, head, bias, 1, 0), F.conv2d(apart, weight=head, padding="valid")]
        return torch.stack([way.mean() for way in ways]).sum()

    settings = replace(RECIPE, lambda_perceptual=1.0)
    plain, beside = (updated(SMALL, settings, overlap, perceptual=distance) for overlap in (False, True))
    assert torch.equal(plain[0], beside[0])
    assert all(torch.equal(a, b) for a, b in zip(plain[1], beside[1], strict=True))


@pytest.mark.usefixtures("_as_on_cuda")
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_what_another_stream_reads_stays_as_it_was_until_the_main_one_has_waited(norm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a residual network autograd adds to a gradient in place as soon as nobody holds it."""
    read: list[tuple[weakref.ref[Tensor], int]] = []
    add, gradients = Overlap.add_gradients, Overlap.gradients

    def watched(self: Overlap, parameters: Any, compute: Any, tensors: Any) -> None:
        add(self, parameters, compute, tensors)
        # weakly, since to hold them here would be what is tested
        read.extend((weakref.ref(tensor), tensor._version) for tensor in tensors if self._wanted.issuperset(parameters))

    @contextmanager
    def to_the_end(self: Overlap, *given: Any) -> Iterator[None]:
        with gradients(self, *given):
            yield
            assert read
            assert all(tensor() is not None and tensor()._version == version for tensor, version in read)
            read.clear()

    monkeypatch.setattr(Overlap, "add_gradients", watched)
    monkeypatch.setattr(Overlap, "gradients", to_the_end)
    updated(replace(SMALL, generator="resnet", norm=norm), RECIPE, overlap=True, updates=1)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_on_the_cpu_deep_convolutions_alone_are_matrix_products(precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gathered_too: list[Geometry] = []
    found = Geometry.parameter_gradients

    def watched(self: Geometry, *tensors: Tensor, bias: bool) -> Any:
        gathered_too.append(self)
        return found(self, *tensors, bias=bias)

    monkeypatch.setattr(Geometry, "parameter_gradients", watched)
    settings = replace(RECIPE, precision=precision)
    plain, beside = (updated(replace(DEEP, ngf=16), settings, overlap, updates=1) for overlap in (False, True))
    assert {geometry.few for geometry in gathered_too} == {False, True}
    assert all(geometry.few_of_weight for geometry in gathered_too)
    apart = torch.cat([(a - b).abs().flatten() for a, b in zip(plain[1], beside[1], strict=True)])
    assert 0 < float(apart.mean()) < 2e-5


def test_where_every_machine_is_to_have_the_same_bits_autograd_does_it_all() -> None:
    def order() -> object:
        return TrainingStep(*build_networks(3, 3, SMALL, seed=0), RECIPE, ColourPlanes("rgb", "rgb"), 32, torch.device("cpu"))._order

    before = torch.are_deterministic_algorithms_enabled()
    try:
        torch.use_deterministic_algorithms(True)
        assert isinstance(order(), InOrder)
        torch.use_deterministic_algorithms(False)
        assert isinstance(order(), Overlap)
    finally:
        torch.use_deterministic_algorithms(before)


@pytest.mark.parametrize("changes", [{"accumulate": 2}, {"d_fake_for_g": "shared"}, {"gan_mode": "wgangp"}], ids=str)
def test_a_recipe_that_cannot_be_done_beside_is_done_in_order(changes: dict[str, object]) -> None:
    networks, settings = build_networks(3, 3, SMALL, seed=0), replace(RECIPE, **changes)  # type: ignore[arg-type]
    step = TrainingStep(*networks, settings, ColourPlanes("rgb", "rgb"), 32, torch.device("cpu"), overlap=True)
    assert isinstance(step._order, InOrder)


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


@pytest.mark.parametrize(("kernel", "stride", "padding"), [((4, 4), (1, 1), (1, 1)), ((1, 1), (1, 1), (0, 0)), ((3, 4), (2, 3), (0, 2))])
@pytest.mark.parametrize("bias", [False, True])
def test_a_product_for_each_tap_is_the_convolution_with_one_output(
    kernel: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int], *, bias: bool
) -> None:
    draw = torch.Generator().manual_seed(0)
    x, weight = (
        torch.randn(3, 5, 7, 6, dtype=torch.float64, generator=draw),
        torch.randn(1, 5, *kernel, dtype=torch.float64, generator=draw),
    )
    offset = torch.randn(1, dtype=torch.float64, generator=draw) if bias else None
    gradient = torch.randn(F.conv2d(x, weight, offset, stride, padding).shape, dtype=torch.float64, generator=draw)
    plain, ours = (Geometry(stride, padding, transposed=False, single=single) for single in (False, True))
    close = {"rtol": 0, "atol": 1e-12}
    torch.testing.assert_close(ours.forward(x, weight, offset), plain.forward(x, weight, offset), **close)
    of_parameters = (geometry.parameter_gradients(gradient, x, weight, bias=bias) for geometry in (plain, ours))
    for a, b in zip(*of_parameters, strict=True):
        torch.testing.assert_close(b, a, **close)


def test_of_bf16_the_sums_of_a_single_output_are_in_fp32() -> None:
    draw = torch.Generator().manual_seed(0)
    x, weight = (torch.randn(*shape, generator=draw).bfloat16() for shape in ((2, 64, 7, 7), (1, 64, 4, 4)))
    exact = F.conv2d(x.double(), weight.double(), torch.full((1,), 0.5).double(), 1, 1)
    found = im2col.single(x, weight, torch.full((1,), 0.5).bfloat16(), (1, 1), (1, 1))
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.double(), exact, rtol=2**-8, atol=1e-4)  # rounded once, at the end


@pytest.mark.parametrize("discriminator", ["patch", "pixel", "multiscale"])
@pytest.mark.parametrize("norm", ["batch", "instance"])
@pytest.mark.parametrize("batch_size", [1, 2])
def test_on_the_cpu_d_looks_at_fakes_and_real_pairs_as_one_batch_each_normalised_by_itself(
    discriminator: str, norm: str, batch_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = replace(SMALL, discriminator=discriminator, norm=norm, crop_size=64, ndf=16)
    settings = replace(RECIPE, augment_d="translate+color", batch_size=batch_size)
    seen: list[int] = []

    def watched(self: Overlap, judge: Callable[[Tensor], Tensor], first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        return both(self, lambda pairs: (seen.append(len(pairs)), judge(pairs))[1], first, second)

    both = Overlap.both
    monkeypatch.setattr(Overlap, "both", watched)
    plain, ours = (updated(model, settings, overlap, updates=2) for overlap in (False, True))
    assert seen == [2 * batch_size] * 2
    torch.testing.assert_close(ours[0], plain[0], rtol=0, atol=1e-5)
    apart = torch.cat([(a - b).abs().flatten() for a, b in zip(plain[1], ours[1], strict=True)])
    assert 0 < float(apart.mean()) < 2e-5


def test_of_two_batches_in_one_the_running_statistics_are_those_of_one_after_the_other() -> None:
    draw = torch.Generator().manual_seed(0)
    first, second = torch.randn(3, 4, 5, 5, generator=draw), 3 + 2 * torch.randn(3, 4, 5, 5, generator=draw)
    together, plain = BatchNorm(4), BatchNorm(4)
    order = Overlap(torch.device("cpu"))
    with order.convolutions():
        found = order.both(together, first, second)
    expected = plain(first), plain(second)
    for a, b in [*zip(found, expected, strict=True), *zip(together.buffers(), plain.buffers(), strict=True)]:
        torch.testing.assert_close(a, b)


class Streams:
    """In the place of CUDA's: what is recorded and waited for, in order."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.events = 0

    def record_event(self) -> str:
        self.events += 1
        self.log.append(f"event {self.events}")
        return str(self.events)

    def wait_event(self, event: str) -> None:
        self.log.append(f"wait {event}")

    def wait_stream(self, _: object) -> None:
        self.log.append("join")


def test_beside_each_other_each_layer_of_the_second_pass_waits_for_its_own_in_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    streams, order = Streams(), Overlap(torch.device("cpu"))
    order._branch = streams  # type: ignore[assignment]
    monkeypatch.setattr(torch.cuda, "current_stream", lambda _: streams)
    monkeypatch.setattr(torch.cuda, "stream", lambda _: nullcontext())

    def judge(x: Tensor) -> Tensor:
        for layer in layers:
            x = layer(x)
            streams.log.append("layer")
        return x

    layers = [BatchNorm(2), BatchNorm(2)]
    with order.convolutions():
        order.both(judge, torch.zeros(1, 2, 4, 4), torch.ones(1, 2, 4, 4))
    first = ["event 1", "event 2", "layer", "event 3", "layer"]
    assert streams.log == [*first, "wait 1", "wait 2", "layer", "wait 3", "layer", "join"]


@pytest.mark.parametrize(("n", "chosen"), [(2, True), (200, False)])
def test_on_the_cpu_ds_last_layer_is_a_product_for_each_tap_where_places_are_few(n: int, chosen: bool) -> None:
    x, weight = torch.zeros(n, 128, 7, 7), torch.zeros(1, 128, 4, 4).contiguous(memory_format=torch.channels_last)
    geometry = Geometry.of(x, weight, (1, 1), (1, 1), transposed=False)
    assert geometry.single == geometry.gains(x.device) == chosen


def test_the_gradients_of_a_cat_lie_as_its_pictures_do() -> None:
    draw = torch.Generator().manual_seed(0)
    ways = {3: torch.channels_last, 5: torch.contiguous_format}
    pictures = [torch.randn(2, c, 4, 4, generator=draw).contiguous(memory_format=way).requires_grad_() for c, way in ways.items()]
    lies: list[bool] = []
    for picture, way in zip(pictures, ways.values(), strict=True):
        picture.register_hook(lambda gradient, way=way: lies.append(gradient.is_contiguous(memory_format=way)))
    with Overlap(torch.device("cpu")).convolutions():
        joined = torch.cat(pictures, dim=1)
    assert torch.equal(joined, torch.cat(pictures, dim=1))
    gradient = torch.randn(joined.shape, generator=draw)
    joined.backward(gradient)
    assert lies == [True, True]
    assert torch.equal(torch.cat([picture.grad for picture in pictures], dim=1), gradient)  # type: ignore[misc]


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_channels_of_zeros_do_not_change_the_gradient_of_a_weight(*, transposed: bool, bias: bool) -> None:
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(2, 8 if transposed else 3, 8, 8, dtype=torch.float64, generator=draw)
    weight = torch.randn(8, 3, 4, 4, dtype=torch.float64, generator=draw)
    y = F.conv_transpose2d(x, weight, None, 2, 1) if transposed else F.conv2d(x, weight, None, 2, 1)
    gradient = torch.randn(y.shape, dtype=torch.float64, generator=draw)
    plain, padded = (
        Geometry((2, 2), (1, 1), transposed, narrow=narrow).parameter_gradients(gradient, x, weight, bias=bias) for narrow in (False, True)
    )
    assert len(plain) == len(padded) == 1 + bias
    for a, b in zip(plain, padded, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


@pytest.mark.usefixtures("_as_on_cuda")
def test_a_backward_pass_that_would_lose_gradients_is_refused() -> None:
    weight = torch.nn.Parameter(torch.zeros(1, 1, 3, 3))
    with Overlap(torch.device("cpu")).convolutions():
        y = F.conv2d(torch.zeros(1, 1, 4, 4), weight, None, (1, 1), (1, 1), (1, 1), 1)
    with pytest.raises(RuntimeError, match=r"within Overlap\.gradients"):
        y.sum().backward()
