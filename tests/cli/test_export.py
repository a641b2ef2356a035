"""`pix2pix export` and `pix2pix card` as a person types them, and an exported file used in the model's place."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pix2pix.cli.main import main
from tests.inference.models import folder, model, noise_image


def test_an_exported_file_stands_in_for_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder(Path("model"), model())
    Image.fromarray(noise_image(40, 50)).save("a.png")
    assert main(["export", "--model", "model", "--output", "m.onnx"]) == 0
    assert "compared with the model: at most" in capsys.readouterr().out
    for name in ("model", "m.onnx"):
        assert main(["predict", "--model", name, "--input", "a.png", "--output", f"out-{name}", "--seed", "3"]) == 0
    drawn = [np.asarray(Image.open(f"out-{name}/a.png")).astype(int) for name in ("model", "m.onnx")]
    assert np.abs(drawn[0] - drawn[1]).max() <= 2
    assert main(["predict", "--model", "m.onnx", "--norm", "batch", "--input", "a.png", "--output", "out"]) == 1
    assert "was exported with running statistics, for good" in capsys.readouterr().err
    assert main(["export", "--model", "m.onnx", "--output", "again.onnx"]) == 1
    assert "m.onnx is a file: name the model that it was made from" in capsys.readouterr().err


def test_the_card_is_written_beside_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder(Path("model"), model(dataset="mine"))
    assert main(["card", "--model", "model", "--output", "model/README.md"]) == 0
    assert "# pix2pix, mine" in Path("model/README.md").read_text(encoding="utf-8")
    assert main(["predict", "--model", "model", "--input", "nothing.png", "--output", "out"]) == 1
