"""Finding a recorded run by what a person types."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.data.download.fetch import shown
from pix2pix.errors import UserError
from pix2pix.models.description import DESCRIPTION
from pix2pix.tracking.lineage import PREDICTIONS
from pix2pix.tracking.sender import MODEL_SHA256
from pix2pix.tracking.store import connect, reason, sqlite_path, tracking_uri

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

MODEL = "model"  # the artifact folder that the stage train logs its model into


@dataclass(frozen=True)
class RecordedRun:
    """A run as MLflow has it.

    Attributes:
        name: its name.
        run_id: MLflow's id.
        dataset: the data set, which is the name of its MLflow experiment.
        predictions: DVC's hash of the folder of pictures it was measured on (see `folder_digest`).
    """

    name: str
    run_id: str
    dataset: str
    predictions: str


def find_runs(text: str, root: Path, dataset: str | None) -> list[RecordedRun]:
    """The runs with this id or name, newest first; of runs whose pictures are the same ones only the newest. None where there is no store.

    Args:
        text: a run's id, or its name.
        root: the repository's root, as in `open_run`.
        dataset: only runs of this data set.

    Raises:
        UserError: MLflow cannot be reached, or a run of that id or name has not been measured.
    """
    uri = tracking_uri(root)
    path = sqlite_path(uri)
    if path is not None and not path.exists():
        return []
    try:
        client = connect(uri)
        experiments = {it.experiment_id: it.name for it in client.search_experiments() if dataset in (None, it.name)}
        runs = _named(client, text, list(experiments))
    except Exception as problem:
        raise UserError(f"The MLflow store at {shown(uri)} cannot be asked for {text!r}: {reason(problem)}") from None
    found: dict[str, RecordedRun] = {}
    for run in runs:
        recorded = RecordedRun(run.info.run_name, run.info.run_id, experiments[run.info.experiment_id], _predictions(client, run))
        found.setdefault(recorded.predictions, recorded)
    return list(found.values())


def _named(client: MlflowClient, text: str, experiments: list[str]) -> list[Run]:
    """Runs of these experiments with this id, or else with this name, newest first."""
    if not experiments or '"' in text:
        return []
    for attribute in ("run_id", "run_name") if re.fullmatch("[0-9a-f]{32}", text) else ("run_name",):
        found = client.search_runs(experiments, f'attributes.{attribute} = "{text}"', order_by=["attributes.start_time DESC"])
        if found:
            return list(found)
    return []


def _predictions(client: MlflowClient, run: Run) -> str:
    """The run's pictures, or those of another run with the very same model: DVC does not measure the same model twice."""
    if PREDICTIONS in run.data.tags:
        return str(run.data.tags[PREDICTIONS])
    model = run.data.tags.get(MODEL_SHA256)
    if model:
        query = f"tags.`{MODEL_SHA256}` = '{model}' and tags.`{PREDICTIONS}` != ''"
        same = client.search_runs([run.info.experiment_id], query, max_results=1)
        if same:
            return str(same[0].data.tags[PREDICTIONS])
    raise UserError(
        f"The MLflow run {run.info.run_name} ({run.info.run_id}, {run.info.status}) has no record of its pictures: it was not evaluated, "
        "or by an older version. `dvc repro --force evaluate@<dataset>` records those of the model that is in the workspace"
    )


def download_model(text: str, root: Path, place: Path) -> Path | None:
    """The folder of the trained model that a run made, or that an address of MLflow's registry names, brought to `place`.

    Args:
        text: a run's id or name (the newest of that name that has a model), or `models:/…`, `runs:/…`.
        root: the repository's root, as in `open_run`.
        place: an empty folder.

    Returns:
        The folder that has the model's description; None where there is no store or no such run.

    Raises:
        UserError: MLflow cannot be reached, or what was found has no model in it.
    """
    uri = tracking_uri(root)
    path = sqlite_path(uri)
    if path is not None and not path.exists():
        return None
    try:
        client = connect(uri)
        if text.startswith(("models:/", "runs:/")):
            addresses = [text]
        else:
            experiments = [it.experiment_id for it in client.search_experiments()]
            addresses = [f"runs:/{run.info.run_id}/{MODEL}" for run in _named(client, text, experiments)]
        found = next((folder for address in addresses if (folder := _downloaded(address, uri, place))), None)
    except Exception as problem:
        raise UserError(f"The MLflow store at {shown(uri)} cannot be asked for {text!r}: {reason(problem)}") from None
    if addresses and found is None:
        raise UserError(
            f"The MLflow run {text} has no model: it did not end, or took its model from DVC's cache; `dvc repro` brings it back"
        )
    return found


def _downloaded(address: str, uri: str, place: Path) -> Path | None:
    """Brings the artifacts of one address; the folder among them that is a model of this project, None where there is none."""
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    try:
        folder = Path(download_artifacts(artifact_uri=address, dst_path=str(place), tracking_uri=uri))
    except (MlflowException, OSError):
        if address.startswith("models:/"):
            raise
        return None
    return next((file.parent for file in sorted(folder.rglob(DESCRIPTION))), None)
