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
    expected = PARAMS.replace("[facades]", "[facades, food]").replace("enabled: true", "enabled: false")
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
    then = keep(tmp_path / "one", "ab1", {"same.png": "1", "changed.png": "2", "gone.png": "3"})
    now = keep(tmp_path / "two", "cd2", {"same.png": "1", "changed.png": "4", "new.png": "5"})
    assert files_that_differ(then, now, tmp_path / "one", tmp_path / "two") == ["changed.png", "gone.png", "new.png"]
    assert (files_that_differ("unknown.dir", now, tmp_path / "one", tmp_path / "two")) == []


def test_a_folder_comes_from_a_cache_completely_or_not_at_all(repository: Path, tmp_path: Path) -> None:
    rebuild = Rebuild(repository, tmp_path / "clone", "HEAD", None)
    digest = keep(tmp_path / "cache", "ab1", {"a.zip": "11a", "source.json": "22b"})
    cached(tmp_path / "cache", "11a").parent.mkdir()
    cached(tmp_path / "cache", "11a").write_text("archive")
    assert not rebuild.fetch(tmp_path / "cache", "data/raw/food", digest)
    assert not (rebuild.folder / "data").exists()
    cached(tmp_path / "cache", "22b").parent.mkdir()
    cached(tmp_path / "cache", "22b").write_text("{}")
    assert rebuild.fetch(tmp_path / "cache", "data/raw/food", digest)
    assert (rebuild.folder / "data/raw/food/a.zip").read_text() == "archive"
