"""Train generator and discriminator of one dataset."""

import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.config.settings import Settings
from pix2pix.system import gpus, runtime
from pix2pix.system.addresses import redacted
from pix2pix.system.atomic_write import write_csv
from pix2pix.system.interrupts import Stop
from stages import paths, run

if TYPE_CHECKING:
    import torch
    from torch import nn

    from pix2pix.data.dataset import ImageDataset
    from pix2pix.tracking import Run
    from pix2pix.tracking.progress import ProgressBar
    from pix2pix.train.checkpoint import ResumableState
    from pix2pix.train.distributed import Team
    from pix2pix.train.loop import Trained
    from pix2pix.train.perceptual import Perceptual
    from pix2pix.train.sample_sheets import SampleSheets


class Watch:
    """Shows a training to a person, and records it."""

    def __init__(self, bar: "ProgressBar", run: "Run", sheets: "SampleSheets") -> None:
        self.bar, self.run, self.sheets = bar, run, sheets
        self.started = bar.started

    def stepped(self, images: int, losses: Callable[[], list[float]]) -> None:
        """A batch is done."""
        self.bar.stepped(images, losses)

    def sampled(self, epoch: int, generator: "nn.Module", discriminator: "nn.Module") -> None:
        """Sample pictures are due."""
        self.run.log_picture(self.sheets.write(epoch, generator), "samples", epoch)
        self.run.log_picture(self.sheets.write_patches(epoch, generator, discriminator), "patches", epoch)

    def epoch_ended(self, row: dict[str, float | int], seconds: float, images: int) -> None:
        """A row of the history is complete."""
        figures = {key: value for key, value in row.items() if key != "epoch"}
        self.run.log_epoch(int(row["epoch"]), {**figures, "images_per_second": images / seconds})

    def profiled(self, trace: Path) -> None:
        """A trace of some updates is written."""
        self.run.log_file(trace, "profile")


class Unwatched:
    """A process of a team that does not lead: it shows and records nothing."""

    def started(self, epochs: int, steps: int, epoch: int, step: int) -> None:
        """Training begins."""

    def stepped(self, images: int, losses: Callable[[], list[float]]) -> None:
        """A batch is done."""

    def sampled(self, epoch: int, generator: "nn.Module", discriminator: "nn.Module") -> None:
        """Sample pictures are due."""

    def epoch_ended(self, row: dict[str, float | int], seconds: float, images: int) -> None:
        """A row of the history is complete."""

    def profiled(self, trace: Path) -> None:
        """A trace of some updates is written."""


def train(settings: Settings) -> None:
    """Fill data/models, data/history and data/samples of the dataset; a killed training goes on where it was."""
    from pix2pix.train.distributed import joined, launched
    from pix2pix.train.launch import processes

    device, batch_size = runtime.select_device(settings.runtime), settings.train.batch_size
    if not launched():  # who starts torchrun by hand chooses the GPUs by hand
        device, *more = gpus.acquire(device, processes(settings.train.devices, device, batch_size))
        if more:
            _launch([device, *more], settings.dataset)
            return
    with joined(device, batch_size) as (team, own_device):
        _train(settings, team, own_device)


def _launch(devices: "list[torch.device]", dataset: str) -> None:
    from torch.distributed.elastic.multiprocessing import SignalException

    from pix2pix.train.launch import launch

    try:
        launch(len(devices), ["-m", "stages.train", dataset], gpus.visible(devices, os.environ))
    except SignalException as asked:  # the launcher took the signal, and passed it on to all
        Stop.by = asked.sigval
        raise KeyboardInterrupt("stopped; the state is saved") from None


def _train(settings: Settings, team: "Team", device: "torch.device") -> None:
    """One process's part of the training; alone it is all of it."""
    from pix2pix.data.dataset import ImageDataset
    from pix2pix.train.checkpoint import ResumableState, code_digest, fingerprint
    from pix2pix.train.distributed import abandoned
    from pix2pix.train.loop import Training
    from pix2pix.train.out_of_memory import enough_memory

    dataset, asked = settings.dataset, Stop()
    stores = {split: ImageDataset(paths.prepared(dataset) / split) for split in ("train", "val")}
    decides = [
        asdict(settings.train),
        asdict(settings.model),
        asdict(settings.runtime),
        settings.seed,
        device.type,
        team.size,
        code_digest(),
    ]
    key = f"{dataset}-{fingerprint({'settings': decides, 'data': {split: store.digest for split, store in stores.items()}})}"
    perceptual = _perceptual(settings, device)  # before a run is opened that would fail at once without its weights

    def trained(state: ResumableState | None, observer: "Watch | Unwatched") -> "Trained":
        asked.catch()
        with enough_memory(settings.model, settings.train, device):
            training = Training(
                stores["train"], stores["val"], settings.model, settings.train, seed=settings.seed, device=device, state=state,
                observer=observer, stop=lambda: asked() or abandoned(), team=team, perceptual=perceptual,
            )  # fmt: skip
            return training.run()

    if not team.leads:
        trained(None, Unwatched())
        return
    together = f" and {team.size - 1} more like it" if team.size > 1 else ""
    epochs, images = (_counted(count, word) for count, word in ((settings.train.epochs, "epoch"), (len(stores["train"]), "image")))
    print(f"{dataset}: {epochs} of {images} on {device}{together}", flush=True)
    if slow := runtime.slow_precision(settings.train.precision, settings.runtime, device):
        print(f"{dataset}: {slow}", flush=True)
    with ResumableState(paths.resume(), key) as state:
        _recorded(settings, stores, device, state, team, trained)
        state.clear()


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _recorded(
    settings: Settings,
    stores: "dict[str, ImageDataset]",
    device: "torch.device",
    state: "ResumableState",
    team: "Team",
    train: "Callable[[ResumableState, Watch], Trained]",
) -> None:
    """Train under a run of MLflow, and publish what came of it."""
    from pix2pix import tracking
    from pix2pix.models.files import SavedModel, save_model
    from pix2pix.tracking.progress import ProgressBar
    from pix2pix.train.loop import inference_norm
    from pix2pix.train.sample_sheets import SampleSheets, publish

    dataset, note, epochs = settings.dataset, state.folder / "run_id", settings.train.epochs
    run = tracking.open_run(
        dataset,
        root=paths.root(),
        settings=settings.tracking,
        params={**settings.flat(), "source": redacted(settings.source)},
        tags={"device": str(device), "processes": str(team.size)},
        data_digest=tracking.data_digest(paths.LOCK, dataset),
        resume_run_id=note.read_text() if note.exists() else None,
    )
    sheets = SampleSheets(stores["val"], state.folder / "samples", device)
    bar = ProgressBar(f"train {dataset}")
    with run:
        note.write_text(run.run_id)
        run.log_setup(paths.PARAMS)
        try:
            trained = train(state, Watch(bar, run, sheets))
        finally:
            bar.close()
        planes, norm = stores["train"].planes, inference_norm(settings.train, team)

        def saved(generator: "nn.Module", folder: Path) -> Path:
            save_model(folder, SavedModel(generator, dataset, settings.kind, settings.direction, planes, settings.model, norm, epochs))
            return folder

        run.log_model(saved(trained.generator, paths.model(dataset)))
        write_csv(paths.history(dataset), trained.rows)
        publish(sheets.folder, paths.samples(dataset))
        run.tag({"model.sha256": tracking.model_sha256(paths.model(dataset))})
        if trained.other is not None:
            unkept = "last" if settings.train.keep == "best" else "best"
            run.log_folder(saved(trained.other, state.folder / unkept), f"model-{unkept}")
        run.log_file(paths.prepared(dataset) / "skipped.json", "data")


def _perceptual(settings: Settings, device: "torch.device") -> "Perceptual | None":
    if not settings.train.lambda_perceptual:
        return None
    from pix2pix.download.weights import SQUEEZENET, published
    from pix2pix.train.perceptual import Perceptual

    given = settings.train.perceptual_weights
    trunk = published(SQUEEZENET, given, paths.weights(), paths.root(), option="-S train.perceptual_weights=")
    return Perceptual(trunk, None, device)


if __name__ == "__main__":
    run(train)
