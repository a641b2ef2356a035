from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from pix2pix.errors import UserError
from pix2pix.tracking import chain_sha256, data_digest, model_sha256
from pix2pix.tracking.lineage import code_changes, made_with, run_tags

ENTRY = "  {stage}@{dataset}:\n    cmd: python -m stages.{stage} {dataset}\n    outs:\n    - path: {stage}\n      md5: {md5}.dir\n"


def write_lock(path: Path, stages: list[str], dataset: str = "facades", md5: str = "1" * 32) -> Path:
    old = path.read_text() if path.exists() else "schema: '2.0'\nstages:\n"
    path.write_text(old + "".join(ENTRY.format(stage=stage, dataset=dataset, md5=md5) for stage in stages))
    return path


def test_the_chain_is_hashed_as_canonical_json_of_its_four_entries(tmp_path: Path) -> None:
    def entry(stage: str) -> str:
        outs = f'[{{"md5":"{"1" * 32}.dir","path":"{stage}"}}]'
        return f'"{stage}@facades":{{"cmd":"python -m stages.{stage} facades","outs":{outs}}}'

    expected = "{" + ",".join(entry(stage) for stage in ("download", "infer", "prepare", "train")) + "}"
    lock = write_lock(tmp_path / "dvc.lock", ["download", "prepare", "train", "infer"])
    assert chain_sha256(lock, "facades") == hashlib.sha256(expected.encode()).hexdigest()


def test_the_chains_hash_knows_neither_order_nor_other_chains_nor_later_stages(tmp_path: Path) -> None:
    one = write_lock(tmp_path / "one.lock", ["download", "prepare", "train", "infer"])
    two = write_lock(tmp_path / "two.lock", ["train", "infer", "evaluate", "download", "prepare"])
    write_lock(two, ["download", "train"], dataset="food", md5="2" * 32)
    other = write_lock(tmp_path / "other.lock", ["download", "prepare", "train", "infer"], md5="2" * 32)
    assert chain_sha256(one, "facades") == chain_sha256(two, "facades") != chain_sha256(other, "facades")


def test_what_dvc_has_not_made_yet_has_no_hash(tmp_path: Path) -> None:
    lock = tmp_path / "dvc.lock"
    assert chain_sha256(lock, "facades") is data_digest(lock, "facades") is None
    write_lock(lock, ["download", "prepare"])
    assert chain_sha256(lock, "facades") is None
    assert data_digest(lock, "facades") == "1" * 32 + ".dir"


def test_the_models_hash_is_sha256_of_its_weights(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"generator\.safetensors is missing"):
        model_sha256(tmp_path)
    (tmp_path / "generator.safetensors").write_bytes(b"weights")
    assert model_sha256(tmp_path) == hashlib.sha256(b"weights").hexdigest()


def test_tags_name_the_commit_and_tell_changed_code_from_what_the_pipeline_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_EXP_BASELINE_REV", "f" * 40)

    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

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


def test_what_is_not_committed_is_a_patch_that_brings_it_back_new_files_included(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "person"))
    (tmp_path / "person").write_text("[color]\nui = always\n[diff]\nnoprefix = true\n[user]\nname = a\nemail = a@b.example\n")

    def git(*arguments: str, text: str = "") -> None:
        subprocess.run(["git", *arguments], input=text, text=True, capture_output=True, check=True)

    def write(text: str, *names: str) -> None:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)

    assert code_changes() == ""
    git("init", "-q")
    write("first\n", "src/a.py", "params.yaml", "dvc.lock", "data/metrics/food.json")
    git("add", "--all")
    git("commit", "-q", "-m", "first")
    assert code_changes() == ""
    write("second  \n", "src/a.py", "src/package/new.py", "params.yaml", "dvc.lock", "data/metrics/food.json")
    patch = code_changes()
    assert "params.yaml" not in patch and "dvc.lock" not in patch and "food.json" not in patch
    git("checkout", "-q", ".")
    (tmp_path / "src/package/new.py").unlink()
    git("apply", "-", text=patch)
    assert {(tmp_path / name).read_text() for name in ("src/a.py", "src/package/new.py")} == {"second  \n"}


def test_a_run_knows_the_processor_and_the_versions_that_made_it() -> None:
    assert made_with().keys() >= {"python", "machine", "cpu", "version.torch", "version.numpy"}
