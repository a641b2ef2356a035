"""Record an evaluation in the run of its model."""

from collections.abc import Sequence
from pathlib import Path

from pix2pix.config.settings import Settings
from pix2pix.data.prediction_folders import TARGETS
from pix2pix.metrics.evaluation_file import measured_metrics, read_evaluation
from pix2pix.repository.digests import folder_digest, model_sha256
from pix2pix.repository.dvc_lock import data_digest
from pix2pix.tracking.opening import reopen_for_model


def record_evaluation(
    settings: Settings,
    model: Path,
    predictions: Path,
    evaluation: Path,
    tables: Sequence[Path],
    *,
    root: Path,
    lock: Path,
    params_file: Path,
    register: bool,
) -> None:
    """Record measurements in the run that trained the model, or in a new run if that one already has other predictions.

    Args:
        settings: of the dataset.
        model, predictions: folders of the model and of the predictions that were measured.
        evaluation: JSON file with the whole evaluation.
        tables: the other files of measurements.
        root: repository with the MLflow store.
        lock: `dvc.lock`, for the hashes of the earlier stages.
        params_file: params.yaml.
        register: whether the model may be registered in MLflow (see `tracking.register_if`).
    """
    digest, files = folder_digest(predictions), (*tables, evaluation)
    content = read_evaluation(evaluation)
    with reopen_for_model(
        settings.dataset,
        model_sha256(model),
        root=root,
        settings=settings.tracking,
        params=settings.flat(),
        certain=False,  # a stage run by hand may find a model trained with other params
        predictions=digest,
        data_digest=data_digest(lock, settings.dataset),
    ) as run:
        run.log_setup(params_file)
        run.log_evaluation(content)
        for path in files:
            run.log_file(path, path.parent.name)
        run.log_chain(lock, {"train": (model,), "infer": (predictions,), "evaluate": files})
        if register:
            run.register(model, measured_metrics(content), folder_digest(predictions / TARGETS))
