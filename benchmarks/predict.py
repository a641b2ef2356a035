"""Use of a trained model: speed beside the plain way, size and error of exported files, memory: a part of `python -m benchmarks`.

The networks have the published shapes (U-Net, 256 px) and random weights, as the time does not depend on training. The error of an export
does: `pix2pix export` prints that of a trained model.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.timing import Row, faster, take_turns
from pix2pix.config.model_settings import ModelSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.export.compress import WEIGHTS
from pix2pix.export.export import export
from pix2pix.inference.backends import TorchBackend
from pix2pix.inference.pipeline import ImageToImage
from pix2pix.models.build import build_networks
from pix2pix.models.files import SavedModel
from pix2pix.system.runtime import has_bf16
from pix2pix.system.terminal import human_bytes

SIZE, PICTURES = 256, 8
WIDTHS = (16, 64)  # of the sample's networks, and of the published ones
LARGE = (1536, 1024)  # pixels of the image that memory is measured with


def rows(rounds: int = 5) -> list[Row]:
    """Speed, file sizes with errors, and memory a megapixel, for a narrow and for the published network."""
    speeds = [row for ngf in WIDTHS for norm in ("running", "batch") for row in speed(ngf, norm, rounds)]
    return [*speeds, *(row for ngf in WIDTHS for row in exports(ngf)), *(memory(ngf) for ngf in WIDTHS)]


def drawn_model(ngf: int, norm: str = "running", size: int = SIZE) -> SavedModel:
    """A generator of the published shape with weights of about a trained one's size, drawn from a fixed seed."""
    settings = ModelSettings(ngf=ngf, ndf=4, crop_size=size)
    generator, _ = build_networks(3, 3, settings, seed=0)
    with torch.no_grad():
        for module in generator.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                module.weight *= 2
    return SavedModel(generator, "drawn", "pairs", "AtoB", ColourPlanes.of("pairs", "AtoB"), settings, norm, 0)


def drawn() -> np.ndarray:
    """(n, 256, 256, 3) uint8."""
    return np.random.default_rng(0).integers(0, 256, (PICTURES, SIZE, SIZE, 3), dtype=np.uint8)


def speed(ngf: int, norm: str, rounds: int) -> list[Row]:
    """Images per second against the plain eager loop: one at a time, fp32, NCHW; `batch`: in training mode, as the references do."""
    model, images, cpu = drawn_model(ngf, norm), drawn(), torch.device("cpu")
    precisions = ("fp32", "bf16") if has_bf16(cpu) else ("fp32",)
    backends = {precision: TorchBackend(ImageToImage(model, norm), device=cpu, precision=precision) for precision in precisions}
    plain = model.generator.train(norm == "batch")
    for module in plain.modules():
        if isinstance(module, nn.Dropout):
            module.eval()

    @torch.no_grad()
    def peer() -> np.ndarray:
        outputs = []
        for image in images:
            real_a = torch.from_numpy(image).permute(2, 0, 1)[None].float().contiguous() / 127.5 - 1
            output = (plain(real_a)[0].permute(1, 2, 0) * 127.5 + 127.5).round().clamp(0, 255)
            outputs.append(output.to(torch.uint8).numpy())
        return np.stack(outputs)

    ours: dict[str, Callable[[], object]] = {name: lambda backend=backend: backend(images, -1) for name, backend in backends.items()}  # type: ignore[misc]
    seconds, out = take_turns({"peer": peer, **ours}, rounds), []
    for precision, backend in backends.items():
        gaps = np.abs(backend(images, -1).astype(int) - peer())
        rate = f"{PICTURES / sorted(seconds[precision])[rounds // 2]:.1f} images/s"
        note = f"{rate}; outputs differ by {gaps.max()} of 255 levels at most, {gaps.mean():.2f} on average"
        what = f"predict --size, {PICTURES} of {SIZE} px, ngf {ngf}, {norm} statistics, {precision}, against the eager loop at batch 1"
        out.append(Row(what, faster(seconds["peer"], seconds[precision]), note))
    return out


def exports(ngf: int) -> list[Row]:
    """Size of the ONNX file and error against the model, for each way to store its weights."""
    model, out = drawn_model(ngf), []
    with tempfile.TemporaryDirectory() as folder:
        for weights in WEIGHTS:
            done = export(model, Path(folder) / "model.onnx", weights=weights, sha256="")
            out.append(Row(f"export to ONNX, ngf {ngf}, {weights}", None, f"{human_bytes(done.bytes)}; {done.difference}"))
    return out


def memory(ngf: int) -> Row:
    """Peak growth of a process for one image, per megapixel; measured in a process of its own."""
    grown = int(subprocess.run([sys.executable, "-m", "benchmarks.predict", str(ngf)], capture_output=True, text=True, check=True).stdout)
    return Row(f"memory a megapixel, ngf {ngf}", None, f"{grown / (LARGE[0] * LARGE[1] / 1e6) / 2**30:.2f} GiB")


def _grown(ngf: int) -> int:
    """Bytes that one large image takes at the peak, without those of the model itself."""
    backend = TorchBackend(ImageToImage(drawn_model(ngf)), device=torch.device("cpu"))
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from here
    before = _resident("VmRSS")
    backend(np.zeros((1, *LARGE, 3), np.uint8), -1)
    return _resident("VmHWM") - before


def _resident(which: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(which)).split()[1]) * 1024


if __name__ == "__main__":
    print(_grown(int(sys.argv[1])))
