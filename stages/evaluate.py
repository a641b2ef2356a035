"""Measure the predictions of a dataset against their targets, beside baselines."""

from pix2pix.config.settings import Settings
from pix2pix.system import gpus, runtime
from pix2pix.system.terminal import say
from stages import paths, run


def evaluate(settings: Settings) -> None:
    """Write data/metrics/<dataset>.json and .csv and data/evaluation/<dataset>.json, and record them with the model's run."""
    from pix2pix.data.source import Source
    from pix2pix.download.weights import evaluation_weights
    from pix2pix.evaluate.evaluate import evaluate_dataset
    from pix2pix.evaluate.evaluator import load_extractor, load_lpips
    from pix2pix.models.description import describe
    from pix2pix.tracking.evaluation import record_evaluation

    dataset, chosen = settings.dataset, settings.evaluate
    model, predictions, evaluation = describe(paths.model(dataset)), paths.predictions(dataset), paths.evaluation(dataset)
    tables = (paths.metrics(dataset), paths.image_metrics(dataset))
    [device] = gpus.acquire(runtime.select_device(settings.runtime))
    root = paths.root()
    inception, alexnet = evaluation_weights(chosen, paths.weights(), root)
    extractor, lpips = load_extractor(inception, device), load_lpips(alexnet, device)
    result = evaluate_dataset(
        paths.prepared(dataset), predictions, settings.eval_split, extractor, lpips, batch_size=chosen.batch_size, device=device
    )  # fmt: skip
    result.write(*tables, evaluation, dataset=dataset, epochs=model["epochs"])
    for line in (result.summary(dataset), *Source.of(paths.raw(dataset), root).notes()):
        say(line)
    record_evaluation(
        settings, paths.model(dataset), predictions, evaluation, tables, root=root, lock=paths.LOCK, params_file=paths.PARAMS,
        register=settings.infer.norm in (None, model["norm"]),  # with other statistics the outputs are not the registered model's
    )  # fmt: skip


if __name__ == "__main__":
    run(evaluate)
