from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun
from PIL import Image

from pix2pix.config.settings import Tracking
from pix2pix.repository.digests import folder_digest
from pix2pix.system.interrupts import raise_interrupts
from pix2pix.tracking import Run, open_run, reopen_for_model, tracking_uri
from pix2pix.tracking.journal import outbox
from pix2pix.tracking.progress import ProgressBar
from pix2pix.tracking.train_callback import TrainCallback

Train = Callable[..., Run]
Measure = Callable[..., Run]
Recorded = Callable[..., list[MlflowRun]]
SHA = "ab" * 32


def steps(root: Path, run_id: str, key: str) -> list[int]:
    return [metric.step for metric in MlflowClient(tracking_uri(root)).get_metric_history(run_id, key)]


def artifacts(root: Path, run_id: str, folder: str) -> list[str]:
    return [file.path.removeprefix(f"{folder}/") for file in MlflowClient(tracking_uri(root)).list_artifacts(run_id, folder or None)]


@pytest.fixture
def measured(root: Path, settings: Tracking) -> Measure:
    """Opens the run of the model's predictions."""

    def opened(**change: Any) -> Run:
        return reopen_for_model("facades", SHA, root=root, settings=settings, **{"params": {}, "predictions": "1.dir", **change})

    return opened


def test_a_training_is_one_run_with_parameters_tags_data_curves_images_and_model(
    root: Path, settings: Tracking, recorded: Recorded, tmp_path: Path
) -> None:
    image = tmp_path / "epoch.png"
    Image.new("RGB", (30, 20), (200, 30, 10)).save(image)
    model = tmp_path / "model"
    model.mkdir()
    (model / "generator.safetensors").write_bytes(b"weights")
    with open_run(
        "facades",
        root=root,
        settings=settings,
        params={"train.lr": 1e-05, "train.flip": False, "train.resume": None, "direction": "BtoA"},
        tags={"device": "cpu"},
        data_digest="0" * 32 + ".dir",
        resume_run_id=None,
    ) as run:
        for epoch in (1, 2, 3):
            run.log_epoch(epoch, {"loss_g_l1": 1 / epoch, "val_l1": 0.5})
            run.log_image(image, "samples", epoch)
        image.unlink()  # what was logged may be deleted
        run.tag({"model.sha256": SHA, "left.out": None})
        run.log_model(model)
        run.log_file(model / "generator.safetensors", "extra")

    [it] = recorded()
    assert it.info.status == "FINISHED"
    assert it.info.run_name.startswith("facades-")
    assert it.data.params == {"train.lr": "1e-05", "train.flip": "false", "train.resume": "null", "direction": "BtoA"}
    assert it.data.metrics == {"loss/G_L1": 1 / 3, "val/L1_loss": 0.5}
    assert it.data.tags.items() >= {"device": "cpu", "model.sha256": SHA}.items()
    assert "left.out" not in it.data.tags
    assert it.inputs is not None
    assert [(given.dataset.name, given.dataset.digest) for given in it.inputs.dataset_inputs] == [("facades", "0" * 32 + ".dir")]
    assert steps(root, it.info.run_id, "val/L1_loss") == [1, 2, 3]
    grid = artifacts(root, it.info.run_id, "images")
    assert [sum(name.startswith(f"samples+step+{epoch}+") and name.endswith(".png") for name in grid) for epoch in (1, 2, 3)] == [1, 1, 1]
    assert artifacts(root, it.info.run_id, "model/artifacts/model") == artifacts(root, it.info.run_id, "extra") == ["generator.safetensors"]
    assert not list(outbox(root).iterdir())


def test_two_runs_can_be_compared_by_parameters_and_metrics(train: Train, recorded: Recorded) -> None:
    for lr, l1 in ((0.0001, 0.3), (0.0002, 0.2)):
        with train(params={"train.lr": lr, "train.epochs": 2}) as run:
            run.log_epoch(2, {"val_l1": l1})
    compared = [(run.data.params["train.lr"], run.data.params["train.epochs"], run.data.metrics["val/L1_loss"]) for run in recorded()]
    assert compared == [("0.0001", "2", 0.3), ("0.0002", "2", 0.2)]
    assert len({run.info.run_name for run in recorded()}) == 2


def test_a_run_has_the_name_of_its_dvc_experiment(train: Train, recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_EXP_NAME", "plain-bath")
    train().finish("FINISHED")
    [run] = recorded()
    assert (run.info.run_name, run.data.tags["dvc.exp_name"]) == ("plain-bath", "plain-bath")


def test_resuming_goes_on_with_the_same_run_and_doubles_no_step(train: Train, root: Path, recorded: Recorded, tmp_path: Path) -> None:
    image = tmp_path / "epoch.png"
    Image.new("RGB", (8, 8)).save(image)
    run = train()
    for epoch in (1, 2, 3):
        run.log_epoch(epoch, {"val_l1": 1 / epoch})
        run.log_image(image, "samples", epoch)
    run.finish("KILLED")
    [killed] = recorded()
    assert killed.info.status == "KILLED"

    with train(resume=killed.info.run_id) as resumed:
        assert resumed.run_id == killed.info.run_id
        for epoch in (2, 3, 4):  # the checkpoint was older than the last record
            resumed.log_epoch(epoch, {"val_l1": 1 / epoch})
            resumed.log_image(image, "samples", epoch)
    [whole] = recorded()
    assert (whole.info.run_id, whole.info.status) == (killed.info.run_id, "FINISHED")
    assert steps(root, whole.info.run_id, "val/L1_loss") == [1, 2, 3, 4]
    assert len(artifacts(root, whole.info.run_id, "images")) == 2 * 4


def test_a_run_to_be_resumed_that_is_gone_is_started_anew(train: Train, recorded: Recorded) -> None:
    with train(resume="0" * 32) as run:
        run.log_epoch(7, {"val_l1": 0.1})
    [new] = recorded()
    assert new.data.params == {"train.lr": "0.0002"}


@pytest.mark.parametrize("deleted", [True, False])
def test_a_resumed_training_records_the_rows_of_its_checkpoint_where_its_run_lacks_them(
    deleted: bool, train: Train, root: Path, recorded: Recorded
) -> None:
    rows = [{"epoch": epoch, "val_l1": 1 / epoch} for epoch in (1, 2, 3)]
    with train() as run:
        for row in rows[:2]:
            run.log_epoch(int(row["epoch"]), {"val_l1": row["val_l1"]})
        first = run.run_id
    if deleted:
        MlflowClient(tracking_uri(root)).delete_run(first)
    with train(resume=first) as run:
        callback = TrainCallback(run, ProgressBar("train"))
        callback.on_train_start(4, 1, 4, 0, rows)
        callback.on_epoch_end({"epoch": 4, "val_l1": 0.25}, 1.0, 8)
        callback.bar.close()
    [whole] = recorded()
    assert (whole.info.run_id == first) != deleted
    assert steps(root, whole.info.run_id, "val/L1_loss") == [1, 2, 3, 4]


def test_later_stages_find_the_run_by_the_models_hash(train: Train, measured: Measure, recorded: Recorded) -> None:
    with train() as other:
        other.tag({"model.sha256": "cd" * 32})
    with train() as run:
        trained = run.run_id
        run.tag({"model.sha256": SHA})
    with measured() as again:
        again.log_metrics({"test.l1": 0.25})
    found = {it.info.run_id: it for it in recorded()}
    assert len(found) == 2
    assert found[trained].data.metrics == {"test.l1": 0.25}
    assert (found[trained].info.status, found[trained].data.params) == ("FINISHED", {"train.lr": "0.0002"})


def test_of_equal_models_the_own_experiments_comes_first_then_the_newest(
    train: Train, measured: Measure, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mine", "other"):
        monkeypatch.setenv("DVC_EXP_NAME", name)
        with train() as run:
            run.tag({"model.sha256": SHA})
    for name, metric in (("mine", "test.mine"), ("unknown", "test.unknown")):
        monkeypatch.setenv("DVC_EXP_NAME", name)
        with measured() as run:
            run.log_metrics({metric: 1.0})
    assert [(it.info.run_name, list(it.data.metrics)) for it in recorded()] == [("mine", ["test.mine"]), ("other", ["test.unknown"])]


def test_a_model_from_the_cache_gets_one_stand_in_run(measured: Measure, recorded: Recorded) -> None:
    for metric in ("test.l1", "test.ssim"):
        with measured() as run:
            run.log_metrics({metric: 0.5})
    [it] = recorded()
    assert (it.info.run_name, it.info.status) == ("facades-restored", "FINISHED")
    assert it.data.tags["restored_from_cache"] == "true"
    assert it.data.metrics == {"test.l1": 0.5, "test.ssim": 0.5}


def test_other_predictions_by_the_same_model_are_a_run_of_their_own(
    train: Train, measured: Measure, root: Path, recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else `dvc exp run -S infer.norm=batch`, which trains nothing, would overwrite the figures of the training's own run."""
    setup = tmp_path / "params.yaml"
    setup.write_text("infer: {norm: null}")
    with train(params={"train.lr": 0.1, "infer.norm": None}) as run:
        run.log_setup(setup)
        run.tag({"model.sha256": SHA})
    setup.write_text("infer: {norm: batch}")
    with measured() as run:
        run.log_setup(setup)
        run.log_metrics({"test.l1": 0.25})
        run.tag({"dvc.predictions": "1.dir"})
    for value in (0.5, 0.75):  # the same predictions again are the same run
        monkeypatch.setenv("DVC_EXP_NAME", "own-statistics")
        with measured(predictions="2.dir", params={"train.lr": 7.0, "infer.norm": "batch"}) as run:
            run.log_setup(setup)
            run.log_metrics({"test.l1": value})
            run.tag({"dvc.predictions": "2.dir"})
    first, second = recorded()
    assert (first.data.metrics, second.data.metrics) == ({"test.l1": 0.25}, {"test.l1": 0.75})
    assert first.data.params == {"train.lr": "0.1"}, "a default is hidden"
    assert second.data.params == {"train.lr": "0.1", "infer.norm": "batch"}, "the model was trained with the parameters of its training"
    assert (second.info.run_name, second.data.tags["model.run_id"]) == ("own-statistics", first.info.run_id)
    kept = [root / f"mlruns/facades/{run.info.run_id}/artifacts/params.yaml" for run in (first, second)]
    assert [path.read_text() for path in kept] == ["infer: {norm: null}", "infer: {norm: batch}"]


def test_a_model_that_came_out_again_is_measured_in_the_newer_run(train: Train, measured: Measure, recorded: Recorded) -> None:
    for value in (0.25, 0.5):
        with train() as run:
            run.tag({"model.sha256": SHA})
        with measured() as run:
            run.log_metrics({"test.l1": value})
            run.tag({"dvc.predictions": "1.dir"})
    assert [run.data.metrics for run in recorded()] == [{"test.l1": 0.25}, {"test.l1": 0.5}]


def test_a_training_that_was_not_measured_is_not_used_for_other_predictions(train: Train, measured: Measure, recorded: Recorded) -> None:
    with train(params={"infer.norm": None}) as run:
        run.tag({"model.sha256": SHA})
    measured(params={"infer.norm": "batch"}).finish("FINISHED")
    assert [run.data.params.get("infer.norm") for run in recorded()] == [None, "batch"]


def test_what_is_not_finite_never_reaches_mlflow(train: Train, root: Path, recorded: Recorded) -> None:
    with train() as run:
        run.log_epoch(1, {"loss_d_real": float("nan"), "val_l1": 0.5})
        run.log_epoch(2, {"loss_d_real": float("inf")})
    [it] = recorded()
    assert it.data.metrics == {"val/L1_loss": 0.5}
    assert it.data.tags["metrics.not_finite"] == "loss/D_real = nan at step 1, loss/D_real = inf at step 2"


@pytest.mark.parametrize(("error", "status"), [(ValueError, "FAILED"), (SystemExit, "FAILED"), (KeyboardInterrupt, "KILLED")])
def test_a_run_that_breaks_off_says_so(train: Train, recorded: Recorded, error: type[BaseException], status: str) -> None:
    with pytest.raises(error), train() as run:
        run.log_epoch(1, {"val_l1": 0.5})
        raise error
    [it] = recorded()
    assert (it.info.status, it.data.metrics) == (status, {"val/L1_loss": 0.5})


def train_for_ever(root: Path, begun: Connection) -> None:
    """Send the id of the run after an epoch, and go on."""
    raise_interrupts()
    with open_run("facades", root=root, settings=Tracking(), params={}, tags={}, data_digest=None, resume_run_id=None) as run:
        run.log_epoch(1, {"val_l1": 0.5})
        begun.send(run.run_id)
        time.sleep(60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_killed_training_is_not_left_running(
    train: Train, root: Path, recorded: Recorded, processes: ForkServerContext, number: signal.Signals
) -> None:
    """SIGTERM and SIGHUP are answered by the process itself; for SIGKILL the next run that is opened does it."""
    receiver, sender = processes.Pipe(duplex=False)
    process = processes.Process(target=train_for_ever, args=(root, sender))
    process.start()
    assert receiver.poll(60), "it has not begun"
    run_id = receiver.recv()
    os.kill(process.pid or 0, number)
    process.join(60)
    assert process.exitcode
    if number == signal.SIGKILL:
        train("food").finish("FINISHED")
    [it] = recorded()
    assert (it.info.run_id, it.info.status, it.data.metrics) == (run_id, "KILLED", {"val/L1_loss": 0.5})

    with train(resume=run_id) as resumed:
        resumed.log_epoch(2, {"val_l1": 0.4})
    [whole] = recorded()
    assert (whole.info.status, steps(root, run_id, "val/L1_loss")) == ("FINISHED", [1, 2])


def test_the_machines_load_is_recorded(train: Train, recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "true")
    train().finish("FINISHED")
    [it] = recorded()
    assert it.data.metrics.keys() >= {"system/cpu_utilization_percentage", "system/system_memory_usage_megabytes"}


def test_the_package_imports_no_mlflow_and_disabled_tracking_does_nothing(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from pix2pix.config.settings import Tracking
from pix2pix.tracking import open_run, reopen_for_model
off = Tracking(enabled=False)
with open_run("facades", root=Path(), settings=off, params={}, tags={}, data_digest=None, resume_run_id=None) as run:
    run.log_epoch(1, {"val_l1": float("nan")})
    run.log_image(Path("no.png"), "samples", 1)
    run.tag({"model.sha256": "0"})
reopen_for_model("facades", "0", root=Path(), settings=off, params={}, predictions="0.dir").finish("FINISHED")
assert run.run_id == "" and "mlflow" not in sys.modules, sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    assert not list(tmp_path.iterdir())


def test_a_card_is_the_description_cut_where_mlflow_takes_no_more_and_its_images_are_first_among_the_files(
    train: Train, root: Path, recorded: Recorded
) -> None:
    card, images = root / "README.md", root / "examples.png"
    card.write_text("# A card")
    Image.new("RGB", (8, 8)).save(images)
    for text in ("# A card", "x" * 9000):
        with train() as run:
            run.log_card(card, images, text)
        assert "examples.png" in artifacts(root, recorded()[0].info.run_id, "")
    shown = {run.data.tags["mlflow.note.content"] for run in recorded()}
    assert shown == {"# A card", "x" * 7999 + "…"}


def test_the_hashes_of_a_chain_are_an_artifact_and_those_that_are_known_are_tags(train: Train, root: Path, recorded: Recorded) -> None:
    predictions = Path("data/predictions/facades")
    (root / predictions).mkdir(parents=True)
    (root / predictions / "1.png").write_bytes(b"pixels")
    with train() as run:
        run.log_chain(root / "dvc.lock", {"infer": [predictions]})
    [it] = recorded()
    assert it.data.tags["dvc.predictions"] == folder_digest(root / predictions)
    assert "dvc.data_digest" not in it.data.tags  # there is no dvc.lock
    assert artifacts(root, it.info.run_id, "") == ["chain.json"]
