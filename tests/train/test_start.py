"""Start from another model, freeze a part, and go on for more epochs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.dataset import ImageDataset
from pix2pix.errors import UserError
from pix2pix.models.build import build_discriminator, build_networks
from pix2pix.models.description import DISCRIMINATOR
from pix2pix.models.files import save_model
from pix2pix.train.checkpoint import Checkpoint, Kept
from pix2pix.train.loop import Interrupted, Training
from pix2pix.train.start import start_from
from tests.inference.models import folder, model
from tests.train.test_loop import MODEL, SETTINGS, stores  # noqa: F401

Stores = tuple[ImageDataset, ImageDataset]
CPU = torch.device("cpu")


def training(stores: Stores, settings: TrainSettings, checkpoint: Checkpoint | None = None, **more: Any) -> Training:  # noqa: F811
    return Training(*stores, MODEL, settings, seed=3, device=CPU, checkpoint=checkpoint, **more)


def weights(trained: Training) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in trained.step.generator.state_dict().items()}


def test_the_first_weights_are_those_of_the_model_and_training_changes_them(stores: Stores, tmp_path: Path) -> None:  # noqa: F811
    start = folder(tmp_path / "m", model(**{key: getattr(MODEL, key) for key in ("ngf", "ndf", "crop_size", "dropout_at")}))
    expected = model(**{key: getattr(MODEL, key) for key in ("ngf", "ndf", "crop_size", "dropout_at")}).generator.state_dict()
    one = training(stores, SETTINGS, start=start)
    assert all(torch.equal(value, expected[name]) for name, value in weights(one).items())
    one.run()
    assert not torch.equal(weights(one)["last.1.weight"], expected["last.1.weight"])


@pytest.mark.parametrize("generator", ["unet", "resnet"])
def test_a_frozen_encoder_keeps_its_weights_and_the_rest_learns(stores: Stores, generator: str) -> None:  # noqa: F811
    one = Training(*stores, replace(MODEL, generator=generator), replace(SETTINGS, epochs=1, freeze="encoder"), seed=3, device=CPU)
    frozen = {parameter for layer in one.step.generator.encoder() for parameter in layer.parameters()}  # type: ignore[operator]
    before = {name: parameter.clone() for name, parameter in one.step.generator.named_parameters()}
    one.run()
    for name, parameter in one.step.generator.named_parameters():
        assert torch.equal(parameter, before[name]) == (parameter in frozen), name
    assert 0 < len(frozen) < len(before)


def test_between_sizes_the_outer_levels_are_taken_and_the_others_are_named(tmp_path: Path) -> None:
    small = model(crop_size=32, ngf=2)
    settings = replace(small.settings, crop_size=128)
    large, discriminator = build_networks(3, 3, settings, 0)
    line = start_from(large, discriminator, settings, folder(tmp_path / "m", small))
    theirs, own = small.generator.state_dict(), large.state_dict()
    assert all(torch.equal(own[name], theirs[name]) for name in theirs if name.startswith(("downs.0", "downs.1.", "last")))
    assert torch.equal(own["ups.5.1.weight"], theirs["ups.3.1.weight"]) and torch.equal(own["ups.4.1.weight"], theirs["ups.2.1.weight"])
    named = line.partition("are new: ")[2].partition(";")[0].split(", ")
    assert {"downs.5.1.weight", "downs.6.1.weight", "ups.0.1.weight"} <= set(named) and not any(name.startswith("last") for name in named)
    assert f"but {len(named)} tensors" in line


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ngf": 8}, "model.ngf is 4 there and 8 here"),
        (
            {"norm": "instance", "generator": "resnet"},
            "model.generator is unet there and resnet here, model.norm",
        ),
    ],
)
def test_a_model_that_does_not_fit_says_what_differs(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    saved = model()
    settings: ModelSettings = replace(saved.settings, **changes)  # type: ignore[arg-type]
    with pytest.raises(UserError, match=message):
        start_from(*build_networks(3, 3, settings, 0), settings, folder(tmp_path / "m", saved))
    colouring = ColourPlanes.of("lab", "AtoB")
    with pytest.raises(UserError, match=r"downs\.0\.0\.weight has another shape"):
        start_from(*build_networks(colouring.channels_in, colouring.channels_out, saved.settings, 0), saved.settings, tmp_path / "m")


def test_a_discriminator_that_was_kept_is_taken_where_it_fits_and_the_line_says_so(tmp_path: Path) -> None:
    start = model()
    kept = build_discriminator(6, start.settings)
    save_model(tmp_path / "m", start, kept)
    for settings, said in (
        (start.settings, "the discriminator is taken over"),
        (replace(start.settings, ndf=8), "the discriminator is new: the one kept there has another architecture"),
    ):
        generator, discriminator = build_networks(3, 3, settings, 0)
        before = {name: value.clone() for name, value in discriminator.state_dict().items()}
        assert start_from(generator, discriminator, settings, tmp_path / "m").endswith(f"; {said}")
        expected = kept.state_dict() if settings == start.settings else before
        assert all(torch.equal(value, expected[name]) for name, value in discriminator.state_dict().items())
    (tmp_path / "m" / DISCRIMINATOR).write_bytes(b"damaged")
    with pytest.raises(UserError, match=f"{DISCRIMINATOR} is damaged"):
        start_from(*build_networks(3, 3, start.settings, 0), start.settings, tmp_path / "m")


@pytest.mark.parametrize("steps", [1, 3])
def test_a_training_that_is_stopped_after_its_start_resumes_to_the_same_bits(stores: Stores, tmp_path: Path, steps: int) -> None:  # noqa: F811
    start = folder(tmp_path / "m", model(**{key: getattr(MODEL, key) for key in ("ngf", "ndf", "crop_size", "dropout_at")}))
    settings = replace(SETTINGS, epochs=1)
    whole = training(stores, settings, start=start)
    rows = whole.run().rows
    done = iter([False] * (steps - 1) + [True])
    with Checkpoint(tmp_path, "key") as checkpoint, pytest.raises(Interrupted):
        training(stores, settings, checkpoint, start=start, stop=lambda: next(done)).run()
    with Checkpoint(tmp_path, "key") as checkpoint:
        again = training(stores, settings, checkpoint, start=start)
        result = again.run()
    assert result.resumed and result.rows == rows
    assert all(torch.equal(value, weights(whole)[name]) for name, value in weights(again).items())


def test_more_epochs_go_on_from_a_kept_state_to_the_bits_of_one_go(stores: Stores, tmp_path: Path) -> None:  # noqa: F811
    whole = training(stores, replace(SETTINGS, epochs=4))
    result = whole.run()
    short = replace(SETTINGS, epochs=2, keep_state=True)
    with Checkpoint(tmp_path, "two", "kept", epochs=2) as checkpoint:
        assert checkpoint.earlier is None
        training(stores, short, checkpoint).run()
        (checkpoint.folder / "samples").mkdir()
        assert checkpoint.keep("ab12") > 0
    with Checkpoint(tmp_path, "four", "kept", epochs=4) as checkpoint, pytest.raises(Interrupted):
        assert checkpoint.earlier == Kept(2, "ab12")
        training(stores, replace(short, epochs=4), checkpoint, stop=lambda: True).run()
    with Checkpoint(tmp_path, "four", "kept", epochs=4) as checkpoint:
        assert checkpoint.earlier == Kept(2, "ab12")
        again = training(stores, replace(short, epochs=4), checkpoint)
        longer = again.run()
        assert (checkpoint.folder / "samples").is_dir()
    assert longer.resumed and longer.rows == result.rows and [row["epoch"] for row in longer.rows] == [1, 2, 3, 4]
    assert all(torch.equal(value, weights(whole)[name]) for name, value in weights(again).items())
    with Checkpoint(tmp_path, "one", "kept", epochs=1) as checkpoint:  # fewer epochs than are kept: from the start
        assert not training(stores, replace(short, epochs=1), checkpoint).run().resumed


def test_a_training_killed_while_its_state_is_kept_did_not_go_on_from_itself(stores: Stores, tmp_path: Path) -> None:  # noqa: F811
    def kill(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with Checkpoint(tmp_path, "one", "kept", epochs=1) as checkpoint, pytest.MonkeyPatch.context() as patch:
        training(stores, replace(SETTINGS, epochs=1, keep_state=True), checkpoint).run()
        patch.setattr("shutil.rmtree", kill)
        with pytest.raises(KeyboardInterrupt):
            checkpoint.keep("ab12")
    with Checkpoint(tmp_path, "one", "kept", epochs=1) as checkpoint:
        assert checkpoint.earlier is None


def test_a_kept_state_that_another_training_replaces_is_not_taken_for_the_one_found(stores: Stores, tmp_path: Path) -> None:  # noqa: F811
    def run_and_keep(epochs: int) -> None:
        with Checkpoint(tmp_path, str(epochs), "kept", epochs=epochs) as checkpoint:
            training(stores, replace(SETTINGS, epochs=epochs, keep_state=True), checkpoint).run()
            checkpoint.keep("ab12")

    run_and_keep(1)
    with Checkpoint(tmp_path, "two", "kept", epochs=2) as checkpoint:
        run_and_keep(3)
        with pytest.raises(UserError, match="was replaced by another training just now: run the same command again"):
            training(stores, replace(SETTINGS, epochs=2, keep_state=True), checkpoint).run()
