"""What a failure of MLflow or of its database means, and the way out, for people."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pix2pix.errors import UserError
from pix2pix.system.addresses import redacted
from pix2pix.system.terminal import printable
from pix2pix.tracking.store import BUSY_SECONDS, sqlite_path

Result = TypeVar("Result")
_RECORD_HERE = "unset MLFLOW_TRACKING_URI to record in mlflow.db"
# What the message of an error has -> its cause, and the way out
_KNOWN = (
    (r"error code 401", "it asks for an account", "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"),
    (
        r"filesystem tracking backend",
        "MLflow takes it for a folder, and does not record in folders any more",
        "Begin a server's address with http://, move a folder's runs to a database with `mlflow migrate-filestore` (--help), "
        f"set MLFLOW_ALLOW_FILE_STORE=true to use it all the same, or {_RECORD_HERE}",
    ),
    (
        r"database (table )?is locked|could not be acquired",
        f"{{holders}} holds it, and did not let go within {BUSY_SECONDS} s",
        "Close that, then run the same command again",
    ),
    (r"found version", "it was written by an older MLflow", "Back it up, then run `mlflow db upgrade '{uri}'`"),
    (r"Can't locate revision", "it was written by a newer MLflow", "Install that version: `pip install --upgrade mlflow`"),
    (r"database of another program", "it is the database of another program", f"Name another file, or {_RECORD_HERE}"),
    (
        r"No module named",
        "the Python library for its database is not installed",
        "`pip install 'pix2pix-dvc[server]'` brings one for addresses that begin with postgresql+psycopg2://",
    ),
    (r"no file", "it is a folder, or a link to a file that is not there", f"Bring the file back, or {_RECORD_HERE}"),
    (
        r"not a database|malformed|no such (table|column)|more than one head",
        "the file is damaged or no database",
        "Put a copy of it back, or move it away: the next run makes a new one, and `pix2pix runs sync` records the models that are here",
    ),
    (
        r"disk is full|No space left|File too large|disk I/O",
        "no room left to write it",
        "Make room, or raise the quota or file-size limit, then run the same command again",
    ),
    (
        r"\[Errno 13\]|readonly database|unable to open database",
        "no right to write it",
        "Give yourself the right to write the file and its folder",
    ),
)


def query(uri: str, request: Callable[[], Result]) -> Result:
    """Return the result of a request to the store at `uri`. Raises UserError if it fails."""
    try:
        return request()
    except UserError:
        raise
    except Exception as problem:
        raise UserError(failure_message(uri, problem)) from None


def failure_message(uri: str, problem: Exception) -> str:
    """Return `explained` as a message that names the store."""
    return f"The MLflow store at {redacted(uri)} cannot be used: {explained(uri, problem)}"


def explained(uri: str, problem: Exception) -> str:
    """Return the cause of a failure of the store at `uri`, and the way out; without the last full stop."""
    text, path = str(problem), sqlite_path(uri)
    if (found := re.search(r"found version (\w+)", text)) and not _is_known_schema(found[1]):
        text = "Can't locate revision"
    for pattern, cause, way_out in _KNOWN:
        if re.search(pattern, text):
            holders = _holders(path) if path and "{holders}" in cause else ""
            return f"{cause.format(holders=holders)}. {way_out.format(uri=redacted(uri))}"
    way_out = "Look at the file" if path else f"Start the server, correct MLFLOW_TRACKING_URI, or {_RECORD_HERE}"
    return f"{printable(redacted(_reason(text)))}. {way_out}"


def _reason(text: str) -> str:
    """The cause in the message of an error, in one line: requests wraps it in several layers, SQLAlchemy adds the query."""
    text = " ".join(text.partition("[SQL:")[0].split())
    _, cause, inner = text.rpartition("Caused by ")
    text = inner.removesuffix(")") if cause else text
    return text if len(text) <= 300 else text[:299] + "…"


def _is_known_schema(version: str) -> bool:
    import mlflow

    return any(Path(mlflow.__file__).parent.glob(f"store/db_migrations/versions/{version}_*.py"))


def _holders(path: Path) -> str:
    """The other processes that have the database open, by number and name, as far as this user may know (Linux)."""
    files = {f"{path.resolve()}{end}" for end in ("", "-wal", "-shm", ".lock")}
    found = {}
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if str(link.readlink()) in files and int(link.parts[2]) != os.getpid():
                found[link.parts[2]] = (link.parents[1] / "comm").read_text().strip()
    return "process " + " and ".join(f"{number} ({name})" for number, name in found.items()) if found else "another program"
