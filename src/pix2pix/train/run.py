"""The stage train: select devices, start processes, run the loop with its checkpoint, write the outputs."""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch.distributed.elastic.multiprocessing import SignalException

from pix2pix.config.settings import Settings
from pix2pix.data.dataset import ImageDataset
from pix2pix.data.palettes import Palette, palette_of
from pix2pix.models.description import WEIGHTS
from pix2pix.models.files import SavedModel, save_model
from pix2pix.models.weights_file import sha256
from pix2pix.system import gpus, runtime
from pix2pix.system.atomic_write import write_csv
from pix2pix.system.interrupts import Stop
from pix2pix.system.terminal import counted, human_bytes, say
from pix2pix.train.callbacks import Callback
from pix2pix.train.checkpoint import Checkpoint, Kept
from pix2pix.train.distributed import Distributed, launched, launcher_is_gone, process_group
from pix2pix.train.launch import launch, processes
from pix2pix.train.loop import Training
from pix2pix.train.out_of_memory import enough_memory
from pix2pix.train.perceptual import Perceptual
from pix2pix.train.progress import Trained
from pix2pix.train.resume_key import code_digest, fingerprint
from pix2pix.train.sample_sheets import SampleSheets, copy_sheets
from pix2pix.train.start import Start
from pix2pix.train.validation import inference_norm

Record = Callable[[Path, Mapping[str, str]], AbstractContextManager[Callback]]
"""Opens what records a training, with a folder for what it needs to resume, and tags; it ends with the training, by an error or not."""

_SOME_INPUTS = 32  # training inputs that decide whether all are label maps


@dataclass(frozen=True)
class TrainPaths:
    """Inputs and outputs of the stage."""

    prepared: Path  # folder with the splits train and val
    model: Path  # folder
    history: Path  # CSV, one row per epoch
    samples: Path  # folder of sample sheets
    resume: Path  # folder of checkpoints
    perceptual_weights: Path | None = None  # set if train.lambda_perceptual is above 0
    start: Path | None = None  # model folder of train.start_from; None: random weights


def train(settings: Settings, paths: TrainPaths, record: Record, program: list[str]) -> None:
    """Train a dataset's model and write model, history and sample sheets. An interrupted training resumes from its checkpoint.

    With several devices, one process per device runs `python program`, which calls this function again. Only rank 0 calls `record`.

    Raises UserError for wrong settings or data, KeyboardInterrupt when a signal stops the training.
    """
    device = runtime.select_device(settings.runtime)
    if not launched():  # a person who starts torchrun chooses the GPUs
        device, *more = gpus.acquire(device, processes(settings.train.devices, device, settings.train.batch_size))
        if more:
            _launch([device, *more], program)
            return
    with process_group(device, settings.train.batch_size) as (distributed, own_device):
        _train(settings, paths, record, distributed, own_device)


def _launch(devices: list[torch.device], program: list[str]) -> None:
    try:
        launch(len(devices), program, gpus.visible(devices, os.environ))
    except SignalException as stopped:  # the launcher received the signal and passed it on to all
        Stop.by = stopped.sigval
        raise KeyboardInterrupt("stopped; the checkpoint is saved") from None


def _train(settings: Settings, paths: TrainPaths, record: Record, distributed: Distributed, device: torch.device) -> None:
    """Train in this process. Rank 0 saves checkpoints, records and publishes."""
    train, val = (ImageDataset(paths.prepared / split) for split in ("train", "val"))
    perceptual = Perceptual(paths.perceptual_weights, None, device) if paths.perceptual_weights else None
    stop = Stop()
    start = distributed.broadcast(Start.of(paths.start) if paths.start and distributed.is_rank0 else None)

    def fit(checkpoint: Checkpoint | None = None, *callbacks: Callback) -> Trained:
        stop.catch()
        with enough_memory(settings.model, settings.train, device):
            return Training(
                train, val, settings.model, settings.train, seed=settings.seed, device=device, checkpoint=checkpoint, callbacks=callbacks,
                stop=lambda: stop() or launcher_is_gone(), distributed=distributed, perceptual=perceptual, start=start,
            ).run()  # fmt: skip

    if not distributed.is_rank0:
        fit()
        return
    _announce(settings, len(train), device, distributed.world_size)
    tags = {"device": str(device), "processes": str(distributed.world_size)}
    key = partial(_key, datasets=(train, val), start=start, device=device, world_size=distributed.world_size)
    of_any_epochs = replace(settings, train=replace(settings.train, epochs=1))
    kept = f"kept-{key(of_any_epochs)}" if settings.train.keep_state else ""
    with Checkpoint(paths.resume, key(settings), kept, settings.train.epochs) as checkpoint:
        tags |= _start_tags(checkpoint.earlier, start)
        with record(checkpoint.folder, tags) as callback:
            sheets = SampleSheets(val, checkpoint.folder / "samples", device, [callback])
            trained = fit(checkpoint, callback, sheets)
            copy_sheets(sheets.folder, paths.samples)
            _publish(settings, paths, trained, train, inference_norm(settings.train, distributed), checkpoint.folder, callback)
        if settings.train.keep_state:
            size = human_bytes(checkpoint.keep(sha256(paths.model / WEIGHTS)))
            say(f"{settings.dataset}: the checkpoint is kept for more epochs, {size} in {checkpoint.kept}")
        else:
            checkpoint.clear()


def _key(settings: Settings, datasets: tuple[ImageDataset, ...], start: Start | None, device: torch.device, world_size: int) -> str:
    """Key of the checkpoint, from everything that decides the result."""
    parts = {
        "settings": [asdict(settings.train), asdict(settings.model), asdict(settings.runtime), settings.seed],
        "processes": [device.type, world_size],
        "data": [dataset.digest for dataset in datasets],
        "start": start.digests if start else [],
        "code": code_digest(),
    }
    return f"{settings.dataset}-{fingerprint(parts)}"


def _start_tags(earlier: Kept | None, start: Start | None) -> dict[str, str]:
    """Tags of what the training starts from: the SHA-256 of its weights, and the epochs of a training that it goes on from."""
    if earlier is not None:
        return {"start.sha256": earlier.model, "start.epochs": str(earlier.epochs)}
    return {"start.sha256": start.digests[0]} if start else {}


def _publish(
    settings: Settings, paths: TrainPaths, trained: Trained, data: ImageDataset, norm: str, folder: Path, callback: Callback
) -> None:
    """Write the model and the history; save the other model (last or best) in `folder`, for the callback."""
    model = SavedModel(
        generator=trained.generator,
        dataset=settings.dataset,
        kind=settings.kind,
        direction=settings.direction,
        planes=data.planes,
        settings=settings.model,
        norm=norm,
        epochs=settings.train.epochs,
        fit=settings.prepare.fit,
        resize=settings.prepare.resize,
        load_size=settings.prepare.load_size,
        palette=_input_palette(data),
    )
    if settings.train.keep_discriminator:
        save_model(paths.model, model, trained.discriminator, trained.moments)
    else:
        save_model(paths.model, model)
    write_csv(paths.history, trained.rows)
    others: dict[str, Path] = {}
    if trained.other is not None:
        name = "last" if settings.train.keep == "best" else "best"
        others[name] = folder / name
        save_model(others[name], replace(model, generator=trained.other))
    callback.on_publish(paths.model, others)


def _input_palette(data: ImageDataset) -> Palette:
    """The palette of the training inputs, found in some of them; empty if they are no label maps of a known palette."""
    if data.planes.input != "rgb":
        return {}
    some = range(0, len(data), -(-len(data) // _SOME_INPUTS))
    real_a, _ = data.planes.split(data.read(some))
    return palette_of(data.planes.input_rgb(real_a).numpy())


def _announce(settings: Settings, images: int, device: torch.device, world_size: int) -> None:
    epochs, of_images = (counted(count, word) for count, word in ((settings.train.epochs, "epoch"), (images, "image")))
    others = f" and {world_size - 1} more like it" if world_size > 1 else ""
    say(f"{settings.dataset}: {epochs} of {of_images} on {device}{others}")
    if slow := runtime.slow_precision(settings.train.precision, settings.runtime, device):
        say(f"{settings.dataset}: {slow}")
