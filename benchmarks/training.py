"""Training speed: our loop against the usual way, data included, in turns within one process."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from benchmarks.images import draw_pairs, prepare_pairs
from benchmarks.ours import OurTraining, checkpoint_row
from benchmarks.peer import PeerTraining
from benchmarks.timing import Row, faster, take_turns
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.errors import UserError
from pix2pix.models.build import build_networks
from pix2pix.system.runtime import has_bf16
from pix2pix.train.engine import PlainEngine, StreamsEngine
from pix2pix.train.engine.adam import ViewAdam


def rows(rounds: int = 5) -> list[Row]:
    """CPU rows: U-Net 256 at batch 1, and the sample's scale."""
    device = torch.device("cpu")
    out: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        large = _Scale(Path(folder) / "256", ModelSettings(ngf=64, ndf=64, crop_size=256), load=286, draw=256, images=12, batch=1)
        precisions = ["fp32", "bf16"] if has_bf16(device) else ["fp32"]
        out += large.compare(device, rounds, steps=4, precisions=precisions)
        if not has_bf16(device):
            out.append(Row("CPU, bf16", None, "not measured: this CPU has no bf16 instructions"))
        out.append(checkpoint_row("CPU, U-Net 256, ngf 64", large.store, large.model, device))
        small = _Scale(Path(folder) / "64", ModelSettings(ngf=16, ndf=16, crop_size=64), load=72, draw=96, images=64, batch=8)
        out += small.compare(device, rounds, steps=24, precisions=precisions)
        out += [large.engines(device, rounds, steps=4), small.engines(device, rounds, steps=24)]
        out += [large.adam(rounds), small.compiled(device, rounds, steps=24)]
    return out


class _Scale:
    """One size of networks and images."""

    def __init__(self, folder: Path, model: ModelSettings, *, load: int, draw: int, images: int, batch: int) -> None:
        folder.mkdir()
        self.jpegs = draw_pairs(folder, count=images, size=draw)
        self.store = prepare_pairs(self.jpegs, folder / "prepared", load_size=load, crop_size=model.crop_size)
        self.model, self.load, self.batch = model, load, batch

    def compare(self, device: torch.device, rounds: int, *, steps: int, precisions: list[str]) -> list[Row]:
        """Ratios to the usual way, and of the loop to its own step on one batch."""
        peer = PeerTraining(self.jpegs, self.model, load_size=self.load, batch_size=self.batch, workers=0, device=device)
        base = TrainSettings(epochs=1, batch_size=self.batch)
        ours = {precision: OurTraining(self.store, self.model, replace(base, precision=precision), device) for precision in precisions}
        contenders: dict[str, Callable[[], object]] = {"peer": lambda: peer.steps(steps)}
        for precision, training in ours.items():
            contenders[precision] = lambda training=training: training.steps(steps)  # type: ignore[misc]
        contenders["one batch"] = lambda: ours["fp32"].steps_on_one_batch(steps)
        seconds = take_turns(contenders, rounds)
        what = self._what()
        out = [Row(f"{what}, {p}: whole loop with data / the usual way", faster(seconds["peer"], seconds[p])) for p in precisions]
        out.append(Row(f"{what}: whole loop with data / the same step on one batch", faster(seconds["one batch"], seconds["fp32"])))
        return out

    def engines(self, device: torch.device, rounds: int, *, steps: int) -> Row:
        """im2col, one batch for D, and Adam on views, beside the plain engine."""
        settings = TrainSettings(epochs=1, batch_size=self.batch)
        engines = StreamsEngine(device), PlainEngine()
        ours, plain = (OurTraining(self.store, self.model, settings, device, engine=engine) for engine in engines)
        seconds = take_turns({"plain": lambda: plain.steps(steps), "ours": lambda: ours.steps(steps)}, rounds)
        return Row(f"{self._what()}, fp32: engine of streams and im2col / plain engine", faster(seconds["plain"], seconds["ours"]))

    def adam(self, rounds: int) -> Row:
        """Fused Adam on views of the generator's channels_last weights, beside PyTorch's own."""
        generator = build_networks(3, 3, self.model, seed=0)[0].to(memory_format=torch.channels_last)
        weights = list(generator.parameters())
        gradients = [torch.randn_like(weight) for weight in weights]

        def steps(optimizer: torch.optim.Optimizer) -> None:
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.grad = gradient
            optimizer.step()

        contenders = {kind.__name__: partial(steps, kind(weights, lr=1e-4, fused=True)) for kind in (torch.optim.Adam, ViewAdam)}
        seconds = take_turns(contenders, rounds)
        return Row(f"{self._what()}: an update of Adam on views / PyTorch's own", faster(seconds["Adam"], seconds["ViewAdam"]))

    def compiled(self, device: torch.device, rounds: int, *, steps: int) -> Row:
        """train.compile beside the default engine; the time of compiling is in the warm-up."""
        what, settings = f"{self._what()}, fp32: train.compile default / off", TrainSettings(epochs=1, batch_size=self.batch)
        try:
            compiled = OurTraining(self.store, self.model, replace(settings, compile="default"), device)
        except UserError as error:
            return Row(what, None, f"not measured: {error}")
        off = OurTraining(self.store, self.model, settings, device)
        seconds = take_turns({"off": lambda: off.steps(steps), "compiled": lambda: compiled.steps(steps)}, rounds)
        return Row(what, faster(seconds["off"], seconds["compiled"]))

    def _what(self) -> str:
        return f"CPU, U-Net {self.model.crop_size}, ngf {self.model.ngf}, batch {self.batch}"
