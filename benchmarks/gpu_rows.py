"""Speed of training on a GPU beside the usual way; each comparison in turns within one process."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from benchmarks.gpu_checks import deterministic
from benchmarks.images import draw_jpegs, store_of
from benchmarks.ours import OurTraining, checkpoint_row
from benchmarks.peer import PeerTraining
from benchmarks.timing import Row, faster, take_turns
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.dataset import ImageDataset
from pix2pix.errors import UserError
from pix2pix.train.engine import PlainEngine, StreamsEngine

# of one update at 256 px, ngf 64, counted by hand; bytes of parameters and Adam, and of activations, half of them fused away, an image
_FLOP, _FIXED_BYTES, _IMAGE_BYTES = 86.94e9, {"tf32": 2.29e9, "bf16": 2.63e9}, {"tf32": 0.372e9, "bf16": 0.199e9}
_H200 = {"tf32": 395e12, "bf16": 790e12, "bandwidth": 4.3e12}  # FLOP/s and bytes/s; TF32 taken as half of bf16


@dataclass(frozen=True)
class Size:
    """How large to measure."""

    model: ModelSettings
    load_size: int
    images: int
    batch: int  # the larger one
    steps: int  # of a turn at batch 1
    rounds: int
    workers: int


SINGLE = TrainSettings(epochs=1, batch_size=1, precision="tf32")
FULL = Size(ModelSettings(ngf=64, ndf=64, crop_size=256), load_size=286, images=400, batch=16, steps=200, rounds=3, workers=4)
SMALL = Size(ModelSettings(ngf=4, ndf=4, crop_size=64), load_size=72, images=24, batch=4, steps=4, rounds=2, workers=0)


@dataclass(frozen=True)
class Material:
    """The same images as files and as a prepared dataset."""

    jpegs: Path
    store: ImageDataset


def material(folder: Path, size: Size) -> Material:
    """Drawn for this measurement."""
    jpegs = draw_jpegs(folder / "jpegs", count=size.images, size=size.model.crop_size)
    return Material(jpegs, store_of(sorted(jpegs.glob("*.jpg")), folder / "store", load_size=size.load_size))


def rows(images: Material, size: Size, device: torch.device) -> list[Row]:
    """The table."""
    where = f"{device}, U-Net {size.model.crop_size}, ngf {size.model.ngf}"
    out = _speed(f"{where}, batch 1, TF32", images, size, SINGLE, device, size.steps)
    larger = TrainSettings(epochs=1, batch_size=size.batch, precision="bf16")
    out += _speed(f"{where}, batch {size.batch}, bf16", images, size, larger, device, max(2, size.steps // 8))
    if device.type == "cuda":  # on the CPU `python -m benchmarks training` measures it
        out += [_compiled(where, mode, images, size, device) for mode in ("default", "max-autotune")]
    out += [_engine(where, images, size, device), _cost_of_determinism(where, images, size, device)]
    return [*out, checkpoint_row(where, images.store, size.model, device)]


def _speed(what: str, images: Material, size: Size, settings: TrainSettings, device: torch.device, steps: int) -> list[Row]:
    ours = OurTraining(images.store, size.model, settings, device)
    peer = PeerTraining(
        images.jpegs, size.model, load_size=size.load_size, batch_size=settings.batch_size, workers=size.workers, device=device
    )
    contenders: dict[str, Callable[[], object]] = {
        "peer": lambda: peer.steps(steps),
        "ours": lambda: ours.steps(steps),
        "one batch": lambda: ours.steps_on_one_batch(steps),
    }
    seconds = take_turns(contenders, size.rounds, warm_up=1)
    each, theirs = (statistics.median(seconds[name]) / steps for name in ("ours", "peer"))
    rate = f"{1 / each:.0f} steps/s, {settings.batch_size / each:.0f} images/s; the usual way {1 / theirs:.0f} steps/s"
    return [
        Row(f"{what}: whole loop with data / the usual way, {size.workers} workers", faster(seconds["peer"], seconds["ours"]), rate),
        Row(f"{what}: whole loop with data / the same step on one batch", faster(seconds["one batch"], seconds["ours"])),
        Row(f"{what}: step time / roofline of an H200", None, _roofline(size, settings, statistics.median(seconds["one batch"]) / steps)),
    ]


def _roofline(size: Size, settings: TrainSettings, seconds: float) -> str:
    if size.model != FULL.model:
        return "not counted for networks of this size"
    kind, batch = settings.precision, settings.batch_size
    least = max(_FLOP * batch / _H200[kind], (_FIXED_BYTES[kind] + _IMAGE_BYTES[kind] * batch) / _H200["bandwidth"])
    return f"{seconds / least:.2f} ({seconds * 1e3:.2f} ms, at least {least * 1e3:.2f} ms)"


def _compiled(where: str, mode: str, images: Material, size: Size, device: torch.device) -> Row:
    """train.compile against the default engine, both in captured graphs; the warm-up includes the time of compiling."""
    try:
        compiled = OurTraining(images.store, size.model, replace(SINGLE, compile=mode), device)
    except UserError as error:
        return Row(f"{where}, batch 1, TF32: train.compile {mode} / off", None, f"not measured: {error}")
    off = OurTraining(images.store, size.model, SINGLE, device)
    seconds = take_turns({"off": lambda: off.steps(size.steps), "compiled": lambda: compiled.steps(size.steps)}, size.rounds)
    return Row(f"{where}, batch 1, TF32: train.compile {mode} / off", faster(seconds["off"], seconds["compiled"]))


def _engine(where: str, images: Material, size: Size, device: torch.device) -> Row:
    engines = StreamsEngine(device), PlainEngine()
    streams, plain = (OurTraining(images.store, size.model, SINGLE, device, engine=engine) for engine in engines)
    seconds = take_turns({"plain": lambda: plain.steps(size.steps), "streams": lambda: streams.steps(size.steps)}, size.rounds)
    return Row(f"{where}, batch 1, TF32: engine of streams and im2col / plain engine", faster(seconds["plain"], seconds["streams"]))


def _cost_of_determinism(where: str, images: Material, size: Size, device: torch.device) -> Row:
    free = OurTraining(images.store, size.model, SINGLE, device)
    held = OurTraining(images.store, size.model, SINGLE, device)

    def held_steps() -> None:
        with deterministic():
            held.steps(size.steps)

    seconds = take_turns({"free": lambda: free.steps(size.steps), "held": held_steps}, size.rounds)
    return Row(f"{where}, batch 1, TF32: runtime.deterministic true / false", faster(seconds["free"], seconds["held"]))
