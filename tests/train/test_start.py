"""Start from another model, freeze a part, and go on for more epochs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.augment import EpochPlan
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.dataset import ImageDataset
from pix2pix.errors import UserError
from pix2pix.models.build import build_discriminator, build_networks
from pix2pix.models.description import DISCRIMINATOR
from pix2pix.models.files import save_model
from pix2pix.train.callbacks import Callback
from pix2pix.train.checkpoint import Checkpoint, Kept
from pix2pix.train.loop import Interrupted, Training
from pix2pix.train.progress import Trained
from pix2pix.train.start import Start, freeze, start_from
from pix2pix.train.step import TrainingStep
from tests.inference.models import folder, model
from tests.train.test_loop import MODEL, SETTINGS, make_stores

Stores = tuple[ImageDataset, ImageDataset]
CPU = torch.device("cpu")
RGB = ColourPlanes.of("pairs", "AtoB")


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Stores:
    return make_stores(tmp_path_factory.mktemp("stores"))


def step_of(model: ModelSettings, planes: ColourPlanes = RGB, settings: TrainSettings = SETTINGS) -> TrainingStep:
    return TrainingStep(*build_networks(planes.channels_in, planes.channels_out, model, 0), settings, planes, model.crop_size, CPU)


def training(stores: Stores, settings: TrainSettings, checkpoint: Checkpoint | None = None, **more: Any) -> Training:
    return Training(*stores, MODEL, settings, seed=3, device=CPU, checkpoint=checkpoint, **more)


def weights(trained: Training) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in trained.step.generator.state_dict().items()}


def test_the_first_weights_are_those_of_the_model_and_training_changes_them(stores: Stores, tmp_path: Path) -> None:
    start = folder(tmp_path / "m", model(**{key: getattr(MODEL, key) for key in ("ngf", "ndf", "crop_size", "dropout_at")}))
    expected = model(**{key: getattr(MODEL, key) for key in ("ngf", "ndf", "crop_size", "dropout_at")}).generator.state_dict()
    one = training(stores, SETTINGS, start=Start.of(start))
    first: dict[str, Tensor] = {}

    class Remember(Callback):
        def on_samples(self, epoch: int, generator: nn.Module, discriminator: nn.Module) -> None:
            first.update(generator.state_dict() if epoch == 0 else {})

    one.callbacks = [Remember()]
    one.run()
    assert first and all(torch.equal(value, expected[name]) for name, value in first.items())
    assert not torch.equal(weights(one)["last.1.weight"], expected["last.1.weight"])


@pytest.mark.parametrize("generator", ["unet", "resnet"])
def test_a_frozen_encoder_keeps_its_weights_and_the_rest_learns(stores: Stores, generator: str) -> None:
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
    step = step_of(settings)
    line = start_from(step, settings, Start.of(folder(tmp_path / "m", small)))
    theirs, own = small.generator.state_dict(), step.generator.state_dict()
    assert all(torch.equal(own[name], theirs[name]) for name in theirs if name.startswith(("downs.0", "downs.1.", "last")))
    assert torch.equal(own["ups.5.1.weight"], theirs["ups.3.1.weight"]) and torch.equal(own["ups.4.1.weight"], theirs["ups.2.1.weight"])
    named = line.partition("missing there: ")[2].partition(";")[0].split(", ")
    assert {"downs.5.1.weight", "downs.6.1.weight", "ups.0.1.weight"} <= set(named) and not any(name.startswith("last") for name in named)
    assert f"but for {len(named)} tensors" in line


@pytest.mark.parametrize(
    ("changes", "planes", "message"),
    [
        ({"ngf": 8}, RGB, "model.ngf is 4 there and 8 here; set -S model.ngf=4, or start from data/noise"),
        ({"norm": "instance", "generator": "resnet"}, RGB, "model.generator is unet there and resnet here, model.norm"),
        ({}, ColourPlanes.of("lab", "AtoB"), "the dataset's kind makes it map rgb to rgb there and L to ab here"),
    ],
)
def test_a_model_that_does_not_fit_says_what_differs(
    tmp_path: Path, changes: dict[str, object], planes: ColourPlanes, message: str
) -> None:
    saved = model()
    settings: ModelSettings = replace(saved.settings, **changes)  # type: ignore[arg-type]
    with pytest.raises(UserError, match=message):
        start_from(step_of(settings, planes), settings, Start.of(folder(tmp_path / "m", saved)))


def test_dropout_matters_in_a_resnet_alone_whose_layers_it_moves(tmp_path: Path) -> None:
    for generator in ("unet", "resnet6"):
        saved = model(generator=generator, dropout=0.0)
        start, settings = Start.of(folder(tmp_path / generator, saved)), replace(saved.settings, dropout=0.5)
        if generator == "unet":
            assert "the generator is taken over;" in start_from(step_of(settings), settings, start)
        else:
            with pytest.raises(UserError, match=r"model\.dropout is 0\.0 there and 0\.5 here"):
                start_from(step_of(settings), settings, start)


def test_a_discriminator_that_was_kept_is_taken_where_it_fits_and_the_line_says_so(tmp_path: Path) -> None:
    saved = model()
    kept = build_discriminator(6, saved.settings)
    save_model(tmp_path / "m", saved, kept)
    start = Start.of(tmp_path / "m")
    for settings, said in (
        (saved.settings, "the discriminator is taken over"),
        (replace(saved.settings, ndf=8), "the discriminator is new: the one kept there has another architecture"),
    ):
        step = step_of(settings)
        before = {name: value.clone() for name, value in step.discriminator.state_dict().items()}
        assert start_from(step, settings, start).endswith(f"; {said}")
        expected = kept.state_dict() if settings == saved.settings else before
        assert all(torch.equal(value, expected[name]) for name, value in step.discriminator.state_dict().items())
    (tmp_path / "m" / DISCRIMINATOR).write_bytes(b"damaged")
    with pytest.raises(UserError, match=f"{DISCRIMINATOR} is damaged"):
        start_from(step_of(saved.settings), saved.settings, Start.of(tmp_path / "m"))


def test_a_model_that_changes_while_processes_read_it_starts_none(tmp_path: Path) -> None:
    saved = model()
    start = Start.of(folder(tmp_path / "m", saved))
    folder(tmp_path / "m", replace(saved, generator=step_of(saved.settings).generator))
    with pytest.raises(UserError, match="was changed while the training began: run the same command again"):
        start_from(step_of(saved.settings), saved.settings, start)


def kept(path: Path, trained: Trained, settings: ModelSettings) -> Start:
    """What a training with keep_discriminator leaves."""
    saved = replace(model(), generator=trained.generator, settings=settings)
    save_model(path, saved, trained.discriminator, trained.moments)
    return Start.of(path)


@pytest.mark.parametrize("adam", ["fused", "loop"])
def test_a_start_from_all_that_is_kept_goes_on_as_one_training_but_for_the_seeds(
    stores: Stores,
    tmp_path: Path,
    adam: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings, network = replace(SETTINGS, epochs=4, adam=adam, keep_discriminator=True), replace(MODEL, dropout=0.0)

    def run(epochs: int, start: Start | None = None) -> tuple[Training, Trained]:
        one = Training(*stores, network, replace(settings, epochs=epochs), seed=3, device=CPU, start=start)
        return one, one.run()

    whole, _ = run(4)
    start = kept(tmp_path / "m", run(2)[1], network)
    draw = EpochPlan.draw  # the order of the images is drawn by the epoch's number, which begins at 1 again
    monkeypatch.setattr(EpochPlan, "draw", lambda *sizes, epoch, **more: draw(*sizes, epoch=epoch + 2, **more))
    again, _ = run(2, start)
    assert "the discriminator is taken over; the optimisers' state is taken over" in capsys.readouterr().out
    assert all(torch.equal(value, weights(whole)[name]) for name, value in weights(again).items())
    assert all(torch.equal(value, whole.step.moments()[name]) for name, value in again.step.moments().items())


def test_adam_s_state_is_the_same_in_every_memory_format(stores: Stores) -> None:
    one = training(stores, replace(SETTINGS, epochs=1))
    one.run()
    state = one.step.moments()
    shapes = {name: value.shape for name, value in one.step.generator.named_parameters()}
    for channels_last in (True, False):
        step = step_of(MODEL, settings=replace(SETTINGS, channels_last=channels_last))
        assert step.load_moments(state)
        found = step.moments()
        assert found.keys() == state.keys() and all(torch.equal(value, found[name]) for name, value in state.items())
        assert all(found[f"generator.{name}.exp_avg"].shape == shape for name, shape in shapes.items())


def test_adam_s_state_is_new_where_it_is_of_other_weights(stores: Stores, tmp_path: Path) -> None:
    def run(**changes: Any) -> Trained:
        return training(stores, replace(SETTINGS, keep_discriminator=True, **changes)).run()

    assert not run(ema=0.9).moments and not training(stores, SETTINGS).run().moments
    frozen = kept(tmp_path / "frozen", run(freeze="encoder"), MODEL)
    assert start_from(step_of(MODEL), MODEL, frozen).endswith("; the optimisers' state is new: the one kept there is of other weights")
    whole = kept(tmp_path / "whole", run(), MODEL)
    for settings, taken in ((MODEL, True), (replace(MODEL, ndf=8), False), (replace(MODEL, crop_size=64), False)):
        step = step_of(settings)
        assert ("the optimisers' state is taken over" in start_from(step, settings, whole)) == taken == bool(step.moments())
    generator, discriminator = build_networks(3, 3, MODEL, 0)
    freeze(generator, "encoder")
    encoder = TrainingStep(generator, discriminator, SETTINGS, RGB, MODEL.crop_size, CPU)
    assert "the optimisers' state is taken over" in start_from(encoder, MODEL, whole)


@pytest.mark.parametrize("steps", [1, 3])
def test_a_training_that_is_stopped_after_its_start_resumes_to_the_same_bits(
    stores: Stores, tmp_path: Path, steps: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder(tmp_path / "m", model(**{key: getattr(MODEL, key) for key in ("ngf", "ndf", "crop_size", "dropout_at")}))
    settings, start = replace(SETTINGS, epochs=1), Start.of(path)
    whole = training(stores, settings, start=start)
    rows = whole.run().rows
    done = iter([False] * (steps - 1) + [True])
    with Checkpoint(tmp_path, "key") as checkpoint, pytest.raises(Interrupted):
        training(stores, settings, checkpoint, start=start, stop=lambda: next(done)).run()
    capsys.readouterr()
    with Checkpoint(tmp_path, "key") as checkpoint:
        again = training(stores, settings, checkpoint, start=start)
        result = again.run()
    assert result.resumed and result.rows == rows and "taken over" not in capsys.readouterr().out
    assert all(torch.equal(value, weights(whole)[name]) for name, value in weights(again).items())


def test_more_epochs_go_on_from_a_kept_state_to_the_bits_of_one_go(stores: Stores, tmp_path: Path) -> None:
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


def test_a_training_killed_while_its_state_is_kept_did_not_go_on_from_itself(stores: Stores, tmp_path: Path) -> None:
    def kill(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with Checkpoint(tmp_path, "one", "kept", epochs=1) as checkpoint, pytest.MonkeyPatch.context() as patch:
        training(stores, replace(SETTINGS, epochs=1, keep_state=True), checkpoint).run()
        patch.setattr("shutil.rmtree", kill)
        with pytest.raises(KeyboardInterrupt):
            checkpoint.keep("ab12")
    with Checkpoint(tmp_path, "one", "kept", epochs=1) as checkpoint:
        assert checkpoint.earlier is None


def test_a_kept_state_that_another_training_replaces_is_not_taken_for_the_one_found(stores: Stores, tmp_path: Path) -> None:
    def run_and_keep(epochs: int) -> None:
        with Checkpoint(tmp_path, str(epochs), "kept", epochs=epochs) as checkpoint:
            training(stores, replace(SETTINGS, epochs=epochs, keep_state=True), checkpoint).run()
            checkpoint.keep("ab12")

    run_and_keep(1)
    with Checkpoint(tmp_path, "two", "kept", epochs=2) as checkpoint:
        run_and_keep(3)
        with pytest.raises(UserError, match="was replaced by another training just now: run the same command again"):
            training(stores, replace(SETTINGS, epochs=2, keep_state=True), checkpoint).run()
