"""Updates of StreamsEngine are the plain engine's."""

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
from pix2pix.train.engine import PlainEngine, StreamsEngine, choose_engine, im2col
from pix2pix.train.engine.convolution_dispatch import ConvolutionPlan
from pix2pix.train.losses import Perceptual
from pix2pix.train.step import TrainingStep

SMALL = ModelSettings(ngf=4, ndf=4, crop_size=32)  # too few channels for matrix products
DEEP = ModelSettings(ngf=8, ndf=4, crop_size=64)  # eight times ngf are enough channels for the matrix products
RECIPE = TrainSettings(epochs=1, batch_size=2)
CPU = torch.device("cpu")


@pytest.fixture
def _as_on_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """All convolutions hand their gradients to the engine, and what only the CPU does is left out."""
    monkeypatch.setattr(ConvolutionPlan, "pays", lambda *_: True)
    monkeypatch.setattr(StreamsEngine, "discriminate", PlainEngine.discriminate)


def updated(
    model: ModelSettings, settings: TrainSettings, streams: bool, updates: int = 5, perceptual: Perceptual | None = None
) -> tuple[Tensor, list[Tensor]]:
    """Losses of each update, and everything that the updates changed."""
    networks, cpu = build_networks(3, 3, model, seed=0), torch.device("cpu")
    engine = StreamsEngine(cpu) if streams else PlainEngine()
    step = TrainingStep(*networks, settings, ColourPlanes("rgb", "rgb"), model.crop_size, cpu, engine=engine, perceptual=perceptual)
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
    plain, ours = (updated(model, settings, streams) for streams in (False, True))
    assert torch.equal(plain[0], ours[0])
    assert len(plain[1]) == len(ours[1])
    assert all(torch.equal(a, b) for a, b in zip(plain[1], ours[1], strict=True))


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
    plain, ours = (updated(model, replace(RECIPE, precision=precision), streams, updates=3) for streams in (False, True))
    assert (plain[0] - ours[0]).abs().max() < losses
    apart = torch.cat([(a - b).abs().flatten() for a, b in zip(plain[1], ours[1], strict=True)])
    assert 0 < float(apart.mean()) < 2e-5


@pytest.mark.usefixtures("_as_on_cuda")
def test_early_updates_are_made_of_whole_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pix2pix.train.engine.streams._UPDATE_AT", 1)  # after every single weight
    plain, ours = (updated(SMALL, RECIPE, streams) for streams in (False, True))
    assert all(torch.equal(a, b) for a, b in zip(plain[1], ours[1], strict=True))


@pytest.mark.usefixtures("_as_on_cuda")
def test_convolutions_of_a_loss_called_in_any_way_are_left_alone() -> None:
    """As a network with weights of its own calls them, or one that somebody adds."""
    head, bias = torch.full((2, 3, 3, 3), 0.1), torch.zeros(2)

    def distance(fake_b: Tensor, real_b: Tensor) -> Tensor:
        apart = (fake_b - real_b).square()
        ways = [F.conv2d(apart, head), F.conv2d(apart, head, bias, 1, 0), F.conv2d(apart, weight=head, padding="valid")]
        return torch.stack([way.mean() for way in ways]).sum()

    settings = replace(RECIPE, lambda_perceptual=1.0)
    plain, ours = (updated(SMALL, settings, streams, perceptual=distance) for streams in (False, True))
    assert torch.equal(plain[0], ours[0])
    assert all(torch.equal(a, b) for a, b in zip(plain[1], ours[1], strict=True))


@pytest.mark.usefixtures("_as_on_cuda")
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_what_another_stream_reads_stays_as_it_was_until_the_main_one_has_waited(norm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a residual network autograd adds to a gradient in place as soon as nobody holds it."""
    read: list[tuple[weakref.ref[Tensor], int]] = []
    add, collecting = StreamsEngine.add_gradients, StreamsEngine._collecting

    def watched(self: StreamsEngine, parameters: Any, compute: Any, tensors: Any) -> None:
        add(self, parameters, compute, tensors)
        # weakly, since to hold them here would be what is tested
        read.extend((weakref.ref(tensor), tensor._version) for tensor in tensors if self._wanted.issuperset(parameters))

    @contextmanager
    def to_the_end(self: StreamsEngine, *given: Any) -> Iterator[None]:
        with collecting(self, *given):
            yield
            assert read
            assert all(tensor() is not None and tensor()._version == version for tensor, version in read)
            read.clear()

    monkeypatch.setattr(StreamsEngine, "add_gradients", watched)
    monkeypatch.setattr(StreamsEngine, "_collecting", to_the_end)
    updated(replace(SMALL, generator="resnet", norm=norm), RECIPE, streams=True, updates=1)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_on_the_cpu_deep_convolutions_alone_are_matrix_products(precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[ConvolutionPlan] = []
    found = ConvolutionPlan.parameter_gradients

    def watched(self: ConvolutionPlan, *tensors: Tensor, bias: bool) -> Any:
        plans.append(self)
        return found(self, *tensors, bias=bias)

    monkeypatch.setattr(ConvolutionPlan, "parameter_gradients", watched)
    settings = replace(RECIPE, precision=precision)
    plain, ours = (updated(replace(DEEP, ngf=16), settings, streams, updates=1) for streams in (False, True))
    assert {plan.im2col for plan in plans} == {False, True}
    assert all(plan.im2col_weight for plan in plans)
    apart = torch.cat([(a - b).abs().flatten() for a, b in zip(plain[1], ours[1], strict=True)])
    assert 0 < float(apart.mean()) < 2e-5


def test_with_deterministic_algorithms_on_the_cpu_the_engine_is_plain() -> None:
    before = torch.are_deterministic_algorithms_enabled()
    try:
        torch.use_deterministic_algorithms(True)
        assert isinstance(choose_engine(RECIPE, CPU), PlainEngine)
        torch.use_deterministic_algorithms(False)
        assert isinstance(choose_engine(RECIPE, CPU), StreamsEngine)
    finally:
        torch.use_deterministic_algorithms(before)


@pytest.mark.parametrize("changes", [{"accumulate": 2}, {"d_fake_for_g": "shared"}, {"gan_mode": "wgangp"}], ids=str)
def test_an_update_in_parts_or_with_a_second_derivative_is_plain_and_so_is_one_of_several_processes(changes: dict[str, object]) -> None:
    settings, cuda = replace(RECIPE, **changes), torch.device("cuda")  # type: ignore[arg-type]
    assert isinstance(choose_engine(settings, cuda), PlainEngine) and isinstance(choose_engine(RECIPE, cuda, 2), PlainEngine)


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
    plain, ours = (ConvolutionPlan(stride, padding, transposed=False, single=single) for single in (False, True))
    close = {"rtol": 0, "atol": 1e-12}
    torch.testing.assert_close(ours.forward(x, weight, offset), plain.forward(x, weight, offset), **close)
    of_parameters = (plan.parameter_gradients(gradient, x, weight, bias=bias) for plan in (plain, ours))
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

    def watched(self: StreamsEngine, discriminator: Callable[[Tensor], Tensor], fakes: Tensor, reals: Tensor) -> tuple[Tensor, Tensor]:
        return discriminate(self, lambda pairs: (seen.append(len(pairs)), discriminator(pairs))[1], fakes, reals)  # type: ignore[arg-type]

    discriminate = StreamsEngine.discriminate
    monkeypatch.setattr(StreamsEngine, "discriminate", watched)
    plain, ours = (updated(model, settings, streams, updates=2) for streams in (False, True))
    assert seen == [2 * batch_size] * 2
    torch.testing.assert_close(ours[0], plain[0], rtol=0, atol=1e-5)
    apart = torch.cat([(a - b).abs().flatten() for a, b in zip(plain[1], ours[1], strict=True)])
    assert 0 < float(apart.mean()) < 2e-5


def test_of_two_batches_in_one_the_running_statistics_are_those_of_one_after_the_other() -> None:
    draw = torch.Generator().manual_seed(0)
    first, second = torch.randn(3, 4, 5, 5, generator=draw), 3 + 2 * torch.randn(3, 4, 5, 5, generator=draw)
    together, plain = BatchNorm(4), BatchNorm(4)
    engine = StreamsEngine(CPU)
    with engine.forward():
        found = engine.discriminate(together, first, second)
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


def test_on_cuda_each_batch_norm_of_the_real_pass_waits_for_its_own_in_the_fake_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    streams, engine = Streams(), StreamsEngine(CPU)
    engine._real_stream = streams  # type: ignore[assignment]
    monkeypatch.setattr(torch.cuda, "current_stream", lambda _: streams)
    monkeypatch.setattr(torch.cuda, "stream", lambda _: nullcontext())

    def discriminator(x: Tensor) -> Tensor:
        for layer in layers:
            x = layer(x)
            streams.log.append("layer")
        return x

    layers = [BatchNorm(2), BatchNorm(2)]
    with engine.forward():
        engine.discriminate(discriminator, torch.zeros(1, 2, 4, 4), torch.ones(1, 2, 4, 4))  # type: ignore[arg-type]
    first = ["event 1", "event 2", "layer", "event 3", "layer"]
    assert streams.log == [*first, "wait 1", "wait 2", "layer", "wait 3", "layer", "join"]


@pytest.mark.parametrize(("n", "chosen"), [(2, True), (200, False)])
def test_on_the_cpu_ds_last_layer_is_a_product_for_each_tap_where_places_are_few(n: int, chosen: bool) -> None:
    x, weight = torch.zeros(n, 128, 7, 7), torch.zeros(1, 128, 4, 4).contiguous(memory_format=torch.channels_last)
    plan = ConvolutionPlan.of(x, weight, (1, 1), (1, 1), transposed=False)
    assert plan.single == plan.pays(x.device) == chosen


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_channels_of_zeros_do_not_change_the_gradient_of_a_weight(*, transposed: bool, bias: bool) -> None:
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(2, 8 if transposed else 3, 8, 8, dtype=torch.float64, generator=draw)
    weight = torch.randn(8, 3, 4, 4, dtype=torch.float64, generator=draw)
    y = F.conv_transpose2d(x, weight, None, 2, 1) if transposed else F.conv2d(x, weight, None, 2, 1)
    gradient = torch.randn(y.shape, dtype=torch.float64, generator=draw)
    plain, padded = (
        ConvolutionPlan((2, 2), (1, 1), transposed, pad_channels=pad).parameter_gradients(gradient, x, weight, bias=bias)
        for pad in (False, True)
    )
    assert len(plain) == len(padded) == 1 + bias
    for a, b in zip(plain, padded, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


@pytest.mark.usefixtures("_as_on_cuda")
def test_a_backward_pass_that_would_lose_gradients_is_refused() -> None:
    weight = torch.nn.Parameter(torch.zeros(1, 1, 3, 3))
    with StreamsEngine(CPU).forward():
        y = F.conv2d(torch.zeros(1, 1, 4, 4), weight, None, (1, 1), (1, 1), (1, 1), 1)
    with pytest.raises(RuntimeError, match=r"needs StreamsEngine\.backward"):
        y.sum().backward()
