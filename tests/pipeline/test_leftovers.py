"""A dataset that is no longer active leaves nothing in dvc.lock that a fresh clone lacks."""

from pathlib import Path

import pytest
from mlflow import MlflowClient

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


@pytest.fixture(scope="module")
def measured(clone: Clone, empty_store: Path) -> str:
    """What evaluate printed where only what it declares was there. After it, export and summary ran by hand. The cache is hard-linked."""
    clone.git("checkout", "--quiet", "--force", "HEAD")
    clone.dvc("config", "--local", "cache.type", "hardlink")
    clone.dvc("checkout", "--quiet", "--force", "--relink")
    clone.record(empty_store)
    assert links(clone) == [2, 2, 2]
    others = [str(Path("data") / name) for name in ("history/facades.csv", "samples/facades", "evaluation/facades.json")]
    clone.run("rm", "-r", *others)
    printed = clone.stage("evaluate", "facades")
    clone.dvc("checkout", "--quiet", *others[:2])
    clone.stage("export", "facades")
    clone.stage("summary", "facades")
    return printed


def links(clone: Clone) -> list[int]:
    """The names that each of three outputs has on the disk."""
    names = ("metrics/facades.csv", "export/facades/examples.png", "summaries/facades.json")
    return [(clone.root / "data" / name).stat().st_nlink for name in names]


def test_a_fresh_clone_measures_again_with_what_evaluate_declares(measured: str) -> None:
    assert "facades: l1 " in measured


def test_a_stage_run_by_hand_writes_nothing_into_a_cache_that_is_hard_linked(clone: Clone, measured: str) -> None:
    assert links(clone) == [1, 1, 1]


def test_the_card_of_a_model_is_the_description_of_its_run_and_lies_among_its_files(clone: Clone, measured: str) -> None:
    client = MlflowClient(f"sqlite:///{clone.root}/mlflow.db")
    [run] = client.search_runs([experiment.experiment_id for experiment in client.search_experiments() if experiment.name == "facades"])
    assert {file.path for file in client.list_artifacts(run.info.run_id, "card")} == {"card/README.md", "card/examples.png"}
    described = run.data.tags["mlflow.note.content"]
    assert described.startswith("# pix2pix, facades\n") and run.data.tags["model.sha256"] in described
    assert run.info.status == "FINISHED"
