"""DVC's experiments are commits under refs/exps: a repository of Git is enough to have some."""

import subprocess
from pathlib import Path

import pytest

from pix2pix.repository.experiments import ExperimentResult, experiment_results, experiments
from pix2pix.repository.git import files_at

LOCK = "stages:\n  infer@facades:\n    outs: [{path: data/predictions/facades, md5: IMAGES.dir}]\n"


def git(root: Path, *arguments: str, time: int = 1_000_000_000) -> str:
    environment = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_COMMITTER_DATE": f"{time} +0000", "GIT_AUTHOR_DATE": f"{time} +0000"}
    who = ["-c", "user.name=A Test", "-c", "user.email=test@example.org"]
    done = subprocess.run(["git", *who, *arguments], cwd=root, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "params.yaml").write_text("active: [facades]\ntrain: {epochs: null, lr: 0.0002}\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "start")
    return tmp_path


def experiment(root: Path, name: str, files: dict[str, str], *, time: int = 1_000_000_001) -> str:
    """Kept as DVC keeps it: on a commit of its own, under the one it started from."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    baseline = git(root, "rev-parse", "HEAD")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", name, time=time)
    commit = git(root, "rev-parse", "HEAD")
    git(root, "update-ref", f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}", commit)
    git(root, "reset", "--quiet", "--hard", baseline)
    return commit


def test_an_experiment_is_a_result_of_each_chain_that_was_active_with_what_it_changed_and_measured(repo: Path) -> None:
    files = {
        "params.yaml": "active: [facades, food]\ntrain: {epochs: 70, lr: 0.0002}\n",
        "dvc.lock": LOCK,
        "data/metrics/facades.json": '{"facades": {"l1": 0.25, "images": 100, "epochs": 70, "lpips": null}}',
        "data/metrics/anime.json": '{"anime": {"l1": 0.5}}',  # not an active chain: it is the baseline's
    }
    commit = experiment(repo, "wider", files)
    assert [(it.name, it.commit, it.baseline) for it in experiments(repo)] == [("wider", commit, git(repo, "rev-parse", "HEAD"))]
    params = {"active": '["facades", "food"]', "train.epochs": "70"}
    assert experiment_results(repo) == [
        ExperimentResult("wider", "facades", 1_000_000_001, params, {"l1": 0.25}, "IMAGES.dir"),
        ExperimentResult("wider", "food", 1_000_000_001, params, {}, ""),
    ]


def test_the_newest_experiment_comes_first_and_dvcs_own_refs_are_none(repo: Path) -> None:
    experiment(repo, "older", {"params.yaml": "active: [food]\n"}, time=1_000_000_002)
    experiment(repo, "newer", {"params.yaml": "active: [food]\n"}, time=1_000_000_003)
    for ref in ("refs/exps/stash", "refs/exps/celery/stash", "refs/exps/exec/EXEC_HEAD"):
        git(repo, "update-ref", ref, "HEAD")
    assert [it.name for it in experiment_results(repo)] == ["newer", "older"]


@pytest.mark.parametrize("params", ["active: facades\n", "active: [\n", "- a\n- list\n", ""])
def test_an_experiment_whose_parameters_cannot_be_read_is_of_no_chain(repo: Path, params: str) -> None:
    experiment(repo, "broken", {"params.yaml": params, "dvc.lock": "stages: [\n"})
    assert experiment_results(repo) == []


def test_outside_a_repository_there_are_none(tmp_path: Path) -> None:
    assert experiments(tmp_path) == [] and experiment_results(tmp_path) == []


def test_files_of_commits_come_in_order_whatever_is_in_them(repo: Path) -> None:
    commit = experiment(repo, "odd", {"a": "", "b": "line\nfeed blob 3\n", "ü ü": "ä"})
    assert list(files_at(repo, [f"{commit}:{name}" for name in ("b", "missing", "a", "ü ü", "params.yaml")])) == [
        "line\nfeed blob 3\n", None, "", "ä", "active: [facades]\ntrain: {epochs: null, lr: 0.0002}\n",
    ]  # fmt: skip
