"""A file that `pix2pix export` wrote, in the browser: the canvas against the network in PyTorch."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pix2pix.config.model_settings import ModelSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.demo.catalogue import find_models
from pix2pix.demo.single_file import write_single_file
from pix2pix.demo.site import assemble
from pix2pix.export.export import export
from pix2pix.inference.pipeline import ImageToImage
from pix2pix.models.build import build_networks
from pix2pix.models.files import SavedModel
from tests.demo.open_page import PAGE, Demo

pytestmark = pytest.mark.browser


def untrained() -> SavedModel:
    """A small network that colours, with its first weights, as the stage train would leave it."""
    layout = ColourPlanes.of("lab", "AtoB")
    # from this size on, a U-Net has dropout, which is what the seed is for
    settings = ModelSettings(ngf=4, ndf=4, crop_size=64)
    generator, _ = build_networks(layout.channels_in, layout.channels_out, settings, seed=5)
    return SavedModel(generator, "food", "lab", "AtoB", layout, settings, "batch", 1, palette={})


def network(model: SavedModel, picture: np.ndarray, seed: int) -> np.ndarray:
    """What PyTorch makes of (H, W, 3) uint8 RGB."""
    with torch.no_grad():
        output: np.ndarray = ImageToImage(model)(torch.from_numpy(picture.copy())[None], torch.tensor([seed]))[0].numpy()
    return output


def test_the_canvas_shows_what_the_network_makes_in_pytorch_within_two_levels(
    visit: Callable[..., Demo], runtime: dict[str, Path], tmp_path: Path
) -> None:
    """With Lab and dropout, which are most of what an exported file computes; one model, as an export takes seconds."""
    model = untrained()
    export(model, tmp_path / "model.onnx", weights="fp32", sha256="0" * 64)
    write_single_file(assemble(PAGE, runtime, find_models(tmp_path, tmp_path)), tmp_path / "demo.html")
    demo = visit((tmp_path / "demo.html").as_uri(), offline=True)
    tones = np.random.default_rng(1).integers(0, 256, (30, 50), np.uint8)
    Image.fromarray(tones).resize((250, 150)).save(tmp_path / "grey.png")
    with demo.new_result():
        demo.open(tmp_path / "grey.png")
    assert within_two(demo, network(model, demo.pixels("drawing"), -1))
    with demo.new_result():
        demo.page.get_by_role("button", name="New seed").click()
    seed = int(demo.page.get_by_label("Seed").input_value())
    assert within_two(demo, network(model, demo.pixels("drawing"), seed))


def within_two(demo: Demo, expected: np.ndarray) -> bool:
    """Whether the canvas is as expected, up to how sums round."""
    return bool(np.abs(demo.pixels("result").astype(int) - expected).max() <= 2)
