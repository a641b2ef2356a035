"""A dataset that is no longer active leaves nothing in dvc.lock that a fresh clone lacks."""

from pathlib import Path

import pytest

from tests.pipeline.clone import Clone, executed

pytestmark = pytest.mark.pipeline


def test_after_fewer_active_datasets_a_clone_with_the_same_cache_is_clean_and_back_again_nothing_is_trained(clone: Clone) -> None:
    clone.set("active", ["facades"])
    assert set(executed(clone.dvc("repro"))) == {"check", "report"}
    assert clone.dvc("status").strip() == "Data and pipelines are up to date."
    clone.commit("One dataset")

    other = Clone(clone.root.with_name("other"))
    other.root.parent.mkdir(exist_ok=True)
    clone.git("clone", "--quiet", str(clone.root), str(other.root))
    other.dvc("cache", "dir", "--local", str(clone.root / ".dvc/cache"))
    other.dvc("checkout", "--quiet")
    assert other.dvc("status").strip() == "Data and pipelines are up to date."
    assert executed(other.dvc("repro")) == []

    clone.set("active", ["facades", "food"])
    assert not any(name.startswith(("train", "evaluate", "summary")) for name in executed(clone.dvc("repro")))
    assert clone.dvc("status").strip() == "Data and pipelines are up to date."


def test_a_fresh_clone_measures_again_with_what_evaluate_declares(clone: Clone) -> None:
    clone.git("checkout", "--quiet", "--force", "HEAD")
    clone.set("active", ["facades"])
    clone.set("tracking.enabled", True)
    for name in ("history/facades.csv", "samples/facades", "evaluation/facades.json"):
        clone.run("rm", "-r", str(Path("data") / name))
    assert "facades: l1 " in clone.stage("evaluate", "facades")


def test_a_stage_run_by_hand_writes_nothing_into_a_cache_that_is_hard_linked(clone: Clone) -> None:
    clone.git("checkout", "--quiet", "--force", "HEAD")
    clone.dvc("config", "--local", "cache.type", "hardlink")
    clone.dvc("checkout", "--quiet", "--force", "--relink")
    outputs = [clone.root / "data" / name for name in ("metrics/facades.csv", "export/facades/examples.png", "summaries/facades.json")]
    assert [file.stat().st_nlink for file in outputs] == [2, 2, 2]
    for stage in ("evaluate", "export", "summary"):
        clone.stage(stage, "facades")
    assert [file.stat().st_nlink for file in outputs] == [1, 1, 1]
