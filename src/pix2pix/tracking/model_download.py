"""Download trained models from an MLflow run or the model registry."""

from __future__ import annotations

from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.models.description import DESCRIPTION
from pix2pix.tracking.lookup import Records, query
from pix2pix.tracking.registry import FOLDER
from pix2pix.tracking.store import tracking_uri
from pix2pix.tracking.tags import TRAINED_BY


def download_model(text: str, root: Path, place: Path) -> Path | None:
    """Download a trained model into the folder `place`.

    Args:
        text: a run as for `Records.find` (of several, the newest with a model), or an MLflow address, `models:/…` or `runs:/…`.
        root: root of the repository.
        place: an empty folder.

    Returns:
        The folder with the model's description; None if no run matches `text`.

    Raises:
        UserError: MLflow cannot be reached, an address cannot be resolved, or the run has no model.
    """
    records, uri = Records(root), tracking_uri(root)
    registered = text.startswith(("models:/", "runs:/"))
    if registered and not records.exist:
        raise UserError(
            f"{text}: in {root} there is no record of runs yet; `dvc repro` makes one, or set MLFLOW_TRACKING_URI to a server's"
        )
    runs = [] if registered else [run.tags.get(TRAINED_BY, run.run_id) for run in records.find(text)]
    addresses = [text] if registered else [f"runs:/{run_id}/{FOLDER}" for run_id in runs]
    found = next((folder for address in addresses if (folder := query(uri, lambda: _downloaded(address, uri, place)))), None)  # noqa: B023
    if text.startswith("models:/") and found is None:
        names = ", ".join(records.registered()) or "none yet"
        raise UserError(
            f"{text}: there is no such model. Registered are: {names}; with a version or alias behind, models:/NAME/1 or …@champion"
        )
    if addresses and found is None:
        raise UserError(
            f"The MLflow run {text} has no model: it did not end, or its model came from DVC's cache; `pix2pix runs sync` records it"
        )
    return found


def _downloaded(address: str, uri: str, place: Path) -> Path | None:
    """Download the artifacts of one address and return the folder with a model of this project; None if there is none."""
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    try:
        folder = Path(download_artifacts(artifact_uri=address, dst_path=str(place), tracking_uri=uri))
    except (MlflowException, OSError) as problem:
        known = getattr(problem, "error_code", "") in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
        if address.startswith("models:/") and not known:
            raise
        return None
    return next((file.parent for file in sorted(folder.rglob(DESCRIPTION))), None)
