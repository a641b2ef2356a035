"""Training speed: our loop against the usual way, data included, in turns within one process."""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest import mock

import torch

from benchmarks.images import draw_pairs, prepare_pairs
from benchmarks.ours import OurTraining, checkpoint_row
from benchmarks.peer import PeerTraining
from benchmarks.timing import Row, faster, take_turns
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.errors import UserError
from pix2pix.system.runtime import has_bf16


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
        out += [*large.without(device, rounds, steps=4), *small.without(device, rounds, steps=24)]
        out.append(small.compiled(device, rounds, steps=24))
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

    def without(self, device: torch.device, rounds: int, *, steps: int) -> list[Row]:
        """Each part of pix2pix.train.engine that the CPU uses, switched off alone."""
        off: dict[str, Callable[[], AbstractContextManager[object]]] = {
            "nothing": nullcontext,
            "im2col": lambda: mock.patch("pix2pix.train.step.with_im2col", lambda generator: generator),
            "Adam on views": lambda: mock.patch("pix2pix.train.engine.adam.ViewAdam", torch.optim.Adam),
        }
        turns: dict[str, Callable[[], object]] = {}
        for part, without in off.items():
            with without():
                training = OurTraining(self.store, self.model, TrainSettings(epochs=1, batch_size=self.batch), device)
            turns[part] = partial(training.steps, steps)
        seconds = take_turns(turns, rounds)
        parts = [part for part in off if part != "nothing"]
        return [Row(f"{self._what()}, fp32: with {part} / without", faster(seconds[part], seconds["nothing"])) for part in parts]

    def compiled(self, device: torch.device, rounds: int, *, steps: int) -> Row:
        """train.compile beside the default; the time of compiling is in the warm-up."""
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
