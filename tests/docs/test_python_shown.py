"""The Python that the pages show runs as it stands."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.demo.onnx_models import generated, write_model
from tests.docs.pages import blocks
from tests.inference.models import folder, model, noise_image

SHOWN = {body.splitlines()[0]: body for _, body in blocks("python")}


@pytest.mark.parametrize("code", SHOWN.values(), ids=SHOWN)
def test_python_that_is_shown_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder(Path("data/models/facades"), model())
    write_model(Path("data/export/facades/model.onnx"))
    image = noise_image(48, 80)
    Image.fromarray(image).save("photo.png")
    exec(compile(code, "guide", "exec"), {})
    output = np.asarray(Image.open("output.png"))
    assert output.shape == image.shape
    if "onnxruntime" in code:
        assert np.abs(output.astype(int) - generated(image)).max() <= 1
