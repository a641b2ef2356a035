"""Training speed: our loop against the usual way, data included, in turns within one process."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks import checkpoint
from benchmarks.interleave import faster, take_turns
from benchmarks.ours import OurTraining
from benchmarks.pairs import draw_pairs, prepare_pairs
from benchmarks.peer import PeerTraining
from benchmarks.row import Row
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
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
        out.append(checkpoint.row("CPU, U-Net 256, ngf 64", large.store, large.model, device))
        small = _Scale(Path(folder) / "64", ModelSettings(ngf=16, ndf=16, crop_size=64), load=72, draw=96, images=64, batch=8)
        out += small.compare(device, rounds, steps=24, precisions=precisions)
    return out


class _Scale:
    """One size of networks and pictures."""

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
        what = f"CPU, U-Net {self.model.crop_size}, ngf {self.model.ngf}, batch {self.batch}"
        out = [Row(f"{what}, {p}: whole loop with data / the usual way", faster(seconds["peer"], seconds[p])) for p in precisions]
        out.append(Row(f"{what}: whole loop with data / the same step on one batch", faster(seconds["one batch"], seconds["fp32"])))
        return out
