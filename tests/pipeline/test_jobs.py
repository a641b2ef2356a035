"""`make repro JOBS=2`: the chains side by side, by DVC's own means."""

import shutil
import sys

import pytest

from tests.pipeline.clone import STAGES, Clone, every, executed

pytestmark = pytest.mark.pipeline


def test_chains_side_by_side_come_out_with_the_lock_of_the_sequential_run(clone: Clone) -> None:
    lock = (clone.root / "dvc.lock").read_bytes()
    for gone in ("data", ".dvc/cache", ".dvc/tmp"):
        shutil.rmtree(clone.root / gone)
    ready = f"{sys.prefix}/.ready"
    output = clone.run("make", "repro", "JOBS=2", f"VENV={sys.prefix}", "-o", ready)
    ran = executed(output)
    assert sorted(ran) == sorted([*every(*STAGES), "check", "report"])  # each once
    assert (clone.root / "dvc.lock").read_bytes() == lock
    assert clone.git("status", "--porcelain") == ""
