"""Stages started by hand: a mistake is one message, and what is stopped goes on where it was."""

import fcntl
import importlib
import os
import re
import select
import signal
import subprocess
import termios
import time
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from pix2pix.config.params import load_settings
from pix2pix.errors import UserError
from stages import paths
from tests.pipeline.clone import SECONDS, Clone

EPOCHS = 20
GO_ON = "run the same command again to go on"


@pytest.fixture(scope="module")
def clone(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Prepared by hand, and with a training long enough to be stopped."""
    clone = Clone.make(tmp_path_factory.mktemp("entry") / "repo")
    clone.record(empty_store)
    clone.set("scales.sample.facades.epochs", EPOCHS)
    clone.stage("download", "facades")
    clone.stage("prepare", "facades")
    return clone


def refused(clone: Clone, *arguments: str) -> str:
    """What a stage prints that must end with 1 or 2 and leave no traceback."""
    done = clone.attempt("python", "-m", *arguments)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stdout
    return done.stdout


def test_a_stage_without_a_dataset_says_how_it_is_used(clone: Clone) -> None:
    message = refused(clone, "stages.train")
    assert "usage: python -m stages.train [-h] dataset" in message
    assert "the following arguments are required: dataset" in message


@pytest.mark.parametrize("stage", ["prepare", "train", "infer", "evaluate", "export", "summary"])
def test_a_stage_before_its_turn_says_what_is_missing(clone: Clone, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clone.root)
    work = getattr(importlib.import_module(f"stages.{stage}"), stage)
    with pytest.raises(UserError, match="data/") as raised:
        work(load_settings(paths.PARAMS, "food"))
    assert stage != "train" or "prepare" in str(raised.value), "the stage to run first"


def test_the_report_before_its_turn_says_what_is_missing(clone: Clone) -> None:
    assert refused(clone, "stages.report").startswith("report: data/summaries/")


def test_an_unknown_dataset_is_answered_with_those_there_are(clone: Clone) -> None:
    message = refused(clone, "stages.train", "facade")
    assert message.startswith("train: ")
    assert "there is no dataset 'facade'; there are facades, cityscapes, " in message


def test_a_broken_params_file_is_told_with_the_place(clone: Clone) -> None:
    params = clone.root / "params.yaml"
    whole = params.read_text()
    try:
        params.write_text(whole.replace("\nseed: 0", "\nseed: [0"))
        message = refused(clone, "stages.train", "facades")
    finally:
        params.write_text(whole)
    assert message.startswith("train: params.yaml is not valid YAML: ")
    assert re.search(r"line \d+, column \d+", message)


def test_outside_the_repository_a_stage_says_where_to_run_it(clone: Clone, tmp_path: Path) -> None:
    done = subprocess.run(
        ["python", "-m", "stages.report"], cwd=tmp_path, env=clone.env | {"PYTHONPATH": str(clone.root)}, text=True, capture_output=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("report: params.yaml is missing: run from the folder that holds it")
    assert "Traceback" not in done.stderr


def samples(clone: Clone) -> int:
    """Sample sheets after an epoch: that of before the training is made at once."""
    return sum(sheet.name != "epoch-0000.png" for sheet in (clone.root / ".resume").glob("facades-*/samples/*.png"))


def interrupted(clone: Clone) -> tuple[int, str]:
    """Exit code and output of a training that is stopped by Ctrl-C in the middle: when it has made one more page of sample pictures."""
    before = samples(clone)
    process = subprocess.Popen(
        ["python", "-m", "stages.train", "facades"],
        cwd=clone.root, env=clone.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    until = time.monotonic() + SECONDS
    while samples(clone) == before and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=SECONDS)
    return process.returncode, output


def terminal_closed(clone: Clone) -> int:
    """Exit code of a training whose terminal is closed in the middle, so that it can print no more."""
    before = samples(clone)
    terminal, end = os.openpty()
    process = subprocess.Popen(
        ["python", "-m", "stages.train", "facades"], cwd=clone.root, env=clone.env, stdin=end, stdout=end, stderr=end,
        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(end)
    while samples(clone) == before and process.poll() is None:
        if select.select([terminal], [], [], 0.02)[0]:
            os.read(terminal, 65536)
    os.close(terminal)
    return process.wait(timeout=SECONDS)


def only_run(client: MlflowClient) -> Run:
    experiment = client.get_experiment_by_name("facades")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    return run


def test_a_training_stopped_twice_says_how_to_go_on_and_the_same_command_ends_it_in_the_same_run(clone: Clone) -> None:
    returned, output = interrupted(clone)
    assert returned == 130 and "Traceback" not in output, output
    told = re.search(rf"^train: stopped in epoch (\d+) of {EPOCHS}, at step \d+; the checkpoint is saved: {GO_ON}$", output, re.MULTILINE)
    assert told, output
    assert 1 < int(told[1]) < EPOCHS
    assert not (clone.root / "data/models").exists(), "nothing half-trained is published"
    client = MlflowClient(f"sqlite:///{clone.root}/mlflow.db")
    assert only_run(client).info.status == "KILLED"
    assert terminal_closed(clone) == 129
    assert only_run(client).info.status == "KILLED"
    going_on = re.search(rf"train facades: going on at epoch (\d+) of {EPOCHS}, step ", clone.stage("train", "facades"))
    assert going_on and int(going_on[1]) > int(told[1])
    run = only_run(client)
    assert run.info.status == "FINISHED"
    assert [point.step for point in client.get_metric_history(run.info.run_id, "loss/G_L1")] == list(range(1, EPOCHS + 1))
    history = (clone.root / "data/history/facades.csv").read_text().splitlines()
    assert [row.partition(",")[0] for row in history] == ["epoch", *map(str, range(1, EPOCHS + 1))]
    assert not list((clone.root / ".resume").glob("facades-*")), "no state is left"


def test_a_stage_stopped_before_its_work_is_done_says_so_in_one_line(clone: Clone) -> None:
    process = subprocess.Popen(
        ["python", "-X", "importtime", "-m", "stages.evaluate", "facades"],
        cwd=clone.root, env=clone.env, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if line.endswith(" torch._C\n"):  # in the middle of loading what it works with
            process.send_signal(signal.SIGTERM)
            break
    output = process.stderr.read()
    assert process.wait(timeout=SECONDS) == 143
    assert f"evaluate: stopped: {GO_ON}\n" in output
