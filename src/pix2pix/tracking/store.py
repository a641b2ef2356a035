"""The MLflow store: its address, and opening it safely from many processes at once."""

from __future__ import annotations

import logging
import os
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from filelock import FileLock

from pix2pix.system.atomic_write import atomic_path

if TYPE_CHECKING:
    from mlflow import MlflowClient

REQUEST_SECONDS = 30  # without an answer until a request fails; an upload may take that long
BUSY_SECONDS = 20  # that a database may be locked by another program; MLflow waits as long
SQLITE, FILE = "sqlite:///", "file://"
_ABOUT = """Trainings on one dataset, each run a model. **loss**: the losses of generator (G) and discriminator (D), \
by epoch. **val**: the L1 loss on the validation images, in the networks' range of -1 to 1. **test**: metrics of the outputs, with pixels \
from 0 to 1. **reference**: the same distances between real images, which no training changes.

Sample sheets are at the end of a run's *Model metrics*, test images under *Artifacts*, `examples.png`. Parameters with their default \
value are left out here: `pix2pix runs show` and the artifact `params.yaml` have all of them."""
_NOTE = "mlflow.note.content"  # the tag with the description of an experiment
log = logging.getLogger(__name__)
# The columns with absolute addresses of artifacts
_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def tracking_uri(root: Path) -> str:
    """Return the address of the MLflow store: `MLFLOW_TRACKING_URI`, else `mlflow.db` in `root`."""
    return resolved(os.environ.get("MLFLOW_TRACKING_URI") or f"{SQLITE}mlflow.db", root)


def resolved(uri: str, root: Path) -> str:
    """The address, with the path of a `sqlite:///` address relative to `root`: the current folder may be a temporary copy of it."""
    return SQLITE + str(root.resolve() / uri.removeprefix(SQLITE)) if uri.startswith(SQLITE) else uri


def relative(uri: str, root: Path) -> str:
    """The address as `resolved` takes it, without the path of `root` if the database is below it: it stays true when `root` is moved."""
    return uri.replace(f"{SQLITE}{root.resolve()}/", SQLITE, 1)


def sqlite_path(uri: str) -> Path | None:
    """Return the database file of a `sqlite:///` address, None for any other address."""
    return Path(uri.removeprefix(SQLITE).partition("?")[0]) if uri.startswith(SQLITE) else None


def local_folder(address: str) -> Path | None:
    """The folder of a `file://` address, None for any other address."""
    return Path(unquote(address.removeprefix(FILE))) if address.startswith(FILE) else None


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
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # it prints the traceback of errors that it also raises


def connect(uri: str) -> MlflowClient:
    """Return a client for the store at `uri`; create a sqlite database if it does not exist, and adapt it to its place if it was moved.

    A file lock guards the opening, because processes that create MLflow's tables at the same time corrupt the file. Sqlite is set to
    write-ahead logging, which lets a process read while another one writes.

    Raises:
        Exception: any error of MLflow, SQLAlchemy or the file system when the store cannot be opened; see `explained`.
    """
    prepare_mlflow()
    from mlflow import MlflowClient

    path = sqlite_path(uri)
    if path is None:
        return MlflowClient(uri)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() or (path.is_symlink() and not path.exists()):  # such as a link to a disk that is not mounted
        raise OSError("no file")
    with FileLock(f"{path}.lock", timeout=3 * BUSY_SECONDS):
        if not path.exists():
            _create_database(path)
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as database:
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if tables and "experiments" not in tables:  # MLflow would add its own tables to it
                raise sqlite3.DatabaseError("it is the database of another program")
            database.execute("PRAGMA journal_mode=wal")
            client = MlflowClient(uri)
            _adapt_addresses(database, path)
        return client


def _create_database(path: Path) -> None:
    """Create a database with MLflow's tables at `path`, atomically."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    # Without an artifact root, MLflow's experiment "Default" uses the current folder, which DVC may delete.
    with atomic_path(path) as temporary:
        store = SqlAlchemyStore(f"{SQLITE}{temporary}", _artifact_root(path))
        store.engine.dispose()


def _adapt_addresses(database: sqlite3.Connection, path: Path) -> None:
    """Change addresses of artifacts below `mlruns` beside the database, after the folder of both was moved or copied.

    MLflow keeps them as absolute paths. New artifacts always go to the folder here; recorded ones are looked for here if they are here, or
    are no longer where they were.
    """
    here = _artifact_root(path)
    known = database.execute("SELECT artifact_location, name, experiment_id FROM experiments").fetchall()
    homes = {location.rpartition("/")[0] for location, *names in known if location.rpartition("/")[2] in map(str, names)}
    for home in (home for home in homes if home.startswith(FILE) and home.endswith("/mlruns") and home != here):
        for table, column in _ADDRESSES:
            select = f"SELECT DISTINCT {column} FROM {table} WHERE substr({column}, 1, ?) = ?"
            for (old,) in database.execute(select, (len(home) + 1, f"{home}/")).fetchall():
                new = here + old.removeprefix(home)
                if table == "experiments" or _exists(new) or not _exists(old):
                    database.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (new, old))
        log.warning(
            "tracking: %s was moved or copied from %s: its artifacts are now in mlruns beside it",
            path,
            unquote(home[len(FILE) : -len("/mlruns")]),
        )
    database.commit()


def _exists(address: str) -> bool:
    folder = local_folder(address)
    return folder is not None and folder.exists()


def experiment_id(client: MlflowClient, dataset: str, uri: str, root: Path) -> str:
    """Return the id of the MLflow experiment `dataset`; create it if it does not exist, restore it if it was deleted, describe it.

    Artifacts go to `mlruns/<dataset>` beside the sqlite file (in `root` for another database); a server chooses its own location.
    """
    from mlflow.exceptions import MlflowException

    experiment = client.get_experiment_by_name(dataset)
    if experiment is None:
        location = None if uri.startswith(("http://", "https://")) else f"{_artifact_root(sqlite_path(uri) or root / 'database')}/{dataset}"
        try:
            return str(client.create_experiment(dataset, artifact_location=location, tags={_NOTE: _ABOUT}))
        except MlflowException as problem:
            if problem.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        experiment = client.get_experiment_by_name(dataset)  # another process created it first
        assert experiment is not None
    if experiment.lifecycle_stage == "deleted":
        client.restore_experiment(experiment.experiment_id)
    if _NOTE not in experiment.tags:  # of an earlier version
        client.set_experiment_tag(experiment.experiment_id, _NOTE, _ABOUT)
    return str(experiment.experiment_id)


def _artifact_root(database: Path) -> str:
    """Address of the folder `mlruns` beside the database."""
    return (database.resolve().parent / "mlruns").as_uri()
