"""`pix2pix predict` as a person types it."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps, ImageSequence

import pix2pix
from pix2pix.cli.main import main
from pix2pix.data.palettes import FACADES
from tests.inference.models import folder, model, noise_image


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with models, as the working directory, without an MLflow."""
    folder(tmp_path / "models/colour", model("lab", "AtoB"))
    folder(tmp_path / "models/pairs", model())
    folder(tmp_path / "models/facades", model("pairs", "BtoA", "facades", palette=FACADES))
    folder(tmp_path / "models/own", model("pairs", "BtoA", "facades"))
    folder(tmp_path / "models/quiet", model(dropout=0.0))
    folder(tmp_path / "models/lightness", model("lab", "BtoA"))
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def save(path: str, image: Image.Image, **how: object) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **how)  # type: ignore[arg-type]


def photo(height: int = 50, width: int = 70, seed: int = 0) -> Image.Image:
    return Image.fromarray(noise_image(5, 7, seed)).resize((width, height))


def predict(*arguments: str, model_name: str = "models/pairs", source: str = "in") -> int:
    return main(["predict", "--model", model_name, "--input", source, "--output", "out", *arguments])


def test_pictures_of_every_sort_come_out_at_their_size_and_a_bad_one_stops_nobody(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    save("in/plain.jpg", photo())
    save("in/turned.jpg", photo(), exif=exif)
    save("in/grey.png", photo().convert("L"))
    save("in/cmyk.jpg", photo().convert("CMYK"))
    save("in/palette.png", photo().quantize(16))
    save("in/sixteen.png", Image.fromarray(np.asarray(photo().convert("L")).astype(np.uint16) * 257))
    save("in/deep/one.png", photo(1, 1))
    Path("in/bad.png").write_bytes(b"no picture")
    assert predict() == 1
    told = capsys.readouterr()
    assert "1 of 8 images could not be used:\n  - in/bad.png: not an image" in told.err
    assert told.err.endswith("\n8 files: 7 used, 1 .png not usable (listed above)\n")
    assert "7 written to out" in told.out and "turned upright" in told.out and "16-bit" in told.out and "CMYK" in told.out
    sizes = {str(file.relative_to("out")): Image.open(file).size for file in Path("out").rglob("*.png")}
    plain = dict.fromkeys(("plain.png", "grey.png", "cmyk.png", "palette.png", "sixteen.png"), (70, 50))
    assert sizes == {**plain, "turned.png": (50, 70), "deep/one.png": (1, 1)}
    assert not list(Path("out").rglob("*.partial"))


def test_sixteen_bits_and_a_palette_draw_what_eight_bits_draw(place: Path) -> None:
    grey = photo().convert("L")
    save("in/a.png", grey)
    save("in/b.png", Image.fromarray(np.asarray(grey).astype(np.uint16) * 257))
    save("in/c.png", grey.convert("P"))
    assert predict() == 0
    found = [np.asarray(Image.open(f"out/{name}.png")) for name in "abc"]
    assert np.array_equal(found[0], found[1]) and np.array_equal(found[0], found[2])


def test_what_is_see_through_stays_so_or_becomes_white(place: Path) -> None:
    image = photo().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    save("in/a.png", image)
    flat = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    save("flat/a.png", flat)
    assert predict() == 0
    kept = Image.open("out/a.png")
    assert kept.mode == "RGBA" and np.array_equal(np.asarray(kept.getchannel("A")), np.asarray(image.getchannel("A")))
    assert predict("--alpha", "composite") == 0
    composite = np.asarray(Image.open("out/a.png"))
    assert predict(source="flat") == 0
    assert np.array_equal(composite, np.asarray(Image.open("out/a.png")))
    assert np.array_equal(composite, np.asarray(kept.convert("RGB")))


def test_an_animation_keeps_its_frames_and_durations(place: Path) -> None:
    frames = [photo(seed=seed) for seed in range(3)]
    for ending in ("gif", "webp"):
        save(f"in/{ending}.{ending}", frames[0], save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0)
    assert predict("--seed", "1") == 0
    for ending in ("gif", "webp"):
        drawn = []
        for frame in ImageSequence.Iterator(Image.open(f"out/{ending}.{ending}")):
            frame.load()
            drawn.append(frame.info["duration"])
        assert drawn == [100, 200, 300]


def test_seeds_make_samples_that_can_be_had_again_one_by_one(place: Path) -> None:
    save("in/a.png", photo())
    assert predict("--seed", "5", "--samples", "3") == 0
    names = [f"a.seed-{seed}.png" for seed in (5, 6, 7)]
    assert sorted(file.name for file in Path("out").iterdir()) == names
    samples = [Path("out", name).read_bytes() for name in names]
    assert len(set(samples)) == 3
    assert predict("--seed", "6") == 0
    assert Path("out/a.png").read_bytes() == samples[1]


def test_full_size_and_the_training_size_are_told_apart_and_both_come_back_at_the_pictures_own(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save("in/a.png", photo(100, 130))
    assert predict() == 0 and "squashed to 32x32 px" in capsys.readouterr().out
    scaled = Image.open("out/a.png").copy()
    assert predict("--size", "full") == 0 and "at the image's own size" in capsys.readouterr().out
    full = Image.open("out/a.png")
    assert scaled.size == full.size == (130, 100)
    assert not np.array_equal(np.asarray(scaled), np.asarray(full))


def test_a_colouring_at_a_small_size_keeps_the_details_of_the_picture(place: Path) -> None:
    board = np.kron(np.indices((60, 60)).sum(0) % 2, np.ones((2, 2)))[..., None].repeat(3, 2).astype(np.uint8) * 100 + 80
    save("in/a.png", Image.fromarray(board))
    assert predict(model_name="models/colour") == 0
    luma = np.asarray(Image.open("out/a.png").convert("L")).astype(int)
    assert np.corrcoef(luma.ravel(), board[..., 0].ravel())[0, 1] > 0.95


def test_tiles_cover_a_picture_and_refuse_each_its_own_statistics(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save("in/a.png", photo(75, 100))
    assert predict("--tile") == 0
    assert "tiles of 32 px that overlap by half; running statistics" in capsys.readouterr().out
    assert Image.open("out/a.png").size == (100, 75)
    assert predict("--tile", "--norm", "batch") == 1
    assert "exclude each other" in capsys.readouterr().err


def test_a_photo_is_no_label_map_until_it_is_snapped(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save("in/a.png", ImageOps.grayscale(photo()))
    assert predict(model_name="models/facades") == 1
    assert "is no label map in the 12 colours of facades" in capsys.readouterr().err
    assert predict("--snap", model_name="models/facades") == 0
    assert Path("out/a.png").exists()
    Path("out/a.png").unlink()
    assert predict(model_name="models/own") == 0  # the inputs decide, not the name
    assert Path("out/a.png").exists()


def test_a_grey_picture_has_no_colours_to_draw_lightness_from(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save("in/a.png", photo().convert("L"))
    assert predict(model_name="models/lightness") == 1
    assert "draws lightness from colours" in capsys.readouterr().err


def test_a_pattern_keeps_folders_and_two_endings_keep_both_pictures(place: Path) -> None:
    for name in ("in/a.png", "in/a.jpg", "in/deep/b.png", "in/c.webp"):
        save(name, photo())
    assert predict(source="in/**/*.[pj]*g") == 0
    assert {str(file.relative_to("out")) for file in Path("out").rglob("*.png")} == {"a.png.png", "a.jpg.png", "deep/b.png"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "in"], "in is no trained model: model.json is missing"),
        (["--model", "models"], "models is no trained model, but holds some: name one of them, models/colour or"),
        (["--model", "nowhere"], "nowhere is no folder and no file, and in .* there is no MLflow run or model of that name"),
        (["--model", "models/food"], "models/food is no folder .* fewer `active` datasets took it away"),
        (["--model", "in/a.png"], "in/a.png is no model: name a folder like data/models/facades, or a file of `pix2pix export`"),
        (["--input", "gone"], "--input gone is no file and no folder"),
        (["--input", "models/pairs"], "holds no images"),
        (["--output", "in/a.png/x"], "cannot be written"),
        (["--output", "in"], "a.png is one of the inputs and would be written over"),
        (["--snap"], "does not draw from a label map"),
        (["--model", "models/quiet", "--samples", "2"], "has no noise"),
    ],
)
def test_mistakes_are_told_in_one_message(place: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    import re

    save("in/a.png", photo())
    before = Path("in/a.png").read_bytes()
    assert predict(*arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith("pix2pix: ") and re.search(message, told)
    assert Path("in/a.png").read_bytes() == before


def test_a_file_cut_short_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = io.BytesIO()
    photo(300, 300).save(file, "JPEG")
    Path("in/cut.jpg").write_bytes(file.getvalue()[:2000])
    assert predict() == 1
    assert "in/cut.jpg: damaged" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["png", "gif", "webp"])
def test_outputs_are_written_over_and_nothing_else_is(place: Path, capsys: pytest.CaptureFixture[str], ending: str) -> None:
    moving = {} if ending == "png" else {"save_all": True, "append_images": [photo(seed=1)], "duration": 100, "loop": 0}
    save(f"in/a.{ending}", photo(), **moving)
    assert predict() == predict() == 0  # the second time over its own
    own, output = photo(seed=5), Path(f"out/a.{ending}")
    for mine in (lambda: own.save(output), lambda: output.write_text("notes")):
        mine()
        before = output.read_bytes()
        assert predict() == 1
        assert f"{output} is there already and no output" in capsys.readouterr().err
        assert output.read_bytes() == before
    save("in/b.png", photo())
    assert predict() == 1 and Path("out/b.png").exists()  # the others are not kept from it
    output.rename(output.with_suffix(".tif"))
    assert predict() == 0


def test_bfloat16_is_refused_where_it_would_be_slow_or_is_not_to_be_had(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save("in/one.png", photo())
    monkeypatch.setattr("pix2pix.inference.backends.has_bf16", lambda device: False)
    assert predict("--precision", "bf16") == 1
    assert "no instructions for bfloat16" in capsys.readouterr().err
    monkeypatch.setattr("pix2pix.inference.backends.has_bf16", lambda device: True)
    assert predict("--precision", "bf16") == 0
    assert Path("out/one.png").exists()
    assert main(["export", "--model", "models/pairs", "--format", "onnx", "--output", "pairs.onnx"]) == 0
    assert predict("--precision", "bf16", model_name="pairs.onnx") == 1
    assert "leave out --precision bf16" in capsys.readouterr().err


def test_outputs_of_an_earlier_call_are_no_inputs_of_the_next(place: Path) -> None:
    save("in/a.png", photo())
    for _ in range(2):
        assert main(["predict", "--model", "models/pairs", "--input", "in", "--output", "in/made", "--samples", "2"]) == 0
    assert sorted(str(file) for file in Path("in").rglob("*.png")) == ["in/a.png", "in/made/a.seed-0.png", "in/made/a.seed-1.png"]


def test_memory_that_is_used_up_all_the_same_is_told_with_the_way_out(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def exhausted(*_: object) -> None:
        np.empty(2**60, dtype=np.uint8)  # more than any address space

    save("in/a.png", photo())
    monkeypatch.setattr("pix2pix.predict.predict.generate", exhausted)
    assert predict() == 1
    assert "the memory is used up: use --tile or a smaller --size" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["models:/nothing@champion", "models:/nothing/1"])
def test_a_registered_model_is_looked_for_without_making_a_store(place: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    save("in/a.png", photo())
    assert predict(model_name=name) == 1
    assert "there is no record of runs yet" in capsys.readouterr().err
    assert not list(place.glob("mlflow.db*"))


def test_class_numbers_are_doubted_in_one_line_until_their_levels_are_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for seed in range(3):
        save(f"in/{seed}.png", Image.fromarray(np.random.default_rng(seed).integers(0, 4, (50, 70), dtype=np.uint8)))
    assert predict() == 0
    told = capsys.readouterr().out
    assert told.count("3 of 3 images use a small part of their range") == 1 and "(in/0.png: 0..3 of 0..255)" in told
    assert predict("--levels=0-3") == 0
    assert "small part" not in capsys.readouterr().out


def test_the_most_pixels_of_an_image_are_an_option(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save("in/a.png", photo())
    assert predict("--max-pixels", "3000") == 1
    assert "70x50 pixels, above the limit of 0.003 million" in capsys.readouterr().err
    assert predict("--max-pixels", "3500", "--tile") == 0


def test_a_file_that_could_run_code_is_never_opened(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """PyTorch's PT2 archives hold pickles, which `torch.export.load` runs."""

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (place / "ran",)

    save("in/a.png", photo())
    for name in ("m.pt2", "m.pt", "m.pkl", "generator.safetensors"):
        torch.save({"weights": Evil()}, name)
        assert predict("--model", name) == 1
        assert f"{name} is no model" in capsys.readouterr().err
    Path("model.onnx").write_bytes(Path("m.pt2").read_bytes())
    assert predict("--model", "model.onnx") == 1 and not (place / "ran").exists()


def test_a_name_that_the_disk_refuses_is_listed_and_the_others_are_done(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save("in/a.png", photo())
    save(f"in/{'x' * 247}.jpg", photo())
    assert predict("--samples", "2") == 1
    told = capsys.readouterr().err
    assert "1 of 2 images could not be used" in told and "File name too long" in told and "Traceback" not in told
    assert told.endswith("2 files: 1 used, 1 .jpg not usable (listed above)\n")
    assert sorted(file.name for file in Path("out").iterdir()) == ["a.seed-0.png", "a.seed-1.png"]
    save(f"in/{'y' * 251}.png", photo())
    assert predict() == 0 and len(list(Path("out").iterdir())) == 5


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C"}, {"LC_ALL": "C.UTF-8"}, {"PYTHONIOENCODING": "ascii:strict"}, {"PYTHONIOENCODING": "utf-8"}]
)
def test_a_name_that_is_not_utf8_is_printed_in_every_locale(place: Path, locale: dict[str, str]) -> None:
    Path(os.fsdecode(b"in/caf\xe9 \xc3\xbc.png")).write_bytes(b"no image")
    save("in/a.png", photo())
    environment = {**os.environ, **locale, "PYTHONPATH": str(Path(pix2pix.__file__).parents[1])}
    call = [sys.executable, "-m", "pix2pix.cli.main", "process", "grayscale", "--input", "in", "--output", "out"]
    done = subprocess.run(call, env=environment, capture_output=True, check=False)
    assert done.returncode == 1 and b"Traceback" not in done.stderr and b"caf" in done.stderr
    assert done.stderr.endswith(b"2 files: 1 used, 1 .png not usable (listed above)\n") and Path("out/a.png").exists()


def test_a_name_that_is_not_utf8_is_predicted_too(place: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    save(f"in/{name}", photo())
    assert predict() == 0
    assert [file.name for file in Path("out").iterdir()] == [name]
