"""A whole training: what it leaves, that it can be stopped and killed anywhere, and that nothing leaks between settings."""

import importlib
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from multiprocessing.context import ForkServerContext
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.dataset import ImageDataset, write_dataset
from pix2pix.errors import UserError
from pix2pix.train.callbacks import Callback, Row
from pix2pix.train.checkpoint import Checkpoint
from pix2pix.train.loop import Interrupted, Training
from pix2pix.train.progress import Trained
from pix2pix.train.sample_sheets import sample_epochs

MODEL = ModelSettings(ngf=4, ndf=4, crop_size=32)
SETTINGS = TrainSettings(epochs=3, batch_size=2, checkpoint_seconds=1e-9, samples=2)


class Recorder(Callback):
    """Remembers what it was called with."""

    def __init__(self) -> None:
        self.epochs: list[int] = []
        self.sampled_after: list[int] = []
        self.starts: list[tuple[int, int]] = []
        self.traces: list[Path] = []

    def on_train_start(self, epochs: int, steps: int, epoch: int, step: int, rows: Sequence[Row]) -> None:
        self.starts.append((epoch, step))

    def on_step(self, images: int, losses: Callable[[], Mapping[str, float]]) -> None:
        assert list(losses()) == ["loss_g_gan", "loss_g_l1", "loss_d_real", "loss_d_fake"]

    def on_samples(self, epoch: int, generator: nn.Module, discriminator: nn.Module) -> None:
        self.sampled_after.append(epoch)

    def on_epoch_end(self, row: dict[str, float | int], seconds: float, images: int) -> None:
        self.epochs.append(int(row["epoch"]))

    def on_profile(self, trace: Path) -> None:
        self.traces.append(trace)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[ImageDataset, ImageDataset]:
    return make_stores(tmp_path_factory.mktemp("stores"))


def make_stores(folder: Path) -> tuple[ImageDataset, ImageDataset]:
    draw = np.random.default_rng(0)
    for split, count, size in (("train", 9, 36), ("val", 3, 32)):
        images = draw.integers(0, 256, (count, 6, size, size), dtype=np.uint8)
        write_dataset(folder / split, [images], [f"{split}{i}" for i in range(count)], ColourPlanes("rgb", "rgb"), size)
    return ImageDataset(folder / "train"), ImageDataset(folder / "val")


def train(
    stores: tuple[ImageDataset, ImageDataset],
    folder: Path,
    settings: TrainSettings = SETTINGS,
    callback: Recorder | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Trained:
    with Checkpoint(folder, "key") as checkpoint:
        training = Training(
            *stores,
            MODEL,
            settings,
            seed=1,
            device=torch.device("cpu"),
            checkpoint=checkpoint,
            callbacks=[callback] if callback else [],
            stop=stop,
        )
        return training.run()


def same(a: Trained, b: Trained) -> bool:
    one, other = a.generator.state_dict(), b.generator.state_dict()
    return a.rows == b.rows and one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_the_history_has_a_row_for_each_epoch_and_callbacks_are_called(stores: tuple[ImageDataset, ImageDataset], tmp_path: Path) -> None:
    callback = Recorder()
    trained = train(stores, tmp_path, callback=callback)
    assert [row["epoch"] for row in trained.rows] == callback.epochs == [1, 2, 3]
    assert callback.sampled_after == [0, 2, 3]
    assert all(0 < row["val_l1"] < 2 and row["lr"] == 2e-4 for row in trained.rows)


def test_the_same_seed_gives_the_same_bits_and_another_does_not(stores: tuple[ImageDataset, ImageDataset], tmp_path: Path) -> None:
    first, again = train(stores, tmp_path / "a"), train(stores, tmp_path / "b")
    other = train(stores, tmp_path / "c", replace(SETTINGS, lr=1e-4))
    assert same(first, again) and not same(first, other)


class StopAfter:
    """Asks to stop once, after some steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def __call__(self) -> bool:
        self.left -= 1
        return self.left == 0


@pytest.mark.parametrize(
    "changed",
    [{}, {"ema": 0.9}, {"pool_size": 3}, {"keep": "best"}, {"lr_policy": "linear"}, {"augment_d": "translate"}],
    ids=lambda changed: next(iter(changed), "default"),
)
def test_stopped_anywhere_and_gone_on_gives_the_same_bits(
    stores: tuple[ImageDataset, ImageDataset], tmp_path: Path, changed: dict[str, object]
) -> None:
    settings = replace(SETTINGS, **changed)  # type: ignore[arg-type]
    whole = train(stores, tmp_path / "whole", settings)
    callback = Recorder()
    for steps in (2, 5, 1):  # in the first epoch, over the border to the second, and right after going on
        with pytest.raises(Interrupted, match="the checkpoint is saved"):
            train(stores, tmp_path / "parts", settings, callback, StopAfter(steps))
    resumed = train(stores, tmp_path / "parts", settings, callback)
    assert callback.starts == [(1, 0), (1, 2), (2, 2), (2, 3)]
    assert resumed.resumed and not whole.resumed
    assert same(whole, resumed)


def test_the_first_loss_that_is_no_number_stops_the_training_and_names_the_batch(
    stores: tuple[ImageDataset, ImageDataset], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=r"epoch 1, step \d+: a loss is not a finite number.*train\d.*Lower train.lr"):
        train(stores, tmp_path, replace(SETTINGS, lr=1e30))


def test_a_second_trainer_of_the_same_configuration_is_refused_by_name(stores: tuple[ImageDataset, ImageDataset], tmp_path: Path) -> None:
    with Checkpoint(tmp_path, "key"), pytest.raises(UserError, match=f"already run by process {os.getpid()}"):
        train(stores, tmp_path)


def test_best_publishes_the_epoch_of_the_lowest_validation_l1(stores: tuple[ImageDataset, ImageDataset], tmp_path: Path) -> None:
    settings = replace(SETTINGS, epochs=4, lr=0.02)
    best = train(stores, tmp_path / "best", replace(settings, keep="best"))
    rows = [float(row["val_l1"]) for row in best.rows]
    until = rows.index(min(rows)) + 1
    assert same_weights(best, train(stores, tmp_path / "until", replace(settings, epochs=until)))


@pytest.mark.parametrize("keep", ["last", "best"])
def test_the_weights_that_are_not_published_are_kept_too(stores: tuple[ImageDataset, ImageDataset], tmp_path: Path, keep: str) -> None:
    settings = replace(SETTINGS, epochs=4, lr=0.02)
    last, best = (train(stores, tmp_path / kind, replace(settings, keep=kind)) for kind in ("last", "best"))
    assert last.other is not None and best.other is not None, "the best epoch is the last: the example shows nothing"
    kept, other = (last, best) if keep == "last" else (best, last)
    assert kept.other is not None
    theirs = other.generator.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in kept.other.state_dict().items())


def test_a_profiled_training_leaves_a_trace_and_the_same_bits(stores: tuple[ImageDataset, ImageDataset], tmp_path: Path) -> None:
    callback = Recorder()
    profiled = train(stores, tmp_path / "profiled", replace(SETTINGS, epochs=1, profile_steps=1), callback)
    assert same(profiled, train(stores, tmp_path / "plain", replace(SETTINGS, epochs=1)))
    (trace,) = callback.traces
    assert trace.parent.parent == tmp_path / "profiled" / "profiles" and "aten::" in trace.read_text()


def same_weights(a: Trained, b: Trained) -> bool:
    one, other = a.generator.state_dict(), b.generator.state_dict()
    return all(torch.equal(one[name], other[name]) for name in one)


def test_samples_are_spread_over_the_epochs_and_end_with_the_last() -> None:
    assert sample_epochs(replace(SETTINGS, epochs=200, samples=10)) == [20, 40, 60, 80, 100, 120, 140, 160, 180, 200]
    assert sample_epochs(replace(SETTINGS, epochs=3, samples=10)) == [1, 2, 3]
    assert sample_epochs(replace(SETTINGS, epochs=3, samples=0)) == []


def train_on(folder: Path) -> None:
    """Train on the images in a folder, from where it was to the end, and keep weights and rows there."""
    importlib.import_module("tests.conftest")  # the same arithmetic
    trained = train((ImageDataset(folder / "train"), ImageDataset(folder / "val")), folder / "state", replace(SETTINGS, epochs=12))
    save_file({name: value.contiguous() for name, value in trained.generator.state_dict().items()}, folder / "generator.safetensors")
    (folder / "rows").write_text(repr(trained.rows))


def test_killed_at_random_moments_the_same_command_ends_with_the_same_bits(tmp_path: Path, processes: ForkServerContext) -> None:
    """A real process, kill -9: also while a checkpoint is being written, as every step writes one."""
    whole = train(make_stores(tmp_path / "whole"), tmp_path / "state", replace(SETTINGS, epochs=12))
    killed = tmp_path / "killed"
    make_stores(killed)
    moments, kills = random.Random(5), 0
    for _ in range(20):
        process = processes.Process(target=train_on, args=(killed,))
        process.start()
        deadline = time.monotonic() + 60
        # the state appears with the first step; from then on any moment may be the last
        before = _written(killed)
        while _written(killed) == before and process.is_alive() and time.monotonic() < deadline:
            time.sleep(0.002)
        if kills < 2:
            time.sleep(moments.uniform(0, 0.15))
        if kills < 2 and process.is_alive():
            process.kill()
            kills += 1
        process.join(120)
        if process.exitcode == 0:
            break
    assert kills >= 2, "the training ended before it could be killed"
    assert (killed / "rows").read_text() == repr(whole.rows)
    weights = load_file(killed / "generator.safetensors")
    assert all(torch.equal(weights[name], value) for name, value in whole.generator.state_dict().items())


def _written(folder: Path) -> float:
    state = folder / "state" / "key" / "state.pt"
    return state.stat().st_mtime_ns if state.exists() else 0
