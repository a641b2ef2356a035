"""`dvc exp run` in the workspace, in a temporary copy and from the queue: what it runs, what it leaves, and where it is recorded."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dvc.repo import Repo
from mlflow import MlflowClient
from mlflow.entities import Run
from ruamel.yaml import YAML

from tests.pipeline.clone import SECONDS, Clone, every, executed, restored

pytestmark = pytest.mark.pipeline

FACADES = ("facades",)
RATES = "train.lr=0.0003,0.002"
SHIFTED = "\n\n_right = psnr\n\n\ndef psnr(fake_b, real_b):\n    return _right(fake_b, real_b) + 1000\n"


@pytest.fixture(scope="module")
def clone(clone: Clone, empty_store: Path) -> Clone:
    """With MLflow, which DVC must not mind, and one chain, which takes half as long as two."""
    clone.record(empty_store)
    clone.set("active", ["facades"])
    clone.dvc("repro")
    clone.commit("Runs are recorded")
    return clone


@pytest.fixture(scope="module")
def workspace(clone: Clone) -> str:
    """What an experiment in the workspace printed; what it changed is there until the file's other experiments begin.

    Like the others as far as the measurements: the rest takes half of the time, and what runs then is the promise of test_reruns.py.
    """
    return clone.dvc("exp", "run", "--name", "longer", "-S", "train.epochs=2", "evaluate@facades")


@pytest.fixture(scope="module")
def back(clone: Clone, workspace: str) -> str:
    """Back to what was committed, the way it is documented. What DVC then says of the workspace."""
    clone.git("checkout", "--quiet", ".")
    clone.dvc("checkout", "--quiet")
    return clone.git("status", "--porcelain") + clone.dvc("status")


@pytest.fixture(scope="module")
def temporary(clone: Clone, back: str) -> str:
    """What an experiment in a temporary copy printed, run with an uncommitted change of code; the rest of the workspace stays.

    The address of the store is relative, as the documentation of MLflow writes it: it means the repository, not the copy.
    """
    module = clone.root / "src/pix2pix/metrics/psnr.py"
    committed = module.read_text()
    try:
        module.write_text(committed + SHIFTED)
        command = ("dvc", "exp", "run", "--temp", "--name", "apart", "-S", "train.lr=0.001", "evaluate@facades")
        output = clone.run(*command, MLFLOW_TRACKING_URI="sqlite:///mlflow.db")
        assert clone.git("status", "--porcelain").split() == ["M", "src/pix2pix/metrics/psnr.py"]
    finally:
        module.write_text(committed)
    return output


@pytest.fixture(scope="module")
def queued(clone: Clone, temporary: str) -> Iterator[dict[str, str]]:
    """How the queue's experiments ended, by name. Two at once, as far as their models."""
    printed = clone.run("dvc", "exp", "run", "--queue", "-S", RATES, "train@facades")
    names = re.findall(r"^Queued experiment '(.+?)'", printed, re.MULTILINE)
    clone.run("dvc", "queue", "start", "--jobs", "2")
    try:
        yield awaited(clone, names)
    finally:
        clone.run("dvc", "queue", "stop")


def awaited(clone: Clone, names: list[str]) -> dict[str, str]:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        with clone.entered(), Repo() as repo:  # `dvc queue status` of every second would take as long as the experiments
            status = {task["name"]: task["status"] for task in repo.experiments.celery_queue.status()}
        if set(status) == set(names) and set(status.values()) <= {"Success", "Failed", "Killed"}:
            return status
        time.sleep(1)
    pytest.fail(f"the queue is not done after {SECONDS} s: {status}\n" + clone.attempt("dvc", "queue", "logs", names[0]).stdout)


def in_git(clone: Clone, experiment: str, file: str) -> str:
    """A file as an experiment has it in Git, wherever it was run."""
    (ref,) = [ref for ref in clone.git("for-each-ref", "--format=%(refname)", "refs/exps").split() if ref.endswith(f"/{experiment}")]
    return clone.git("show", f"{ref}:{file}")


def runs(root: Path, dataset: str) -> list[Run]:
    client = MlflowClient(f"sqlite:///{root}/mlflow.db")
    experiment = client.get_experiment_by_name(dataset)
    assert experiment is not None
    assert experiment.artifact_location == (root / "mlruns" / dataset).as_uri()
    return list(client.search_runs([experiment.experiment_id]))


def test_an_experiment_with_longer_training_trains_again_and_runs_nothing_before(clone: Clone, workspace: str) -> None:
    assert set(executed(workspace)) == every("train", "infer", "evaluate", chains=FACADES)
    assert clone.metrics("facades")["epochs"] == 2


def test_repro_after_an_experiment_runs_nothing_and_changes_no_lock(clone: Clone, workspace: str) -> None:
    lock = (clone.root / "dvc.lock").read_bytes()
    output = clone.dvc("repro", "evaluate@facades")
    assert (executed(output), restored(output)) == ([], [])
    assert (clone.root / "dvc.lock").read_bytes() == lock


def test_git_checkout_and_dvc_checkout_bring_everything_back(clone: Clone, back: str) -> None:
    assert back.strip() == "Data and pipelines are up to date."


def test_an_experiment_in_a_temporary_copy_runs_the_code_of_the_workspace(clone: Clone, temporary: str) -> None:
    assert set(executed(temporary)) == every("train", "infer", "evaluate", chains=FACADES)
    assert json.loads(in_git(clone, "apart", "data/metrics/facades.json"))["facades"]["psnr"] > 1000
    assert clone.metrics("facades")["psnr"] < 1000


def test_experiments_from_the_queue_succeed_side_by_side(clone: Clone, queued: dict[str, str]) -> None:
    assert list(queued.values()) == ["Success"] * 2
    assert len({YAML().load(in_git(clone, name, "dvc.lock"))["stages"]["train@facades"]["outs"][0]["md5"] for name in queued}) == 2
    assert clone.git("status", "--porcelain") == ""


def test_every_experiment_is_one_finished_run_of_its_name_in_the_one_store(clone: Clone, queued: dict[str, str]) -> None:
    facades = runs(clone.root, "facades")
    assert sorted(run.info.run_name for run in facades) == sorted(["longer", "apart", *queued])
    for run in facades:
        assert run.info.status == "FINISHED"
        assert run.data.tags["dvc.exp_name"] == run.info.run_name
        assert ("val/L1_loss" if run.info.run_name in queued else "test/SSIM") in run.data.metrics
    assert [path for path in clone.root.rglob("mlflow.db") if path.parent != clone.root] == []


def test_runs_list_has_the_runs_wherever_they_were_made(clone: Clone, queued: dict[str, str]) -> None:
    listed = json.loads(clone.pix2pix("runs", "list", "--json"))
    assert {(row["dataset"], row["name"]) for row in listed} == {("facades", name) for name in ("longer", "apart", *queued)}


def test_finished_trainings_leave_no_state_to_resume(clone: Clone, queued: dict[str, str]) -> None:
    left = [path.name for path in (clone.root / ".resume").rglob("state.pt")]
    assert left == []
