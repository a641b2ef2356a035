"""Where runs are recorded: MLflow's address, and opening it so that many processes may start at once."""

from __future__ import annotations

import logging
import os
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from pix2pix.system.atomic_write import atomic_path

if TYPE_CHECKING:
    from mlflow import MlflowClient

REQUEST_SECONDS = 30  # of silence before a request counts as failed; an upload through a server may need that long for its answer


def tracking_uri(root: Path) -> str:
    """The address of the MLflow store: the user's ``MLFLOW_TRACKING_URI``, or else ``mlflow.db`` in ``root``."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{root.resolve()}/mlflow.db"


def reason(problem: Exception) -> str:
    """What a failure comes down to, in one line; requests wraps the cause in several layers."""
    _, cause, text = str(problem).rpartition("Caused by ")
    if "error code 401" in text:
        return "it asks for an account: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
    return (text.removesuffix(")") if cause else text).partition("\n")[0][:300]


def sqlite_path(uri: str) -> Path | None:
    """The database file behind a ``sqlite:///`` address, None for any other store."""
    if not uri.startswith("sqlite:///"):
        return None
    return Path(uri.removeprefix("sqlite:///").partition("?")[0])


def prepare_mlflow() -> None:
    """Imports MLflow, quiet, without telemetry and without minutes of retries; what the user's environment says wins."""
    defaults = {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_LOGGING_LEVEL": "ERROR",
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",  # the journal retries; MLflow's own retries take 248 s to admit that nothing listens
        "MLFLOW_HTTP_REQUEST_TIMEOUT": str(REQUEST_SECONDS),
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    import mlflow  # noqa: F401 - imported here, once, because the settings above are read while it is imported

    warnings.filterwarnings("ignore", message=".*An input example was not provided when logging the model")  # the signature says enough
    for name in ("alembic", "urllib3"):
        logging.getLogger(name).setLevel(logging.ERROR)


def connect(uri: str) -> MlflowClient:
    """A client for the store at ``uri``; a sqlite database that does not exist yet is made first.

    Opening sqlite happens under a file lock, because processes that create MLflow's tables together ruin the file for good, and
    switches the file to write-ahead logging, with which several writers do not wait for each other.

    Raises:
        Exception: whatever MLflow, SQLAlchemy or the file system say when the store cannot be opened.
    """
    prepare_mlflow()
    from mlflow import MlflowClient

    path = sqlite_path(uri)
    if path is None:
        return MlflowClient(uri)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        if not path.exists():
            _create_database(path)
        with closing(sqlite3.connect(path, timeout=20)) as database:
            database.execute("PRAGMA journal_mode=wal")
        return MlflowClient(uri)


def _create_database(path: Path) -> None:
    """Makes a database with MLflow's tables at ``path``, atomically."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    # MLflow's own experiment "Default" would otherwise keep its artifacts in the current folder, which may be one that DVC deletes.
    with atomic_path(path) as temporary:
        store = SqlAlchemyStore(f"sqlite:///{temporary}", _artifact_root(path).as_uri())
        store.engine.dispose()


def experiment_id(client: MlflowClient, dataset: str, uri: str, root: Path) -> str:
    """The MLflow experiment of ``dataset``, created when it is not there, restored when it was deleted in the UI.

    Its artifacts lie under ``mlruns/<dataset>`` beside the sqlite file (under ``root`` for another database); a server decides for itself.
    """
    from mlflow.exceptions import MlflowException

    experiment = client.get_experiment_by_name(dataset)
    if experiment is None:
        path = sqlite_path(uri)
        home = _artifact_root(path) if path else root.resolve() / "mlruns"
        location = None if uri.startswith(("http://", "https://")) else (home / dataset).as_uri()
        try:
            return str(client.create_experiment(dataset, artifact_location=location))
        except MlflowException as problem:
            if problem.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        experiment = client.get_experiment_by_name(dataset)  # another process was faster
        assert experiment is not None
    if experiment.lifecycle_stage == "deleted":
        client.restore_experiment(experiment.experiment_id)
    return str(experiment.experiment_id)


def _artifact_root(database: Path) -> Path:
    return database.resolve().parent / "mlruns"
