import json
import subprocess
from pathlib import Path

import pytest

from pix2pix.errors import UserError
from pix2pix.repository.cache import cached, files_that_differ
from pix2pix.runs.rebuild import Rebuild

PARAMS = "active: [facades]  # chains\ntrain: {lr: 1e-05, epochs: null}\ntracking:\n  enabled: true\n"


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, no branch of which leads to it any more."""
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    (root / "code.py").write_text("first\n")
    git(root, "add", "code.py")
    git(root, "commit", "-q", "-m", "first")
    return root


def test_a_clone_has_the_commit_its_changes_and_the_parameters_and_leaves_the_repository_alone(repository: Path, tmp_path: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD").strip()
    (repository / "code.py").write_text("second\n")
    changes = git(repository, "diff")
    git(repository, "commit", "-q", "--amend", "--all", "-m", "amended")
    rebuild = Rebuild(repository, tmp_path / "clone", commit, changes)
    rebuild.set_params(PARAMS, "food")
    assert (rebuild.folder / "code.py").read_text() == "second\n"
    expected = PARAMS.replace("[facades]", "[food]").replace("enabled: true", "enabled: false")
    assert (rebuild.folder / "params.yaml").read_text().split() == expected.split()
    assert git(repository, "status", "--porcelain") == ""


def test_a_commit_that_is_gone_and_changes_that_do_not_fit_are_reported(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no commit 0000"):
        Rebuild(repository, tmp_path / "a", "0" * 40, None)
    with pytest.raises(UserError, match="do not fit commit"):
        Rebuild(repository, tmp_path / "b", "HEAD", "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")


def keep(cache: Path, name: str, files: dict[str, str]) -> str:
    listed = cached(cache, f"{name}.dir")
    listed.parent.mkdir(parents=True, exist_ok=True)
    listed.write_text(json.dumps([{"relpath": path, "md5": md5} for path, md5 in files.items()]))
    return f"{name}.dir"


def test_the_files_are_named_in_which_two_folders_differ(tmp_path: Path) -> None:
    md5 = [digit * 32 for digit in "012345"]
    then = keep(tmp_path / "one", "a" * 32, {"same.png": md5[1], "changed.png": md5[2], "gone.png": md5[3]})
    now = keep(tmp_path / "two", "c" * 32, {"same.png": md5[1], "changed.png": md5[4], "new.png": md5[5]})
    assert files_that_differ(then, now, tmp_path / "one", tmp_path / "two") == ["changed.png", "gone.png", "new.png"]
    assert (files_that_differ("unknown.dir", now, tmp_path / "one", tmp_path / "two")) == []


def test_a_folder_comes_from_a_cache_completely_or_not_at_all(repository: Path, tmp_path: Path) -> None:
    rebuild = Rebuild(repository, tmp_path / "clone", "HEAD", None)
    first, second = "1" * 32, "2" * 32
    digest = keep(tmp_path / "cache", "a" * 32, {"a.zip": first, "source.json": second})
    cached(tmp_path / "cache", first).parent.mkdir()
    cached(tmp_path / "cache", first).write_text("archive")
    assert not rebuild.fetch(tmp_path / "cache", "data/raw/food", digest)
    assert not (rebuild.folder / "data").exists()
    cached(tmp_path / "cache", second).parent.mkdir()
    cached(tmp_path / "cache", second).write_text("{}")
    assert rebuild.fetch(tmp_path / "cache", "data/raw/food", digest)
    assert (rebuild.folder / "data/raw/food/a.zip").read_text() == "archive"


@pytest.mark.parametrize("commit", ["--upload-pack=touch x", "--output=x", "-f"])
def test_a_commit_cannot_be_an_option(repository: Path, tmp_path: Path, commit: str) -> None:
    with pytest.raises(UserError, match="has no commit"):
        Rebuild(repository, tmp_path / "clone", commit, None)


@pytest.mark.parametrize(
    ("params", "dataset", "message"),
    [
        (PARAMS, "x; touch y", "is no dataset's name"),
        ("[" * 2000, "food", "params.yaml is damaged"),
        ("3", "food", "params.yaml is damaged"),
        ("tracking: off", "food", "params.yaml is damaged"),
        ("!!python/object/apply:os.system [touch x]", "food", "params.yaml is damaged"),
    ],
)
def test_recorded_parameters_reach_no_shell(repository: Path, tmp_path: Path, params: str, dataset: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Rebuild(repository, tmp_path / "clone", "HEAD", None).set_params(params, dataset)


def test_recorded_datasets_and_a_recorded_scheduler_are_left_out(repository: Path, tmp_path: Path) -> None:
    rebuild = Rebuild(repository, tmp_path / "clone", "HEAD", None)
    rebuild.set_params("active: ['a; touch b', food]\nprepare: {dask: 'tcp://evil:1'}\ntracking: {enabled: true}\n", "food")
    text = (rebuild.folder / "params.yaml").read_text()
    assert "touch" not in text and "evil" not in text


def test_a_cache_that_names_files_elsewhere_is_not_copied_from(repository: Path, tmp_path: Path) -> None:
    rebuild, cache, md5 = Rebuild(repository, tmp_path / "clone", "HEAD", None), tmp_path / "cache", "1" * 32
    cached(cache, md5).parent.mkdir(parents=True)
    cached(cache, md5).write_text("archive")
    for name in ("../../out", "/tmp/out", "a/../../out", ""):
        assert not rebuild.fetch(cache, "data/raw/food", keep(cache, "a" * 32, {name: md5}))
    assert not rebuild.fetch(cache, "data/raw/food", keep(cache, "b" * 32, {"a": "../../etc/passwd"}))
    assert not rebuild.fetch(cache, "data/raw/food", "../" + md5)
    (tmp_path / "elsewhere").mkdir()
    (rebuild.folder / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="leads out of the clone"):
        rebuild.fetch(cache, "data/raw/food", keep(cache, "c" * 32, {"a": md5}))
    assert list((tmp_path / "elsewhere").iterdir()) == []
