"""`make repro JOBS=2`: the chains side by side, by DVC's own means."""

import shutil
import sys

import pytest

from tests.pipeline.clone import Clone, every, executed, restored

pytestmark = pytest.mark.pipeline

RUN = ("download", "prepare", "train", "infer", "evaluate")
RESTORED = ("export", "summary")  # take as long as the others together, and show nothing else


def test_chains_side_by_side_come_out_with_the_lock_of_the_sequential_run(clone: Clone) -> None:
    lock = (clone.root / "dvc.lock").read_bytes()
    (clone.root / "dvc.lock").unlink()
    shutil.rmtree(clone.root / "data")
    for ran in (clone.root / ".dvc/cache/runs").glob("*/*/*"):
        if not any(f"stages.{stage}" in ran.read_text() for stage in RESTORED):
            ran.unlink()
    ready = f"{sys.prefix}/.ready"
    output = clone.run("make", "repro", "JOBS=2", f"VENV={sys.prefix}", "-o", ready)
    assert sorted(executed(output)) == sorted([*every(*RUN), "check", "report"])  # each once
    assert set(restored(output)) == every(*RESTORED)
    assert (clone.root / "dvc.lock").read_bytes() == lock
    assert clone.git("status", "--porcelain") == ""
