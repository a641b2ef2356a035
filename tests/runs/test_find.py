from collections.abc import Callable
from pathlib import Path

import pytest

from pix2pix.errors import UserError
from pix2pix.repository.experiments import experiment_results
from pix2pix.runs.find import find_run
from pix2pix.tracking import Run
from pix2pix.tracking.lookup import Records
from tests.repository.test_experiments import experiment, git

Train = Callable[..., Run]


def trained(train: Train, model: str | None, dataset: str = "facades") -> str:
    with train(dataset) as run:
        run.tag({"model.sha256": model})
        return run.run_id


def test_of_runs_of_one_name_the_newest_that_trained_the_model_is_meant(train: Train, root: Path) -> None:
    trained(train, "m")
    newest = trained(train, "m")
    trained(train, None)  # broke off
    records = Records(root)
    name = records.find(newest)[0].name
    assert find_run(name, records, root, None).run_id == newest


def test_a_run_is_found_by_the_start_of_its_models_hash(train: Train, root: Path) -> None:
    trained(train, "e" * 64)
    wanted = trained(train, "0123456789ab" + "c" * 52)
    assert find_run("0123456789ab", Records(root), root, None).run_id == wanted


def test_several_that_are_meant_are_listed_with_the_way_out(train: Train, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_EXP_NAME", "wider")
    food = trained(train, "m", "food")
    first, second = trained(train, "n"), trained(train, "o")
    records = Records(root)
    assert find_run("wider", records, root, "food").run_id == food
    with pytest.raises(UserError, match="several runs are called wider") as raised:
        find_run("wider", records, root, "facades")
    assert first in str(raised.value) and second in str(raised.value) and "name one by its id" in str(raised.value)


def test_a_run_that_is_not_there_is_reported_with_the_command_that_lists_them(root: Path) -> None:
    with pytest.raises(UserError, match="there is no run nothing of food; `pix2pix runs list`"):
        find_run("nothing", Records(root), root, "food")


def test_an_experiment_is_found_by_the_name_it_has_now_also_below_the_root_of_git(
    train: Train, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was renamed after its run, and food was active in an earlier commit only."""
    git(root.parent, "init", "--quiet")
    (root / "params.yaml").write_text("active: [facades]\n")
    git(root.parent, "add", "repo/params.yaml")
    git(root.parent, "commit", "--quiet", "-m", "start")
    lock = "stages:\n" + "".join(
        f"  {stage}@{name}:\n    outs: [{{path: data/{folder}/{name}, md5: {name}.dir}}]\n"
        for name in ("facades", "food")
        for stage, folder in (("train", "models"), ("infer", "predictions"))
    )
    experiment(root.parent, "renamed", {"repo/dvc.lock": lock})
    experiment(root.parent, "pulled", {"repo/dvc.lock": lock.replace("facades.dir", "unknown.dir")})
    monkeypatch.setenv("DVC_EXP_NAME", "before")
    with train() as run:
        run.tag({"model.sha256": "m", "dvc.predictions": "facades.dir"})
    records = Records(root)
    assert find_run("renamed", records, root, None) == records.find("before")[0]
    assert [it.dataset for it in records.find("renamed")] == ["facades"]
    assert [(it.name, it.dataset) for it in experiment_results(root)] == [("pulled", "facades"), ("renamed", "facades")]
    with pytest.raises(UserError, match=r"the DVC experiment pulled was not recorded .*`dvc exp apply pulled`"):
        find_run("pulled", records, root, None)
