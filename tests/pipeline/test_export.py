"""What the stage export leaves: a file that other programs run, and a card that says what was measured."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pix2pix.predict.find_model import find_backend
from tests.pipeline.clone import CHAINS
from tests.pipeline.conftest import Reproduced

pytestmark = pytest.mark.pipeline


@pytest.mark.parametrize("chain", CHAINS)
def test_the_exported_model_draws_what_the_trained_one_does(reproduced: Reproduced, chain: str) -> None:
    data = reproduced.clone.root / "data"
    exported, trained = (find_backend(str(data / part), None, Path()) for part in (f"export/{chain}/model.onnx", f"models/{chain}"))
    assert exported.description.dataset == chain and exported.description.weights == "int8"
    assert exported.description.model_sha256 == trained.description.model_sha256
    assert exported.description.licence == "Drawn by this project's own program."
    inputs = sorted((data / f"predictions/{chain}/inputs").glob("*.png"))
    pictures = np.stack([np.asarray(Image.open(path).convert("RGB")) for path in inputs])
    apart = np.abs(exported(pictures, -1).astype(int) - trained(pictures, -1))
    assert apart.mean() < 2  # of 255 levels: weights of 8 bits


@pytest.mark.parametrize("chain", CHAINS)
def test_the_card_beside_it_has_the_measurements_and_its_pictures(reproduced: Reproduced, chain: str) -> None:
    folder = reproduced.clone.root / "data/export" / chain
    text = (folder / "README.md").read_text()
    figures = reproduced.clone.metrics(chain)
    assert f'"value": {figures["l1"]}' in text and "reference (real vs. real)" in text
    assert "source: sample" in text and "(examples.png)" in text
    with Image.open(folder / "examples.png") as picture:
        assert picture.size == (3 * 32 + 2 * 4, 3 * (32 + 4) - 4)  # three pictures of 32 px were inferred
