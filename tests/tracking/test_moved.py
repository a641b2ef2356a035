"""A repository that was moved or copied, with its MLflow store in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow import MlflowClient

from pix2pix.config.settings import Tracking
from pix2pix.errors import UserError
from pix2pix.tracking import Run, deliver, open_run, tracking_uri
from pix2pix.tracking.journal import outbox
from pix2pix.tracking.lookup import Records
from pix2pix.tracking.model_download import download_model
from pix2pix.tracking.store import connect

Train = Callable[..., Run]
SHA = "ab" * 32


def record(root: Path, resume: str | None = None) -> Run:
    return open_run("facades", root=root, settings=Tracking(), params={}, tags={}, data_digest=None, resume_run_id=resume)


@pytest.fixture
def trained(root: Path, tmp_path: Path) -> str:
    """Id of a run with a model that is registered as champion."""
    model = tmp_path / "model"
    model.mkdir()
    for name in ("generator.safetensors", "model.json"):
        (model / name).write_text("{}")
    with record(root) as run:
        run.log_text("scale: sample\n", "params.yaml")
        run.log_model(model)
        run.tag({"model.sha256": SHA})
        run.register(model, {"ssim": 0.9}, "1.dir")
        return run.run_id


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("how", ["moved", "copied"])
def test_in_its_new_place_every_run_and_model_is_found_and_new_runs_stay_there(
    how: str, root: Path, trained: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    there = tmp_path / "new place"
    shutil.copytree(root, there)
    shutil.rmtree(root) if how == "moved" else None
    before = files(root / "mlruns") if how == "copied" else {}
    caplog.clear()
    [found] = Records(there).find(trained)
    assert Records(there).text(found, "params.yaml") == "scale: sample\n"
    assert [line.message for line in caplog.records] == [
        f"tracking: {there}/mlflow.db was moved or copied from {root}: its artifacts are now in mlruns beside it"
    ]
    for number, name in enumerate((trained, "models:/pix2pix-facades@champion")):
        (tmp_path / str(number)).mkdir()
        assert download_model(name, there, tmp_path / str(number)), name
    with record(there) as run:
        run.log_text("new", "note.txt")
    assert (there / f"mlruns/facades/{run_id(there)}/artifacts/note.txt").exists()
    assert root.exists() == (how == "copied")
    assert how == "moved" or files(root / "mlruns") == before


def run_id(root: Path) -> str:
    return Records(root).all()[0].run_id


def test_files_that_are_nowhere_are_named_as_the_cause_and_recorded_again_by_the_next_record(
    root: Path, trained: str, tmp_path: Path
) -> None:
    shutil.rmtree(root / "mlruns")
    [found] = Records(root).find(trained)
    gone = str(root / "mlruns/facades" / trained / "artifacts")
    assert "runs sync" in found.lost
    for name in (trained, "models:/pix2pix-facades@champion"):
        with pytest.raises(UserError, match=f"files.* are not in {gone}"):
            download_model(name, root, tmp_path)


def test_a_copy_of_the_database_alone_writes_nothing_to_the_original(root: Path, trained: str, tmp_path: Path) -> None:
    there = tmp_path / "copy"
    there.mkdir()
    for file in root.glob("mlflow.db*"):
        shutil.copy(file, there)
    before = files(root / "mlruns")
    with record(there) as run:
        run.log_text("new", "note.txt")
    assert files(root / "mlruns") == before
    [old] = Records(there).find(trained)
    assert Records(there).text(old, "params.yaml") == "scale: sample\n", "the old files are where they were"
    Records(there).remove(old)
    assert files(root / "mlruns") == before


def test_artifacts_that_a_person_keeps_elsewhere_stay_there(root: Path, tmp_path: Path) -> None:
    own = (tmp_path / "large disk").as_uri()
    MlflowClient(tracking_uri(root)).create_experiment("facades", artifact_location=own)
    there = tmp_path / "moved"
    root.rename(there)
    experiment = connect(tracking_uri(there)).get_experiment_by_name("facades")
    assert experiment is not None and experiment.artifact_location == own


def test_a_record_that_waits_moves_with_the_repository(root: Path, tmp_path: Path) -> None:
    run = record(root)
    assert run._journal and run._writer
    run._writer.give_up()  # as if the process was killed
    run.log_epoch(1, {"val_l1": 0.5})
    run._journal.close()
    there = tmp_path / "moved"
    root.rename(there)
    assert deliver(there).waiting == 0
    assert Records(there).all()[0].metrics == {"val/L1_loss": 0.5}
    assert not root.exists() and not list(outbox(there).iterdir())


def test_a_relative_address_is_one_of_the_repository_wherever_the_stage_runs(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in `dvc exp run --temp`: the current folder is a copy that is deleted."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    copy = tmp_path / "copy"
    copy.mkdir()
    monkeypatch.chdir(copy)
    record(root).finish("FINISHED")
    assert list(copy.iterdir()) == []
    assert [run.status for run in Records(root).all()] == ["FINISHED"]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/own.db?timeout=5")
    assert tracking_uri(root) == f"sqlite:///{tmp_path}/own.db?timeout=5"
