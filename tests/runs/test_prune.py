"""A run goes only if nothing needs it: no commit, no experiment, no alias, no training that can be resumed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow import MlflowClient

from pix2pix.runs.prune import prune, unneeded
from pix2pix.tracking import Run, tracking_uri
from pix2pix.tracking.lookup import Records
from tests.repository.test_experiments import experiment, git

Train = Callable[..., Run]
LOCK = "stages:\n  infer@facades:\n    outs: [{{path: data/predictions/facades, md5: {}.dir}}]\n"


@pytest.fixture
def repo(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose branch main has the predictions `main.dir` and whose experiment `wider` has `wider.dir`."""
    git(root, "init", "--quiet", "--initial-branch=main")
    (root / ".gitignore").write_text("mlflow.db*\nmlruns\n.resume\n")
    (root / "params.yaml").write_text("active: [facades]\n")
    (root / "dvc.lock").write_text(LOCK.format("main"))
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "start")
    experiment(root, "wider", {"dvc.lock": LOCK.format("wider")})
    monkeypatch.chdir(root)  # a run records the commit of the working directory
    return root


def recorded(train: Train, name: str, tags: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DVC_EXP_NAME", name)
    with train() as run:
        run.log_text("x" * 3000, "note.txt")
        run.tag({"model.sha256": name, **tags})
        return run.run_id


def test_only_runs_that_nothing_needs_are_listed_and_removed(
    repo: Path, train: Train, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("main", "wider", "main"):
        recorded(train, f"{name}-run", {"dvc.predictions": f"{name}.dir"}, monkeypatch)
    recorded(train, "wider", {}, monkeypatch)  # not measured yet; its experiment is there
    resumed, base, gone, champion = (recorded(train, name, {"dvc.predictions": f"{name}.dir"}, monkeypatch) for name in "rbgc")
    recorded(train, "other", {"dvc.predictions": "main.dir", "model.run_id": base}, monkeypatch)
    (repo / ".resume/facades-1").mkdir(parents=True)
    (repo / ".resume/facades-1/run_id").write_text(resumed)
    (repo / ".resume/facades-1/state.pt").touch()
    (repo / ".resume/facades-2").mkdir()
    (repo / ".resume/facades-2/run_id").write_text(gone)  # of a training that was refused before its first checkpoint
    client = MlflowClient(tracking_uri(repo))
    for run_id in (gone, champion):
        client.create_registered_model("m") if run_id == gone else None
        client.create_model_version("m", f"{client.get_run(run_id).info.artifact_uri}/model", run_id)
    client.set_registered_model_alias("m", "champion", "2")
    records = Records(repo)
    assert [run.run_id for run in unneeded(records, repo, None)] == [gone]
    assert unneeded(records, repo, "food") == []

    listed = list(prune(records, repo, None, remove=False))
    assert gone[:8] in listed[1] and "2.9 KiB" in listed[1] and "Nothing is removed yet" in listed[-1]
    assert client.get_run(gone).info.lifecycle_stage == "active"
    assert list(prune(records, repo, None, remove=True))[-1].startswith("removed 1 run with 2.9 KiB")
    assert not (repo / "mlruns/facades" / gone / "artifacts").exists()
    assert client.get_run(gone).info.lifecycle_stage == "deleted", "MLflow can restore its numbers"
    assert [version.run_id for version in client.search_model_versions("name = 'm'")] == [champion]
    assert list(prune(records, repo, None, remove=True)) == ["every run is needed"]
