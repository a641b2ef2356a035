"""The MLflow store: its address, and opening it safely from many processes at once."""

from __future__ import annotations

import logging
import os
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from pix2pix.system.addresses import redacted
from pix2pix.system.atomic_write import atomic_path
from pix2pix.system.terminal import printable

if TYPE_CHECKING:
    from mlflow import MlflowClient

REQUEST_SECONDS = 30  # without an answer until a request fails; an upload may take that long


def tracking_uri(root: Path) -> str:
    """Return the address of the MLflow store: `MLFLOW_TRACKING_URI`, else `mlflow.db` in `root`."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{root.resolve()}/mlflow.db"


def reason(problem: Exception) -> str:
    """Return the cause of an error in one line; requests wraps it in several layers."""
    _, cause, text = str(problem).rpartition("Caused by ")
    if "error code 401" in text:
        return "it asks for an account: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
    return printable(redacted((text.removesuffix(")") if cause else text).partition("\n")[0][:300]))


def sqlite_path(uri: str) -> Path | None:
    """Return the database file of a `sqlite:///` address, None for any other address."""
    if not uri.startswith("sqlite:///"):
        return None
    return Path(uri.removeprefix("sqlite:///").partition("?")[0])


def prepare_mlflow() -> None:
    """Import MLflow with less logging, without telemetry and without its own retries. The user's environment variables win."""
    defaults = {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_LOGGING_LEVEL": "ERROR",
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",  # the writer retries; MLflow's own retries take 248 s to fail if nothing listens
        "MLFLOW_HTTP_REQUEST_TIMEOUT": str(REQUEST_SECONDS),
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    from pix2pix.tracking.bounded_answers import bound_answers  # imports MLflow, which reads the variables above on import

    bound_answers()
    warnings.filterwarnings("ignore", message=".*An input example was not provided when logging the model")  # the signature is enough
    for name in ("alembic", "urllib3"):
        logging.getLogger(name).setLevel(logging.ERROR)


def connect(uri: str) -> MlflowClient:
    """Return a client for the store at `uri`; create a sqlite database if it does not exist.

    A file lock guards the opening, because processes that create MLflow's tables at the same time corrupt the file. Sqlite is set to
    write-ahead logging, which lets a process read while another one writes.

    Raises:
        Exception: any error of MLflow, SQLAlchemy or the file system when the store cannot be opened.
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
    """Create a database with MLflow's tables at `path`, atomically."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    # Without an artifact root, MLflow's experiment "Default" uses the current folder, which DVC may delete.
    with atomic_path(path) as temporary:
        store = SqlAlchemyStore(f"sqlite:///{temporary}", _artifact_root(path).as_uri())
        store.engine.dispose()


def experiment_id(client: MlflowClient, dataset: str, uri: str, root: Path) -> str:
    """Return the id of the MLflow experiment `dataset`; create it if it does not exist, restore it if it was deleted.

    Artifacts go to `mlruns/<dataset>` beside the sqlite file (in `root` for another database); a server chooses its own location.
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
        experiment = client.get_experiment_by_name(dataset)  # another process created it first
        assert experiment is not None
    if experiment.lifecycle_stage == "deleted":
        client.restore_experiment(experiment.experiment_id)
    return str(experiment.experiment_id)


def _artifact_root(database: Path) -> Path:
    return database.resolve().parent / "mlruns"
