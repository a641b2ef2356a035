"""What must hold on a GPU before its speed means anything: the captured graph, bf16, resuming."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.ours import OurTraining
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.dataset import ImageDataset
from pix2pix.errors import UserError
from pix2pix.train.checkpoint import Checkpoint
from pix2pix.train.engine import Engine, PlainEngine, StreamsEngine
from pix2pix.train.loop import Interrupted, Training
from pix2pix.train.progress import Trained

_UPDATES = 10
_NETWORKS: dict[str, dict[str, object]] = {
    "U-Net": {},
    "residual, not normalised": {"generator": "resnet", "norm": "none"},
    "resize convolutions, two scales, by instance": {"upsample": "resize", "discriminator": "multiscale", "norm": "instance"},
}
_FIRST = 3  # updates whose losses are compared with another device's; later, rounding has flipped signs in Adam's updates


@dataclass(frozen=True)
class Check:
    """A promise, whether it holds, and what was found."""

    promise: str
    holds: bool
    found: str


@contextmanager
def deterministic() -> Iterator[None]:
    """PyTorch's deterministic algorithms, as `runtime.deterministic` has them."""
    benchmark = torch.backends.cudnn.benchmark
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)
        torch.backends.cudnn.benchmark = benchmark


def checks(store: ImageDataset, model: ModelSettings, batch_size: int, device: torch.device) -> list[Check]:
    """Run all checks. On the CPU, which has no graph, the first ones compare a computation with itself."""
    plain, settings = replace(model, dropout=0.0), TrainSettings(epochs=1, batch_size=batch_size, precision="fp32")
    with deterministic():
        eager, graph = (_updated(store, model, replace(settings, graph=kind), device) for kind in ("off", "auto"))
        here = _updated(store, plain, settings, device)
    on_cpu = _updated(store, plain, settings, torch.device("cpu"))
    halved = _updated(store, plain, replace(settings, precision="bf16"), device)
    apart, half = _apart(on_cpu.losses[:_FIRST], here.losses[:_FIRST]), _apart(here.losses[0], halved.losses[0])
    same = torch.equal(eager.losses, graph.losses) and torch.equal(eager.weights, graph.weights)
    return [
        Check(f"graph: {_UPDATES} updates are the eager step's bit for bit, dropout and all", same, ""),
        Check(f"fp32: the losses of the first {_FIRST} updates are the CPU's plain step's", apart < 0.01, f"{apart:.1e} apart"),
        Check("bf16: the losses of the first update are fp32's", half < 0.03, f"{half:.1e} apart"),
        *_streams_change_nothing(store, plain, settings, device),
        _compiled_losses_are_plain(store, plain, settings, device, here.losses),
        _dropout_is_drawn_anew(store, model, settings, device),
        _the_rate_reaches_the_graph(store, plain, settings, device),
        *_resumes(store, model, replace(settings, epochs=2, checkpoint_seconds=1e-9), device),
    ]


@dataclass(frozen=True)
class _Updated:
    losses: Tensor  # of each update
    weights: Tensor  # and statistics, of both networks


def _updated(
    store: ImageDataset, model: ModelSettings, settings: TrainSettings, device: torch.device, *, engine: Engine | None = None
) -> _Updated:
    torch.manual_seed(0)
    training = OurTraining(store, model, settings, device, engine=engine)
    losses = torch.stack([training.step(*next(training.batches)) for _ in range(_UPDATES)]).cpu()
    return _Updated(losses, _all_values(training))


def _streams_change_nothing(store: ImageDataset, model: ModelSettings, settings: TrainSettings, device: torch.device) -> Iterator[Check]:
    """Several CUDA streams against one, for networks with different backward passes."""
    eager = replace(settings, graph="off")
    for what, changes in _NETWORKS.items():
        networks = replace(model, **changes)  # type: ignore[arg-type]
        with deterministic():
            beside, again = (_updated(store, networks, eager, device, engine=StreamsEngine(device)) for _ in range(2))
            in_order = _updated(store, networks, eager, device, engine=PlainEngine())
        apart = _apart(in_order.losses[:_FIRST], beside.losses[:_FIRST])
        same = torch.equal(beside.losses, again.losses) and torch.equal(beside.weights, again.weights)
        found = f"{apart:.1e} apart; a second time {'the same bits' if same else 'OTHER bits'}"
        yield Check(f"streams: the losses of the first {_FIRST} updates are those of one queue, {what}", apart < 0.01 and same, found)


def _compiled_losses_are_plain(
    store: ImageDataset, model: ModelSettings, settings: TrainSettings, device: torch.device, plain: Tensor
) -> Check:
    promise = f"train.compile: the losses of the first {_FIRST} updates are those without it"
    if device.type == "cpu":
        return Check(promise, True, "not tried on the CPU, where tests/train/engine/test_compiled.py does")
    try:
        compiled = _updated(store, model, replace(settings, compile="default"), device)
    except UserError as error:
        return Check(promise, False, str(error))
    apart = _apart(plain[:_FIRST], compiled.losses[:_FIRST])
    return Check(promise, apart < 0.01, f"{apart:.1e} apart")


def _all_values(training: OurTraining) -> Tensor:
    networks = (training.training_step.generator, training.training_step.discriminator)
    values = [value for network in networks for value in network.state_dict().values()]
    return torch.cat([value.detach().flatten().float().cpu() for value in values])


def _weights(training: OurTraining) -> Tensor:
    return torch.cat([parameter.detach().flatten().cpu() for parameter in training.training_step.generator.parameters()])


def _apart(a: Tensor, b: Tensor) -> float:
    return float(((a - b).abs() / a.abs().clamp(min=1e-6)).max())


def _dropout_is_drawn_anew(store: ImageDataset, model: ModelSettings, settings: TrainSettings, device: torch.device) -> Check:
    training = OurTraining(store, model, replace(settings, lr=0.0), device)
    batch = next(training.batches)
    found = {round(float(training.step(*batch)[1]), 7) for _ in range(4)}
    return Check("dropout is drawn anew at every update", len(found) > 1, f"{len(found)} different L1 losses of 4 on one batch at rate 0")


def _the_rate_reaches_the_graph(store: ImageDataset, model: ModelSettings, settings: TrainSettings, device: torch.device) -> Check:
    training = OurTraining(store, model, settings, device)
    training.steps(3)
    before = _weights(training)
    training.training_step.set_lr(0.0)
    training.steps(2)
    still = torch.equal(before, _weights(training))
    training.training_step.set_lr(2e-4)
    training.steps(1)
    moves = not torch.equal(before, _weights(training))
    return Check("a change of the rate reaches the captured graph", still and moves, f"rate 0: {still}, then up again: {moves}")


def _resumes(store: ImageDataset, model: ModelSettings, settings: TrainSettings, device: torch.device) -> list[Check]:
    """Two runs and one that was stopped twice agree bit for bit with deterministic algorithms, dropout and all."""
    steps = -(-len(store) // settings.batch_size)
    with deterministic(), tempfile.TemporaryDirectory() as folder:
        whole, again = (_trained(store, model, settings, device, Path(folder) / name, lambda: False) for name in "ab")
        for stop in (_after(2), _after(steps)):
            try:
                _trained(store, model, settings, device, Path(folder) / "c", stop)
            except Interrupted:
                continue
        resumed = _trained(store, model, settings, device, Path(folder) / "c", lambda: False)
    return [
        Check("deterministic: two runs agree bit for bit", _same(whole, again), ""),
        Check("deterministic: a resumed run agrees bit for bit", resumed.resumed and _same(whole, resumed), "stopped twice"),
    ]


def _trained(
    store: ImageDataset, model: ModelSettings, settings: TrainSettings, device: torch.device, folder: Path, stop: Callable[[], bool]
) -> Trained:
    with Checkpoint(folder, "key") as checkpoint:
        return Training(store, None, model, settings, seed=0, device=device, checkpoint=checkpoint, stop=stop).run()


def _after(steps: int) -> Callable[[], bool]:
    left = iter(range(steps - 1))
    return lambda: next(left, None) is None


def _same(a: Trained, b: Trained) -> bool:
    one, other = a.generator.state_dict(), b.generator.state_dict()
    # rows hold NaN where there is no validation split, which equals nothing
    return repr(a.rows) == repr(b.rows) and all(torch.equal(one[name], other[name]) for name in one)
