"""What a person reads when the MLflow store cannot be used: one line, with the cause and its own way out."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pix2pix.errors import UserError
from pix2pix.tracking import Run, store
from pix2pix.tracking.failures import explained
from pix2pix.tracking.lookup import Records

Train = Callable[..., Run]
LOCK = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('BEGIN EXCLUSIVE'); print('locked', flush=True); sys.stdin.read()"


@pytest.fixture
def locker(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Number of a process that holds the database."""
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.2)
    with closing(sqlite3.connect(root / "mlflow.db")) as database:
        database.execute("PRAGMA journal_mode=delete")  # as a program that is no MLflow may leave it
    command = [sys.executable, "-c", LOCK, str(root / "mlflow.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "locked\n"
        yield process.pid
        process.kill()


def schema(root: Path, version: str) -> None:
    with closing(sqlite3.connect(root / "mlflow.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (version,))
        database.commit()


def message(root: Path) -> str:
    with pytest.raises(UserError) as raised:
        Records(root).all()
    said = str(raised.value)
    assert "\n" not in said and "Traceback" not in said
    return said


def test_a_locked_database_names_who_holds_it_and_says_close_not_move(locker: int, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    said = message(root)
    assert f"process {locker} (" in said and "holds it" in said and "Close that" in said
    assert "move" not in said and capfd.readouterr().err == ""


def test_a_schema_of_another_version_names_the_command(root: Path) -> None:
    schema(root, "451aebb31d03")  # MLflow's first
    assert f"older MLflow. Back it up, then run `mlflow db upgrade 'sqlite:///{root}/mlflow.db'`" in message(root)


def test_a_schema_of_the_future_says_install_that_version(root: Path) -> None:
    schema(root, "0123456789ab")
    assert "newer MLflow" in message(root)


def test_a_database_of_another_program_is_left_as_it_is(root: Path) -> None:
    (root / "mlflow.db").unlink()
    with closing(sqlite3.connect(root / "mlflow.db")) as database:
        database.execute("CREATE TABLE songs (name)")
    before = (root / "mlflow.db").read_bytes()
    assert "database of another program" in message(root)
    assert (root / "mlflow.db").read_bytes() == before


def test_a_damaged_file_keeps_the_advice_to_move_it(root: Path) -> None:
    (root / "mlflow.db").write_bytes(b"no database" * 1000)
    assert "damaged" in message(root) and "move it away" in message(root)


def test_a_database_that_lost_a_table_is_damaged_too(root: Path) -> None:
    with closing(sqlite3.connect(root / "mlflow.db")) as database:
        database.execute("DROP TABLE runs")
    assert "damaged" in message(root)


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_folder_or_a_link_that_leads_nowhere_is_not_replaced_by_a_new_store(kind: str, root: Path, train: Train) -> None:
    path = root / "mlflow.db"
    path.unlink()
    path.mkdir() if kind == "folder" else path.symlink_to(root / "not-mounted" / "mlflow.db")
    assert "a folder, or a link to a file that is not there" in message(root)
    with pytest.raises(UserError, match="a folder, or a link"):
        train()
    assert path.is_dir() if kind == "folder" else path.is_symlink()


def test_a_database_without_its_python_library_says_what_to_install(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "mysql+cymysql://me:secret@127.0.0.1:1/x")
    said = message(root)
    assert "not installed" in said and "pip install 'pix2pix-dvc[server]'" in said and "secret" not in said


@pytest.mark.parametrize("address", ["file:runs", "./runs", "127.0.0.1:5000"])
def test_mlflows_folders_are_refused_with_mlflows_own_variable(address: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    said = message(root)
    assert "MLFLOW_ALLOW_FILE_STORE=true" in said and "mlflow migrate-filestore" in said and "a server's address with http://" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_one_may_not_write_says_so(root: Path) -> None:
    root.chmod(0o500)
    try:
        assert "right to write" in message(root)
    finally:
        root.chmod(0o700)


def test_a_training_is_stopped_with_the_same_line(root: Path, train: Train) -> None:
    schema(root, "451aebb31d03")
    with pytest.raises(UserError, match=r"mlflow db upgrade .*, or set tracking\.required: false"):
        train()


def test_a_long_cause_never_cuts_the_way_out_off() -> None:
    said = explained("http://127.0.0.1:9", Exception("x" * 5000 + "\n[SQL: SELECT 1]"))
    assert len(said) < 600 and said.endswith("unset MLFLOW_TRACKING_URI to record in mlflow.db") and "SQL" not in said
