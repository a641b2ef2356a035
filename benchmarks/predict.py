"""Use of a trained model, beside the plain way: a part of `python -m benchmarks`.

The network has the published shape (U-Net, 256 px) and random weights, as the time does not depend on training.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from benchmarks.timing import Row, faster, take_turns
from pix2pix.config.model_settings import ModelSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.inference.backends import TorchBackend
from pix2pix.inference.pipeline import ImageToImage
from pix2pix.models.build import build_networks
from pix2pix.models.files import SavedModel
from pix2pix.system.runtime import has_bf16

SIZE, PICTURES = 256, 8
NGF = 64  # of the published network


def drawn_model(ngf: int, size: int = SIZE) -> SavedModel:
    """A generator of the published shape with weights of about a trained one's size, drawn from a fixed seed."""
    settings = ModelSettings(ngf=ngf, ndf=4, crop_size=size)
    generator, _ = build_networks(3, 3, settings, seed=0)
    with torch.no_grad():
        for module in generator.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                module.weight *= 2
    return SavedModel(generator, "drawn", "pairs", "AtoB", ColourPlanes.of("pairs", "AtoB"), settings, "running", 0)


def drawn() -> np.ndarray:
    """(n, 256, 256, 3) uint8."""
    return np.random.default_rng(0).integers(0, 256, (PICTURES, SIZE, SIZE, 3), dtype=np.uint8)


def rows(rounds: int = 5) -> list[Row]:
    """Images per second against the plain eager loop: one at a time, fp32, NCHW."""
    model, images, cpu = drawn_model(NGF), drawn(), torch.device("cpu")
    precisions = ("fp32", "bf16") if has_bf16(cpu) else ("fp32",)
    backends = {precision: TorchBackend(ImageToImage(model), device=cpu, precision=precision) for precision in precisions}
    plain = model.generator.eval()

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
        what = f"predict --size, {PICTURES} of {SIZE} px, ngf {NGF}, {precision}, against the eager loop at batch 1"
        out.append(Row(what, faster(seconds["peer"], seconds[precision]), note))
    return out
