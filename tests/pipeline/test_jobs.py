"""`make repro JOBS=2`: the chains side by side, by DVC's own means."""

import re
import shutil
import sys

import pytest

from tests.pipeline.clone import Clone, every, executed

pytestmark = pytest.mark.pipeline

AGAIN = ("infer", "summary")  # the others take most of the time, and wait for locks in the same way
LOCKED = r"(path: stages/(?:infer|summary|report)\.py\n +hash: md5\n +md5: )\w+"


def test_chains_side_by_side_come_out_with_the_lock_of_the_sequential_run(clone: Clone) -> None:
    lock = clone.root / "dvc.lock"
    sequential = lock.read_text()
    lock.write_text(re.sub(LOCKED, rf"\g<1>{'f' * 32}", sequential))  # as if the code of these stages had been other
    shutil.rmtree(clone.root / ".dvc/cache/runs")
    output = clone.run("make", "repro", "JOBS=2", f"VENV={sys.prefix}", "-o", f"{sys.prefix}/.ready")
    assert sorted(executed(output)) == sorted([*every(*AGAIN), "report"])  # each once
    assert lock.read_text() == sequential
    assert clone.git("status", "--porcelain") == ""
