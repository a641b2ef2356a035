"""Train generator and discriminator of one dataset, or resume a training that was interrupted."""

import os
from functools import partial
from pathlib import Path

from pix2pix.config.settings import Settings
from pix2pix.config.train_settings import NOISE
from pix2pix.system.terminal import say
from stages import paths, run


def train(settings: Settings) -> None:
    """Write data/models, data/history and data/samples of the dataset."""
    from pix2pix.data.source import Source
    from pix2pix.download.weights import SQUEEZENET, evaluation_weights, published
    from pix2pix.tracking.train_callback import record_training
    from pix2pix.train import run as training

    dataset, weights = settings.dataset, None
    if "RANK" not in os.environ:  # once, not in each process of a distributed training
        for note in Source.of(paths.raw(dataset), paths.root()).notes():
            say(f"{dataset}: {note}")
    evaluation_weights(settings.evaluate, paths.weights(), paths.root())  # not after hours of training
    if settings.train.lambda_perceptual:
        given = settings.train.perceptual_weights
        weights = published(SQUEEZENET, given, paths.weights(), paths.root(), option="-S train.perceptual_weights=")
    prepared = paths.prepared(dataset)
    files = training.TrainPaths(
        prepared,
        paths.model(dataset),
        paths.history(dataset),
        paths.samples(dataset),
        paths.resume(),
        perceptual_weights=weights,
        start=None if settings.train.start_from == NOISE else Path(settings.train.start_from),
    )
    skipped = {prepared / "skipped.json": "data"}
    record = partial(record_training, settings, paths.root(), paths.PARAMS, paths.LOCK, skipped)
    training.train(settings, files, record, program=["-m", "stages.train", dataset])


if __name__ == "__main__":
    run(train)
