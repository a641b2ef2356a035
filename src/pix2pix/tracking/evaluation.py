"""The record of an evaluation with the run of its model."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pix2pix.config.settings import Tracking
from pix2pix.data.prediction_folders import TARGETS
from pix2pix.metrics.evaluation_file import measured_metrics, read_evaluation
from pix2pix.repository.digests import folder_digest, model_sha256
from pix2pix.repository.dvc_lock import data_digest
from pix2pix.tracking.opening import Scalar, reopen_for_model


def record_evaluation(
    dataset: str,
    model: Path,
    predictions: Path,
    evaluation: Path,
    tables: Sequence[Path],
    *,
    root: Path,
    lock: Path,
    params_file: Path,
    settings: Tracking,
    params: Mapping[str, Scalar],
    register: bool,
) -> None:
    """Record the measurements with the run that trained the model, or with one of their own where other predictions have that run.

    Args:
        model, predictions: folders of what was evaluated.
        evaluation: the whole evaluation as JSON.
        tables: the other files of measurements.
        root: the repository that has the store.
        lock: `dvc.lock`, for the hashes of what came before.
        params, params_file: the settings in effect, and where they come from.
        register: whether the model is a candidate for MLflow's registry (see `tracking.register_if`).
    """
    digest, files = folder_digest(predictions), (*tables, evaluation)
    content = read_evaluation(evaluation)
    with reopen_for_model(
        dataset,
        model_sha256(model),
        root=root,
        settings=settings,
        params=dict(params),
        certain=False,  # a stage started by hand may find another training's model
        predictions=digest,
        data_digest=data_digest(lock, dataset),
    ) as run:
        run.log_setup(params_file)
        run.log_evaluation(content)
        for path in files:
            run.log_file(path, path.parent.name)
        run.log_chain(lock, {"train": (model,), "infer": (predictions,), "evaluate": files})
        if register:
            run.register(model, measured_metrics(content), folder_digest(predictions / TARGETS))
