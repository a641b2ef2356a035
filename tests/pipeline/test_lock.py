"""`make lock`: dvc.lock after an edit of code."""

import subprocess
import sys

import pytest

from tests.pipeline.clone import Clone, executed

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def clone(clone: Clone) -> Clone:
    """With one chain, which takes half as long as two."""
    clone.set("active", ["facades"])
    clone.dvc("repro")
    clone.commit("One dataset")
    return clone


def make_lock(clone: Clone) -> subprocess.CompletedProcess[str]:
    return clone.attempt("make", "lock", f"VENV={sys.prefix}", "-o", f"{sys.prefix}/.ready", PYTHONPATH=str(clone.root / "src"))


def test_a_comment_runs_nothing_and_another_result_is_reported(clone: Clone) -> None:
    unet, summary = clone.root / "src/pix2pix/models/unet.py", clone.root / "src/pix2pix/summary/summary.py"
    unet.write_text(unet.read_text() + "# a comment\n")
    done = make_lock(clone)
    assert (done.returncode, executed(done.stdout)) == (0, []), done.stdout
    assert "train@facades" in done.stdout
    assert "Data and pipelines are up to date." in clone.dvc("status")
    assert clone.git("status", "--porcelain").split() == ["M", "dvc.lock", "M", "src/pix2pix/models/unet.py"]
    clone.commit("A comment")

    changed = "\n_right = summarize\n\n\ndef summarize(chain):\n    return {**_right(chain), 'settings': []}\n"
    summary.write_text(summary.read_text() + changed)
    done = make_lock(clone)
    assert done.returncode != 0
    assert "data/summaries/facades.json" in done.stdout.partition("are not what they were")[2]
