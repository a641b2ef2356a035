import subprocess
from pathlib import Path

import pytest

from pix2pix.tracking.tags import made_with, run_tags


def test_tags_name_the_commit_and_distinguish_changed_code_from_what_the_pipeline_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_EXP_BASELINE_REV", "f" * 40)

    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "-q")
    assert "git.commit" not in run_tags()
    for name in ("code.py", "dvc.lock"):
        (tmp_path / name).write_text("first")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    (tmp_path / "dvc.lock").write_text("written by dvc repro")
    tags = run_tags()
    assert (tags["git.commit"], tags["git.dirty"], tags["dvc.exp_baseline_rev"]) == (git("rev-parse", "HEAD"), "false", "f" * 40)
    (tmp_path / "code.py").write_text("second")
    assert run_tags()["git.dirty"] == "true"


def test_a_run_knows_the_processor_and_the_versions_that_made_it() -> None:
    assert made_with().keys() >= {"python", "machine", "cpu", "version.torch", "version.numpy"}
