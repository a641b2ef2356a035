from collections.abc import Callable
from pathlib import Path

import pytest

from pix2pix.errors import UserError
from pix2pix.tracking import PREDICTIONS, Run
from pix2pix.tracking.lookup import find_runs

Train = Callable[..., Run]


def measured(train: Train, pictures: str, dataset: str = "facades") -> str:
    with train(dataset) as run:
        run.tag({PREDICTIONS: pictures})
        return run.run_id


def test_a_run_is_found_by_id_and_by_name_and_knows_its_pictures(train: Train, root: Path) -> None:
    run = measured(train, "1.dir")
    [found] = find_runs(run, root, None)
    assert (found.run_id, found.dataset, found.predictions) == (run, "facades", "1.dir")
    assert find_runs(found.name, root, None) == [found]
    assert find_runs("another name", root, None) == find_runs('quoted"name', root, None) == []


def test_of_runs_with_one_name_the_newest_of_each_set_of_pictures_is_given(train: Train, root: Path) -> None:
    for pictures in ("1.dir", "2.dir", "1.dir"):
        newest = measured(train, pictures)
    found = find_runs(find_runs(newest, root, None)[0].name, root, None)
    assert [run.predictions for run in found] == ["1.dir", "2.dir"]
    assert found[0].run_id == newest


def test_only_runs_of_the_data_set_that_was_named_are_looked_at(train: Train, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_EXP_NAME", "both")
    measured(train, "1.dir", "facades"), measured(train, "2.dir", "food")
    assert {run.dataset for run in find_runs("both", root, None)} == {"facades", "food"}
    assert [run.predictions for run in find_runs("both", root, "food")] == ["2.dir"]
    assert find_runs("both", root, "maps") == []


def test_where_there_is_no_store_none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert find_runs("a", tmp_path, None) == []
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_down_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(UserError, match=r"MLflow store at http://127\.0\.0\.1:9 cannot be asked for 'a': "):
        find_runs("a", root, None)
