from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun

from pix2pix.config.settings import Tracking
from pix2pix.tracking import Run, open_run, store, tracking_uri
from pix2pix.tracking.store import connect

Train = Callable[..., Run]
Recorded = Callable[..., list[MlflowRun]]


def train_in_silence(root: Path, number: int) -> None:
    """Record a thousand values; what is printed goes to a file."""
    os.dup2(os.open(root / f"said-{number}", os.O_CREAT | os.O_WRONLY), 2)
    what = {"root": root, "settings": Tracking(), "params": {"n": number}, "tags": {}, "data_digest": None, "resume_run_id": None}
    with open_run("facades", **what) as run:
        for epoch in range(1, 251):
            run.log_epoch(epoch, {"a": 1.0, "b": 2.0, "c": 3.0, "d": epoch})


def test_eight_processes_that_start_at_once_on_no_database_all_record_their_thousand_values(
    root: Path, recorded: Recorded, processes: ForkServerContext
) -> None:
    (root / "mlflow.db").unlink()
    (root / ".mlflow.db.0123abcd.partial").write_bytes(b"a process was killed while it made the tables")
    together = [processes.Process(target=train_in_silence, args=(root, number)) for number in range(8)]
    for process in together:
        process.start()
    for process in together:
        process.join(200)
    said = [(root / f"said-{number}").read_text() for number in range(8)]
    assert ([process.exitcode for process in together], said) == ([0] * 8, [""] * 8)
    runs = recorded()
    assert sorted(run.data.params["n"] for run in runs) == list("01234567")
    client = MlflowClient(tracking_uri(root))
    for run in runs:
        assert run.info.status == "FINISHED"
        for key in "abcd":
            assert [metric.step for metric in client.get_metric_history(run.info.run_id, key)] == list(range(1, 251))
    with closing(sqlite3.connect(root / "mlflow.db")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_database_is_made_once_by_all_who_open_it_at_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made twice, the later one would replace that in which others record already."""
    (root / "mlflow.db").unlink()
    make, made = store._create_database, []

    def slowly(path: Path) -> None:
        made.append(path)
        time.sleep(1)
        make(path)

    monkeypatch.setattr(store, "_create_database", slowly)
    opened = [threading.Thread(target=connect, args=(tracking_uri(root),)) for _ in range(2)]
    for thread in opened:
        thread.start()
    for thread in opened:
        thread.join()
    assert made == [root / "mlflow.db"]


def test_store_and_artifacts_lie_under_the_root_wherever_the_stage_runs(
    train: Train, root: Path, recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "temporary-copy"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    (tmp_path / "note.txt").write_text("kept")
    with train() as run:
        run.log_file(tmp_path / "note.txt", "notes")
    assert not list(elsewhere.iterdir())
    [it] = recorded()
    assert (root / "mlruns" / "facades" / it.info.run_id / "artifacts" / "notes" / "note.txt").read_text() == "kept"
    assert it.info.artifact_uri.startswith((root / "mlruns" / "facades").as_uri())


def test_a_fresh_store_keeps_even_the_default_experiment_under_the_root(empty_store: Path) -> None:
    default = connect(f"sqlite:///{empty_store}").get_experiment_by_name("Default")
    assert default is not None
    assert default.artifact_location.startswith((empty_store.parent / "mlruns").as_uri())


def test_the_users_address_wins(train: Train, root: Path, recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = f"sqlite:///{tmp_path}/own.db"
    (root / "mlflow.db").rename(tmp_path / "own.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    train().finish("FINISHED")
    assert [run.info.status for run in recorded(uri=uri)] == ["FINISHED"]
    assert not (root / "mlflow.db").exists()


def test_an_experiment_deleted_in_the_ui_is_restored(train: Train, root: Path, recorded: Recorded) -> None:
    train().finish("FINISHED")
    client = MlflowClient(tracking_uri(root))
    experiment = client.get_experiment_by_name("facades")
    assert experiment is not None
    client.delete_experiment(experiment.experiment_id)
    train().finish("FINISHED")
    assert [run.info.status for run in recorded()] == ["FINISHED", "FINISHED"]


def test_an_experiment_describes_its_sections_and_keeps_what_a_person_wrote_instead(train: Train, root: Path) -> None:
    client = MlflowClient(tracking_uri(root))
    old = client.create_experiment("food")  # as an earlier version made them
    described = []
    for dataset in ("facades", "food"):
        with train(dataset) as run:
            run.log_epoch(1, {"loss_g_gan": 1.0, "val_l1": 0.5})
            run.log_metrics({"test/L1": 0.1, "reference/KID": 0.1})
            run_id = run.run_id
        experiment = client.get_experiment_by_name(dataset)
        assert experiment is not None
        described.append(experiment.tags["mlflow.note.content"])
        sections = {name.partition("/")[0] for name in client.get_run(run_id).data.metrics} - {"system"}
        assert all(f"**{section}**:" in described[-1] for section in sections)
    assert described[0] == described[1]
    client.set_experiment_tag(old, "mlflow.note.content", "mine")
    train("food").finish("FINISHED")
    assert client.get_experiment(old).tags["mlflow.note.content"] == "mine"
