"""Callback of the stage train: a progress bar, an MLflow run, and event files for TensorBoard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from pix2pix.config.settings import Settings
from pix2pix.repository.digests import model_sha256
from pix2pix.repository.dvc_lock import data_digest
from pix2pix.system.addresses import redacted
from pix2pix.tracking.opening import open_run
from pix2pix.tracking.progress import ProgressBar
from pix2pix.tracking.run import Run
from pix2pix.tracking.tensorboard import EventFiles


@contextmanager
def record_training(
    settings: Settings, root: Path, params: Path, lock: Path, files: Mapping[Path, str], folder: Path, tags: Mapping[str, str]
) -> Iterator[TrainCallback]:
    """Open the run of a training and yield its callback; the run ends with the block. A resumed training resumes its run.

    Args:
        root: root of the repository.
        params, lock: params.yaml and dvc.lock.
        files: see `TrainCallback`.
        folder: keeps the run's id, and the name of its event files, until the training is published.
        tags: see `open_run`.
    """
    events = EventFiles(settings.dataset, root, folder / "events") if settings.tracking.tensorboard else None
    note = folder / "run_id"
    run = open_run(
        settings.dataset,
        root=root,
        settings=settings.tracking,
        params={**settings.flat(), "source": redacted(settings.source)},
        tags=dict(tags),
        data_digest=data_digest(lock, settings.dataset),
        resume_run_id=note.read_text() if note.exists() else None,
    )
    with run, closing(ProgressBar(f"train {settings.dataset}")) as bar, ExitStack() as ends:
        if events:
            ends.callback(events.close)
        note.write_text(run.run_id)
        run.log_setup(params)
        yield TrainCallback(run, bar, files, events)


class TrainCallback:
    """Shows a training on the terminal and records it in a run; implements pix2pix.train.callbacks.Callback."""

    def __init__(self, run: Run, bar: ProgressBar, files: Mapping[Path, str] | None = None, events: EventFiles | None = None) -> None:
        """files: file -> artifact folder, recorded when the model is published. events: None for none."""
        self.run, self.bar, self._files, self._events = run, bar, files or {}, events

    def on_train_start(self, epochs: int, steps: int, epoch: int, step: int, rows: Sequence[Mapping[str, float | int]]) -> None:
        """Start the progress bar and the event files, and record the epochs until now: the run that has them may have been deleted."""
        for row in rows:
            self.run.log_epoch(int(row["epoch"]), _figures(row))
        self.bar.started(epochs, steps, epoch, step)
        if self._events:
            self._events.start(epoch)

    def on_step(self, images: int, losses: Callable[[], Mapping[str, float]]) -> None:
        """Move the progress bar."""
        self.bar.stepped(images, losses)

    def on_epoch_end(self, row: Mapping[str, float | int], seconds: float, images: int) -> None:
        """Record the epoch's losses and the images per second."""
        figures = {**_figures(row), "images_per_second": images / seconds}
        self.run.log_epoch(int(row["epoch"]), figures)
        if self._events:
            self._events.log_epoch(int(row["epoch"]), figures)

    def on_samples(self, epoch: int, generator: Any, discriminator: Any) -> None:
        """Do nothing: `on_sample_sheet` records the sheets."""

    def on_sample_sheet(self, name: str, sheet: Path, epoch: int) -> None:
        """Record a sample sheet."""
        self.run.log_image(sheet, name, epoch)
        if self._events:
            self._events.log_image(name, sheet, epoch)

    def on_profile(self, trace: Path) -> None:
        """Record the trace."""
        self.run.log_file(trace, "profile")

    def on_publish(self, model: Path, others: Mapping[str, Path]) -> None:
        """Record the model, its hash, the unpublished models in `others`, and `files`."""
        self.bar.close()
        self.run.log_model(model)
        self.run.tag({"model.sha256": model_sha256(model)})
        for name, folder in others.items():
            self.run.log_file(folder, f"model-{name}")
        for file, into in self._files.items():
            self.run.log_file(file, into)


def _figures(row: Mapping[str, float | int]) -> dict[str, float | int]:
    return {key: value for key, value in row.items() if key != "epoch"}
