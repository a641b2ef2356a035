"""Find or create the MLflow run that a journal belongs to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pix2pix.tracking.parameters import HIDDEN, recorded_params, split
from pix2pix.tracking.tags import (
    EXPERIMENT_NAME,
    MODEL_SHA256,
    PARENT,
    PREDICTIONS,
    RESTORED,
    RUN_KEY,
    START_EPOCHS,
    START_SHA256,
    TRAINING_RUN,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun

INFERENCE = "infer.norm"  # the parameter that changes the predictions of a given model
OFFLINE = "outbox-"  # prefix of a run id made from the journal's key, used until MLflow assigns one
_PARAMS_PER_REQUEST = 100  # MLflow's limit


def find_or_create(client: MlflowClient, experiment: str, header: Mapping[str, Any]) -> MlflowRun:
    """Return the run of the journal, which is now RUNNING.

    The run of a training, and any run that this journal created, also gets the header's tags (and, if new, its parameters and data).

    Args:
        experiment: MLflow's id of the dataset's experiment.
        header: the journal's header, see `open_run` and `reopen_for_model`.
    """
    same_model = _with_model(client, experiment, header)
    run = (
        _newest(client, experiment, RUN_KEY, header["key"])
        or _resumed(client, experiment, header["resume"])
        or _with_predictions(same_model, header)
    )
    if run is None:
        run = _create(client, experiment, header, same_model[0] if same_model else None)
    else:
        client.update_run(run.info.run_id, status="RUNNING")
    if began_with(run, header) or not header["model_sha256"]:
        _describe(client, run, header)
    return run


def began_with(run: MlflowRun, header: Mapping[str, Any]) -> bool:
    """Whether the run was created for the journal with this header."""
    return bool(run.data.tags.get(RUN_KEY) == header["key"])


def run_name(dataset: str, params: Mapping[str, str], experiment: str | None) -> str:
    """Name of a run: DVC's experiment, or `<dataset>-<8 hex digits>`, from the SHA-256 of the parameters."""
    return experiment or f"{dataset}-{hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()[:8]}"


def _newest(client: MlflowClient, experiment: str, tag: str, value: str) -> MlflowRun | None:
    found = client.search_runs([experiment], f"tags.`{tag}` = '{value}'", max_results=1, order_by=["start_time DESC"])
    return found[0] if found else None


def _resumed(client: MlflowClient, experiment: str, run_id: str | None) -> MlflowRun | None:
    from mlflow.exceptions import MlflowException

    if run_id is None:
        return None
    if run_id.startswith(OFFLINE):
        return _newest(client, experiment, RUN_KEY, run_id.removeprefix(OFFLINE))
    try:
        run = client.get_run(run_id)
    except MlflowException as problem:
        if problem.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
    return run if run.info.lifecycle_stage == "active" and run.info.experiment_id == experiment else None


def _with_model(client: MlflowClient, experiment: str, header: Mapping[str, Any]) -> list[MlflowRun]:
    """Runs with the journal's model: those of the same DVC experiment first, then the newest."""
    if header["model_sha256"] is None:
        return []
    found = list(client.search_runs([experiment], f"tags.`{MODEL_SHA256}` = '{header['model_sha256']}'", order_by=["start_time DESC"]))
    name = header["tags"].get(EXPERIMENT_NAME)
    return sorted(found, key=lambda run: name is None or run.data.tags.get(EXPERIMENT_NAME) != name)


def _with_predictions(same_model: list[MlflowRun], header: Mapping[str, Any]) -> MlflowRun | None:
    """The run, of those with the model, that the journal's predictions belong to; None if they are new (see `reopen_for_model`)."""

    def matches(run: MlflowRun) -> bool:
        if PREDICTIONS in run.data.tags:
            return bool(run.data.tags[PREDICTIONS] == header["predictions"])
        norm = header["inference_params"].get(INFERENCE)
        return norm is None or recorded_params(run).get(INFERENCE, norm) == norm

    return next(filter(matches, same_model), None)


def _create(client: MlflowClient, experiment: str, header: Mapping[str, Any], trained: MlflowRun | None) -> MlflowRun:
    """Create a run. `trained`: the run that trained the model, if it is another one."""
    tags, name = {**header["tags"], RUN_KEY: header["key"]}, header["run_name"]
    if header["model_sha256"]:
        tags[MODEL_SHA256] = header["model_sha256"]
    if trained is not None:
        tags[TRAINING_RUN] = trained.data.tags.get(TRAINING_RUN, trained.info.run_id)
        tags |= {key: trained.data.tags[key] for key in (START_SHA256, START_EPOCHS, PARENT) if key in trained.data.tags}
        name = run_name(header["dataset"], _params_after(trained, header), tags.get(EXPERIMENT_NAME))
    elif header["model_sha256"]:
        tags[RESTORED] = "true"
    return client.create_run(experiment, start_time=header["time"], tags=tags, run_name=name)


def _trainer(client: MlflowClient, model_sha256: str, before: int) -> str | None:
    """Id of the newest run of any dataset that trained the model with this hash and began before this time; None if no run here did."""
    everywhere = [experiment.experiment_id for experiment in client.search_experiments()]
    runs = client.search_runs(everywhere, f"tags.`{MODEL_SHA256}` = '{model_sha256}'", order_by=["start_time DESC"])
    return next((run.info.run_id for run in runs if TRAINING_RUN not in run.data.tags and run.info.start_time < before), None)


def _params_after(trained: MlflowRun, header: Mapping[str, Any]) -> dict[str, str]:
    """Parameters for new predictions of a model that another run trained."""
    return {**recorded_params(trained), **header["inference_params"]}


def _describe(client: MlflowClient, run: MlflowRun, header: Mapping[str, Any]) -> None:
    """Record tags, parameters and data of the header. A resumed run keeps its parameters and gets the tags of this machine."""
    from mlflow.entities import Dataset, DatasetInput, Param, RunTag

    run_id, tags, params, is_new = run.info.run_id, dict(header["tags"]), [], began_with(run, header)
    if is_new:
        trained_by = run.data.tags.get(TRAINING_RUN)
        shown, hidden = split(_params_after(client.get_run(trained_by), header) if trained_by else header["params"])
        tags |= {HIDDEN: json.dumps(hidden)} if hidden else {}
        params = [Param(key, value) for key, value in shown.items()]
    if START_SHA256 in tags and (parent := _trainer(client, tags[START_SHA256], before=run.info.start_time)):
        tags[PARENT] = parent
    client.log_batch(run_id, tags=[RunTag(key, value) for key, value in tags.items()], synchronous=True)
    for first in range(0, len(params), _PARAMS_PER_REQUEST):
        client.log_batch(run_id, params=params[first : first + _PARAMS_PER_REQUEST], synchronous=True)
    if is_new and header["data_digest"]:
        source = json.dumps({"dvc_stage": f"prepare@{header['dataset']}"})
        data = Dataset(name=header["dataset"], digest=header["data_digest"], source_type="dvc", source=source)
        client.log_inputs(run_id, [DatasetInput(dataset=data)])
