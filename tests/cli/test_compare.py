"""`pix2pix compare` as a person types it, with the real feature network."""

import io
import json
import os
import re
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from pix2pix.cli.main import main

REAL_DATA = os.environ.get("PIX2PIX_REAL_DATA")
STEMS = [str(i) for i in range(1, 7)]


def fill(folder: Path, seed: int, size: int = 40) -> Path:
    folder.mkdir(parents=True)
    for place, stem in enumerate(STEMS):
        small = np.random.default_rng((seed, place)).integers(0, 256, (5, 5, 3), dtype=np.uint8)
        Image.fromarray(small).resize((size, size), Image.Resampling.BICUBIC).save(folder / f"{stem}.png")
    return folder


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders a and b, and targets; the working directory is there, with no weights in torch's cache."""
    for seed, name in enumerate(("a", "b", "targets")):
        fill(tmp_path / name, seed)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path


def trunk(path: Path) -> Path:
    """A file with the names and shapes of torchvision's AlexNet and random values."""
    generator, state = torch.Generator().manual_seed(0), {}
    for index, shape in ((0, (64, 3, 11, 11)), (3, (192, 64, 5, 5)), (6, (384, 192, 3, 3)), (8, (256, 384, 3, 3)), (10, (256, 256, 3, 3))):
        state[f"features.{index}.weight"] = nn.init.kaiming_normal_(torch.empty(shape), generator=generator)
        state[f"features.{index}.bias"] = torch.zeros(shape[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, path)
    return path


def test_figures_go_to_the_terminal_to_json_and_to_a_page(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "a", "b", "--target", "targets", "--json", "out/figures.json", "--html", "out/page.html"]) == 0
    output = capsys.readouterr().out
    assert "6 images, with 95 % intervals; differences are to a" in output
    assert "KID Lite0" in output and "Note: 6 images are too few for FD Lite0" in output
    assert "Note: LPIPS is off, as it needs AlexNet's weights" in output
    found = json.loads((folders / "out/figures.json").read_text())
    assert list(found) == ["a", "b"]
    assert set(found["a"]) == {"l1", "psnr", "ssim", "lpips", "fd_efficientnet_lite0", "kid_efficientnet_lite0"}
    assert {"value", "low", "high"} <= set(found["a"]["l1"])
    assert found["a"]["lpips"] is None
    assert "<!doctype html>" in (folders / "out/page.html").read_text()
    assert not list(folders.rglob("*.partial"))


def test_lpips_joins_in_with_weights_by_path_or_from_torchvisions_place(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = trunk(folders / "alexnet.pth")
    figures = []
    for options in (["--lpips-weights", str(given)], []):
        assert main(["compare", "a", "--target", "targets", "--json", "figures.json", *options]) == 0
        figures.append(json.loads((folders / "figures.json").read_text())["a"]["lpips"])
        given = given.rename(trunk(folders / "torch/hub/checkpoints/alexnet-owt-7be5be79.pth"))
    assert figures[0]["value"] > 0
    assert figures[0] == figures[1]
    assert "LPIPS is off" not in capsys.readouterr().out


def test_images_too_small_for_lpips_leave_it_out_with_a_note(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(folders / "small", 0, size=20)
    fill(folders / "small-targets", 1, size=20)
    assert main(["compare", "small", "--target", "small-targets", "--lpips-weights", str(trunk(folders / "alexnet.pth"))]) == 0
    assert "LPIPS is off, as it needs images of at least 31 pixels a side: one has 20" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a", "gone", "--target", "targets"], "gone is no folder"),
        (["a"], "name the folder with --target"),
        (["a", "--target", "gone"], "gone cannot be read as a folder"),
        (["a", "--target", "targets", "--lpips-weights", "gone.pth"], "--lpips-weights gone.pth: there is no such file"),
        (["a", "a", "--target", "targets"], "a: named twice"),
    ],
)
def test_mistakes_are_reported_in_one_message_and_nothing_is_written(
    folders: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["compare", *arguments, "--json", "figures.json", "--html", "page.html"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("pix2pix: ") and message in said
    assert not (folders / "figures.json").exists() and not (folders / "page.html").exists()


def test_a_place_that_cannot_be_written_is_named_after_the_figures(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folders / "file").write_text("no folder")
    for option in ("--json", "--html"):
        assert main(["compare", "a", "--target", "targets", option, "file/out"]) == 1
        output = capsys.readouterr()
        assert "L1 (lower is better)" in output.out
        assert re.search(r"pix2pix: .* cannot be written: (Not a directory|File exists)", output.err)


def test_a_missing_image_is_named_and_common_goes_on_without(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folders / "b" / "3.png").unlink()
    assert main(["compare", "a", "b", "--target", "targets"]) == 1
    assert re.search(r"b lacks 1 of the 6 images in targets: 3\b", capsys.readouterr().err)
    assert main(["compare", "a", "b", "--target", "targets", "--common"]) == 0
    output = capsys.readouterr().out
    assert output.startswith("5 images")
    assert "Note: b lacks 1 of the 6 images in targets: 3." in output


@pytest.mark.skipif(REAL_DATA is None, reason="PIX2PIX_REAL_DATA names no folder with the real archives")
def test_a_peers_published_outputs_come_out_with_their_known_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quality = Path(REAL_DATA or "").resolve().parent / "quality"
    outputs, trunk = quality / "facades_val_pix2pix-tensorflow.zip", quality / "alexnet_features_lpips.pth"
    if not (outputs.is_file() and trunk.is_file()):
        pytest.skip(f"no outputs of a peer in {quality}")
    monkeypatch.chdir(tmp_path)
    for name in ("photos", "labels"):
        Path(name).mkdir()
    with zipfile.ZipFile(outputs) as archive:
        archive.extractall("peer")
    with tarfile.open(Path(REAL_DATA or "") / "facades.tar.gz") as archive:
        for member in archive:
            if re.search(r"/val/[^/]+\.jpg$", member.name):
                file = archive.extractfile(member)
                assert file is not None
                pair, stem = Image.open(io.BytesIO(file.read())), Path(member.name).stem
                pair.crop((0, 0, 256, 256)).save(f"photos/{stem}.png")
                pair.crop((256, 0, 512, 256)).save(f"labels/{stem}.png")
    assert main(["compare", "peer", "labels", "--target", "photos", "--json", "figures.json", "--lpips-weights", str(trunk)]) == 0
    found: dict[str, Any] = json.loads(Path("figures.json").read_text())
    known = {"peer": (0.1750, 12.87, 0.2648, 0.4192, 100.4, 0.0637), "labels": (0.4074, 6.44, 0.0748, 0.7444, 350.9, 0.6202)}
    for name, (l1, psnr, ssim, lpips, frechet, kid) in known.items():
        figures = {metric: figure["value"] for metric, figure in found[name].items()}
        assert figures["l1"] == pytest.approx(l1, abs=1e-3)
        assert figures["psnr"] == pytest.approx(psnr, abs=1e-2)
        assert figures["ssim"] == pytest.approx(ssim, abs=1e-3)
        assert figures["lpips"] == pytest.approx(lpips, abs=2e-3)
        assert figures["fd_efficientnet_lite0"] == pytest.approx(frechet, rel=0.01)
        assert figures["kid_efficientnet_lite0"] == pytest.approx(kid, abs=1e-3)
    assert found["labels"]["l1"]["against_first"]["p_value"] < 0.001
