"""What recording costs a training: a part of `python -m benchmarks`.

On a shared machine, speed changes by more than one percent from minute to minute. So beside the ratio of whole trainings there are two
sums: the seconds that the training waits in calls that record, and those that the recording threads compute.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks.images import draw_pairs, prepare_pairs
from benchmarks.many import ROOT
from benchmarks.timing import Row, faster
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.settings import Tracking
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.dataset import ImageDataset
from pix2pix.tracking import Run, open_run
from pix2pix.tracking.progress import ProgressBar
from pix2pix.tracking.train_callback import TrainCallback
from pix2pix.train.loop import Training
from pix2pix.train.sample_sheets import SampleSheets

SECONDS = 60.0  # of a training
MODEL = ModelSettings(ngf=16, ndf=16, crop_size=64)  # as at `scale: sample`
THREADS = ("tracking", "system-metrics")  # those that record, by name


def rows(rounds: int = 3, seconds: float = SECONDS) -> list[Row]:
    """Trainings with and without, and set-up and end of a run."""
    return [*trainings(rounds, seconds), beginning_and_end(rounds)]


@dataclass
class Recorder:
    """A run whose calls are counted: seconds that the training waited in them."""

    run: Run
    waited: float = 0.0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self.run, name)

        def counted(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return call(*given, **named)
            finally:
                self.waited += time.perf_counter() - began

        return counted


def trainings(rounds: int, seconds: float) -> list[Row]:
    """The same training with and without a record, in turns: ratio of their times, and what the recording itself took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare_pairs(draw_pairs(folder, count=320, size=96), folder / "prepared", load_size=72, crop_size=64)
        stores = [ImageDataset(folder / "prepared" / split) for split in ("train", "val")]
        warm_up = _train(stores, folder, epochs=2, recorded=True)
        epochs = max(2, round(seconds / (warm_up.seconds / 2)))
        on: list[_Trained] = []
        off: list[_Trained] = []
        for number in range(rounds):
            for recorded in (True, False) if number % 2 else (False, True):
                (on if recorded else off).append(_train(stores, folder, epochs=epochs, recorded=recorded))
    waited, computed = (
        100 * statistics.median(share) for share in zip(*((t.waited / t.seconds, t.computed / t.seconds) for t in on), strict=True)
    )
    length = statistics.median(training.seconds for training in on)
    what = f"CPU, U-Net 64, ngf 16, batch 8, {epochs} epochs of 320 pairs"
    return [
        Row(f"{what}: recorded / not recorded", faster([t.seconds for t in off], [t.seconds for t in on]), "1.00x: costs nothing"),
        Row(
            f"{what}: share of its time that recording takes",
            None,
            f"{waited:.2f}% waiting, {computed:.2f}% of one core beside it; of {length:.0f} s",
        ),
    ]


@dataclass(frozen=True)
class _Trained:
    """Seconds of a training, those that it waited for the recording, and those that the recording threads computed."""

    seconds: float
    waited: float
    computed: float


def _train(stores: list[ImageDataset], folder: Path, *, epochs: int, recorded: bool) -> _Trained:
    """A training recorded as by the stage `train`; opening and closing the run is not timed."""
    run = _opened(folder, recorded)
    recorder, bar = Recorder(run), ProgressBar("train")
    callback = TrainCallback(recorder, bar)  # type: ignore[arg-type]
    sheets = SampleSheets(stores[1], folder / "samples", torch.device("cpu"), [callback])
    training = Training(
        stores[0], stores[1], MODEL, TrainSettings(epochs=epochs, batch_size=8), seed=0, device=torch.device("cpu"),
        callbacks=[callback, sheets],
    )  # fmt: skip
    before, began = _computed(), time.perf_counter()
    training.run()
    done = _Trained(time.perf_counter() - began, recorder.waited, _computed() - before)
    bar.close()
    run.finish("FINISHED")
    return done


def _opened(folder: Path, recorded: bool) -> Run:
    settings = Tracking(enabled=recorded)
    params = {f"section.key_{number}": number for number in range(70)}  # as many as params.yaml has
    return open_run("facades", root=folder, settings=settings, params=params, tags={}, data_digest=None, resume_run_id=None)


def _computed() -> float:
    """Seconds of a core that the recording threads have computed."""
    ticks = 0
    for thread in threading.enumerate():
        if thread.name in THREADS:
            fields = Path(f"/proc/self/task/{thread.native_id}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])  # utime and stime
    return ticks / os.sysconf("SC_CLK_TCK")


def beginning_and_end(rounds: int) -> Row:
    """Seconds to begin a run and to end it, MLflow's import included: every time in a process of its own, as stages are."""
    with tempfile.TemporaryDirectory() as folder:
        first, *others = (_begin_and_end(folder) for _ in range(rounds + 1))
    begin, end = (statistics.median(seconds) for seconds in zip(*others, strict=True))
    note = f"{begin:.1f} s to begin, {end:.1f} s to end; the very first run, which makes the database: {first[0]:.1f} s to begin"
    return Row("a run's beginning and end, MLflow's import included", None, note)


def _begin_and_end(folder: str) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.tracking", folder]
    begin, end = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return float(begin), float(end)


def _print_beginning_and_end(folder: Path) -> None:
    began = time.perf_counter()
    run = _opened(folder, recorded=True)
    begun = time.perf_counter()
    run.finish("FINISHED")
    print(begun - began, time.perf_counter() - begun)


if __name__ == "__main__":
    _print_beginning_and_end(Path(sys.argv[1]))
