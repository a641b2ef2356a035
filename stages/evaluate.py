"""Measure the predictions of a dataset against their targets, beside the answers that take no learning."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from pix2pix.config.settings import Settings
from pix2pix.system import gpus, runtime
from pix2pix.system.atomic_write import write_csv, write_json
from stages import paths, run

if TYPE_CHECKING:
    import torch

    from pix2pix.evaluate.evaluate import Evaluation
    from pix2pix.metrics.features.extractor import FeatureExtractor
    from pix2pix.metrics.lpips import Lpips


def evaluate(settings: Settings) -> None:
    """Write data/metrics/<dataset>.json and .csv and data/evaluation/<dataset>.json, and record them with the model's run."""
    from pix2pix.data.dataset import ImageDataset
    from pix2pix.evaluate.evaluate import AS_A_SET, evaluate
    from pix2pix.models.description import describe

    dataset = settings.dataset
    [device] = gpus.acquire(runtime.select_device(settings.runtime))
    store, train = (ImageDataset(paths.prepared(dataset) / split) for split in (settings.eval_split, "train"))
    result = evaluate(
        paths.predictions(dataset),
        store.names,
        train,
        copied="grey" if store.planes.input == "L" else "input copied",
        colouring=store.planes.input != "rgb",
        extractor=_extractor(settings, device),
        lpips=_lpips(settings, device),
        batch_size=settings.evaluate.batch_size,
        device=device,
    )
    figures = {key: value for key, value in result.answers[0].items() if key not in ("answer", *AS_A_SET)}
    _write(dataset, {**figures, "images": len(store), "epochs": describe(paths.model(dataset))["epochs"]}, result)
    print(f"{dataset}: " + ", ".join(f"{key} {value}" for key, value in figures.items()))
    if result.caution:
        print(f"{dataset}: {result.caution}")
    if settings.evaluate.lpips_weights is None:
        print(f"{dataset}: LPIPS is off, as it needs AlexNet's weights: evaluate.lpips_weights is a path, or the word fetch")
    _record(settings, figures)


def _record(settings: Settings, figures: dict[str, str | float | None]) -> None:
    from pix2pix import tracking
    from pix2pix.data.prediction_folders import TARGETS
    from pix2pix.models.description import describe

    dataset, model, predictions = settings.dataset, paths.model(settings.dataset), paths.predictions(settings.dataset)
    with tracking.reopen_for_model(
        dataset,
        tracking.model_sha256(model),
        root=paths.root(),
        settings=settings.tracking,
        params=settings.flat(),
        certain=False,  # a stage started by hand may find another training's model
        predictions=tracking.folder_digest(predictions),
        data_digest=tracking.data_digest(paths.LOCK, dataset),
    ) as run:
        run.log_setup(paths.PARAMS)
        run.log_evaluation(json.loads(paths.evaluation(dataset).read_text(encoding="utf-8")))
        measured = (paths.metrics(dataset), paths.image_metrics(dataset), paths.evaluation(dataset))
        for path in measured:
            run.log_file(path, path.parent.name)
        trained = (paths.history(dataset), model, paths.samples(dataset))
        run.log_chain(paths.LOCK, {"train": trained, "infer": (predictions,), "evaluate": measured})
        if settings.infer.norm in (None, describe(model)["norm"]):  # other pictures than the registered model would make say nothing of it
            run.register(model, figures, tracking.folder_digest(predictions / TARGETS))


def _write(dataset: str, figures: dict[str, str | float | None], result: "Evaluation") -> None:
    write_json(paths.metrics(dataset), {dataset: figures})
    # the figures once more: the report must not read data/metrics, which Git brings back and DVC does not take away
    write_json(paths.evaluation(dataset), {"metrics": figures, **asdict(result)})
    write_csv(paths.image_metrics(dataset), result.images)


def _extractor(settings: Settings, device: "torch.device") -> "FeatureExtractor":
    if settings.evaluate.features == "efficientnet_lite0":
        from pix2pix.metrics.features.efficientnet_lite0 import EfficientNetLite0Features

        return EfficientNetLite0Features(device=device)
    from pix2pix.download.weights import INCEPTION, published
    from pix2pix.metrics.features.inception_2015 import Inception2015Features

    given = settings.evaluate.inception_weights
    weights = published(INCEPTION, given, paths.weights(), paths.root(), option="-S evaluate.inception_weights=")
    return Inception2015Features(weights, device=device)


def _lpips(settings: Settings, device: "torch.device") -> "Lpips | None":
    from pix2pix.download.weights import ALEXNET, published
    from pix2pix.metrics.lpips import Lpips

    if (given := settings.evaluate.lpips_weights) is None:
        return None
    return Lpips(published(ALEXNET, given, paths.weights(), paths.root(), option="-S evaluate.lpips_weights="), device=device)


if __name__ == "__main__":
    run(evaluate)
