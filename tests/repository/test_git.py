import subprocess
from pathlib import Path

import pytest

from pix2pix.repository.git import code_changes


def test_what_is_not_committed_is_a_patch_that_brings_it_back_new_files_included(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "person"))
    (tmp_path / "person").write_text("[color]\nui = always\n[diff]\nnoprefix = true\n[user]\nname = a\nemail = a@b.example\n")

    def git(*arguments: str, text: str = "") -> None:
        subprocess.run(["git", *arguments], cwd=tmp_path, input=text, text=True, capture_output=True, check=True)

    def write(text: str, *names: str) -> None:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)

    assert code_changes(tmp_path, without="params.yaml") == ""
    git("init", "-q")
    write("first\n", "src/a.py", "params.yaml", "dvc.lock", "data/metrics/food.json")
    git("add", "--all")
    git("commit", "-q", "-m", "first")
    assert code_changes(tmp_path, without="params.yaml") == ""
    write("second  \n", "src/a.py", "src/package/new.py", "params.yaml", "dvc.lock", "data/metrics/food.json")
    patch = code_changes(tmp_path, without="params.yaml")
    assert "params.yaml" not in patch and "dvc.lock" not in patch and "food.json" not in patch
    git("checkout", "-q", ".")
    (tmp_path / "src/package/new.py").unlink()
    git("apply", "-", text=patch)
    assert {(tmp_path / name).read_text() for name in ("src/a.py", "src/package/new.py")} == {"second  \n"}
