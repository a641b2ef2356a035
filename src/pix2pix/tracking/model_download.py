"""Download trained models from an MLflow run or the model registry."""

from __future__ import annotations

from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.models.description import DESCRIPTION
from pix2pix.tracking.failures import query
from pix2pix.tracking.lookup import Records
from pix2pix.tracking.registry import FOLDER
from pix2pix.tracking.store import local_folder, tracking_uri
from pix2pix.tracking.tags import TRAINING_RUN

_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")  # error codes of MLflow for what is not there


def download_model(text: str, root: Path, place: Path) -> Path | None:
    """Download a trained model into the folder `place`.

    Args:
        text: a run as for `Records.find` (of several, the newest with a model), or an MLflow address, `models:/…` or `runs:/…`.
        root: root of the repository.
        place: an empty folder.

    Returns:
        The folder with the model's description; None if no run matches `text`.

    Raises:
        UserError: MLflow cannot be reached, an address cannot be resolved, the run has no model, or its files are lost.
    """
    records, uri = Records(root), tracking_uri(root)
    if text.startswith(("models:/", "runs:/")):
        if not records.store_exists:
            raise UserError(
                f"{text}: in {root} there is no record of runs yet; `dvc repro` makes one, or set MLFLOW_TRACKING_URI to a server's"
            )
        addresses = [query(uri, lambda: _source(text, uri, records)) if text.startswith("models:/") else text]
        folder = local_folder(addresses[0])
        lost = f"{text}: its files are not in {folder}, where they were recorded: bring that folder back"
        lost = lost if folder and not folder.is_dir() else ""
    else:
        runs = records.find(text)
        addresses = [f"runs:/{run.tags.get(TRAINING_RUN, run.run_id)}/{FOLDER}" for run in runs]
        lost = next((run.lost for run in runs if run.lost), "")
    for address in addresses:
        if found := query(uri, lambda: _downloaded(address, uri, place)):  # noqa: B023
            return found
    if not addresses:
        return None
    raise UserError(
        lost or f"The MLflow run {text} has no model: it did not end, or its model came from DVC's cache; `pix2pix runs sync` records it"
    )


def _source(text: str, uri: str, records: Records) -> str:
    """The address of the files of a registered model. MLflow by itself looks in the current folder's store. Raises UserError."""
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from mlflow.store.artifact.utils.models import get_model_name_and_version

    client = MlflowClient(uri)
    try:
        return str(client.get_model_version_download_uri(*get_model_name_and_version(client, text)))
    except MlflowException as problem:
        if problem.error_code not in _ABSENT:
            raise
    names = ", ".join(records.registered()) or "none yet"
    raise UserError(
        f"{text}: there is no such model. Registered are: {names}; with a version or alias behind, models:/NAME/1 or …@champion"
    )


def _downloaded(address: str, uri: str, place: Path) -> Path | None:
    """Download the artifacts of one address and return the folder with a model of this project; None if there is none."""
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    try:
        folder = Path(download_artifacts(artifact_uri=address, dst_path=str(place), tracking_uri=uri))
    except (MlflowException, OSError) as problem:
        if isinstance(problem, MlflowException) and problem.error_code not in _ABSENT:
            raise
        return None
    return next((file.parent for file in sorted(folder.rglob(DESCRIPTION))), None)
