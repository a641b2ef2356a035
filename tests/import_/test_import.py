"""`pix2pix import` as a person types it: the folder is a model like any other, and a wrong file says what it is."""

import hashlib
import io
import json
import pickle
import shlex
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pix2pix.cli.main import main
from pix2pix.import_.import_model import PublishedModel
from pix2pix.models.files import load_model
from tests.inference.models import noise_image
from tests.models.junyanz import JunyanzUNet, drawn


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """latest_net_G.pth of a small `unet_128`, in the working directory."""
    monkeypatch.chdir(tmp_path)
    torch.save(drawn(JunyanzUNet(3, 3, 4, "batch", 7)).state_dict(), "latest_net_G.pth", _use_new_zipfile_serialization=False)
    return Path("latest_net_G.pth")


def test_an_imported_model_is_used_like_any_other(weights: Path) -> None:
    assert main(["import", str(weights), "--output", "m", "--dataset", "streets", "--direction", "BtoA"]) == 0
    Image.fromarray(noise_image(128, 128)).save("in.png")
    assert main(["predict", "--model", "m", "--input", "in.png", "--output", "out"]) == 0
    theirs = drawn(JunyanzUNet(3, 3, 4, "batch", 7)).train()  # the reference's test.py for pix2pix
    for module in theirs.modules():
        if isinstance(module, torch.nn.Dropout):
            module.eval()
    with torch.no_grad():
        b = theirs(torch.from_numpy(noise_image(128, 128)).permute(2, 0, 1)[None].float() / 127.5 - 1)
    expected = ((b[0].permute(1, 2, 0).numpy() + 1) * 127.5).round()
    assert np.abs(np.asarray(Image.open("out/in.png")).astype(int) - expected).max() <= 1
    assert main(["card", "--model", "m", "--output", "card.md"]) == 0
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    card = Path("card.md").read_text(encoding="utf-8")
    assert "not trained here, imported from" in card and digest in card
    assert main(["export", "--model", "m", "--output", "m.onnx"]) == 0
    assert main(["export", "--model", "m", "--format", "junyanz", "--output", "again.pth"]) == 0
    drawn(JunyanzUNet(3, 3, 4, "batch", 7), seed=1).load_state_dict(torch.load("again.pth", weights_only=True), strict=True)
    again, before = (torch.load(name, weights_only=True) for name in ("again.pth", weights))
    assert all(torch.equal(again[name], value) for name, value in before.items())


def test_a_checkpoint_of_a_whole_training_gives_its_generator(weights: Path) -> None:
    generator, discriminator = torch.load(weights, weights_only=True), {"model.0.weight": torch.zeros(4, 6, 4, 4)}
    torch.save({"epoch": 3, "args": {"lr": 0.1}, "netG": generator, "netD": discriminator}, "checkpoint.ckpt")
    for name in ("checkpoint.ckpt", str(weights)):
        assert main(["import", name, "--output", f"of-{name}", "--dataset", "d", "--direction", "AtoB"]) == 0
    assert Path("of-checkpoint.ckpt/generator.safetensors").read_bytes() == Path(f"of-{weights}/generator.safetensors").read_bytes()


def test_a_published_model_is_fetched_by_its_name(
    weights: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mirrors = (Path("nowhere").absolute().as_uri(), weights.absolute().as_uri())
    monkeypatch.setattr(PublishedModel, "mirrors", mirrors)
    assert main(["import", "map2sat", "--output", "m"]) == 0
    said = json.loads(Path("m/model.json").read_text(encoding="utf-8"))
    assert (said["dataset"], said["direction"], said["norm"]) == ("maps", "BtoA", "batch")
    monkeypatch.setattr(PublishedModel, "mirrors", mirrors[:1])
    assert main(["import", "facades_label2photo", "--output", "n"]) == 1
    message = capsys.readouterr().err
    by_hand = "import facades_label2photo.pth --dataset facades --direction BtoA --palette facades --output n"
    assert f"pix2pix {by_hand}" in message and not Path("n").exists()
    weights.rename("facades_label2photo.pth")
    assert main(by_hand.split()) == 0 and json.loads(Path("n/model.json").read_text(encoding="utf-8"))["palette"]


def test_the_command_for_a_file_brought_by_hand_has_all_that_was_given(
    weights: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(PublishedModel, "mirrors", (Path("nowhere").absolute().as_uri(),))
    given = ["--norm", "running", "--palette", "facades", "--output", "my models/n", "--no-dropout"]
    assert main(["import", "sat2map", *given]) == 1
    by_hand = shlex.split(capsys.readouterr().err.splitlines()[-1].partition("then: ")[2])
    assert by_hand == ["pix2pix", "import", "sat2map.pth", "--dataset", "maps", "--direction", "AtoB", *given]
    weights.rename("sat2map.pth")
    assert main(by_hand[1:]) == 0
    model = load_model(Path("my models/n"))
    assert (model.norm, model.settings.dropout, bool(model.palette)) == ("running", 0, True)


def saved(content: object) -> bytes:
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("ran"),)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (pickle.dumps({"model.model.0.weight": Evil()}, 2), ["w.pth"], "w.pth cannot be read as weights of a generator"),
        (saved(torch.nn.ReLU()), ["w.pth"], "it asks for code to be run, as a whole network does"),
        (saved(torch.optim.Adam([torch.nn.Parameter(torch.zeros(2))]).state_dict()), ["w.pth"], "it holds no tensors with names"),
        (saved([torch.zeros(2)]), ["w.pth"], "it holds no tensors with names"),
        (saved({"conv1.weight": torch.zeros(2)})[:500], ["w.pth"], "it is damaged, or a file of another kind"),
        (b"", ["w.pth"], "w.pth cannot be read as weights of a generator"),
        (None, ["w.pth"], "there is no file w.pth; for a model of MLflow, which says what it is, leave out all options"),
        (None, ["latest_net_G.pth", "--dataset", "../up"], "--dataset '../up': must be a name"),
    ],
)
def test_a_wrong_file_is_named_and_leaves_nothing(
    weights: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, arguments: list[str], message: str
) -> None:
    if content is not None:
        Path("w.pth").write_bytes(content)
    dataset = [] if "--dataset" in arguments else ["--dataset", "d"]
    assert main(["import", *arguments, *dataset, "--direction", "AtoB", "--output", "m"]) == 1
    assert message in capsys.readouterr().err and not Path("m").exists() and not Path("ran").exists()


def test_what_was_trained_on_has_to_be_said_and_a_folder_that_is_there_stays(weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(weights), "--output", "m"]) == 1
    assert "--dataset and --direction: say what" in capsys.readouterr().err
    assert main(["import", "w.pth", "--output", "m"]) == 1
    assert "w.pth, and it is neither a run in MLflow nor one of the published models facades_label2photo" in capsys.readouterr().err
    Path("m").mkdir()
    assert main(["import", "m", "--output", "n"]) == 1
    assert "m is a folder, and a model folder is used as it is, and it is neither" in capsys.readouterr().err
    assert main(["import", str(weights), "--output", "m", "--dataset", "d", "--direction", "AtoB"]) == 1
    assert "m is there already" in capsys.readouterr().err and not list(Path("m").iterdir())
