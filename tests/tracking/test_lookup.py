from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient

from pix2pix.errors import UserError
from pix2pix.metrics.labels import REFERENCE
from pix2pix.runs.table import measured
from pix2pix.tracking import Run, tracking_uri
from pix2pix.tracking.lookup import Records
from pix2pix.tracking.parameters import HIDDEN, as_text

Train = Callable[..., Run]


def test_a_run_is_found_by_id_by_its_beginning_by_name_and_by_its_dvc_experiment(
    train: Train, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train("food").finish("FINISHED")
    monkeypatch.setenv("DVC_EXP_NAME", "plain-bath")
    with train() as run:
        run.log_metrics({"test/L1": 0.25})
        run_id = run.run_id
    records = Records(root)
    for text in (run_id, run_id[:6], "plain-bath"):
        [found] = records.find(text)
        assert (found.run_id, found.dataset, found.status, found.experiment) == (run_id, "facades", "FINISHED", "plain-bath")
        assert (found.metrics, found.params) == ({"test/L1": 0.25}, {"train.lr": "0.0002"})
    for text in ("another name", run_id[:3], "0" * 32, 'quoted"name', "quoted'name", ""):
        assert records.find(text) == []


def test_all_runs_come_newest_first_and_of_one_dataset_where_it_is_named(train: Train, root: Path) -> None:
    for dataset in ("facades", "food", "facades"):
        train(dataset).finish("FINISHED")
    assert [run.dataset for run in Records(root).all()] == ["facades", "food", "facades"]
    assert [run.dataset for run in Records(root).all("food")] == ["food"]


def test_artifacts_are_read_and_those_that_are_not_there_are_none(train: Train, root: Path) -> None:
    with train() as run:
        run.log_text("scale: sample\n", "params.yaml")
        run_id = run.run_id
    records = Records(root)
    [found] = records.find(run_id)
    assert records.text(found, "params.yaml") == "scale: sample\n"
    assert records.text(found, "changes.patch") is records.last_sample(found) is None


def test_reading_makes_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert Records(tmp_path).all() == Records(tmp_path).find("a") == []
    assert not list(tmp_path.iterdir())


def test_a_store_that_cannot_be_asked_is_reported(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:secret@127.0.0.1:9")
    with pytest.raises(UserError, match=r"http://127\.0\.0\.1:9 cannot be used"):
        Records(root).find("a")


def test_a_runs_page_is_on_the_server_or_on_this_machine_and_names_no_password(
    train: Train, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train().finish("FINISHED")
    [run] = Records(root).all()
    where = f"/#/experiments/{run.experiment_id}/runs/{run.run_id}?workflowType=machine_learning"
    assert Records(root).page(run) == f"http://127.0.0.1:5000{where}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://ann:secret@mlflow.example.org/")
    assert Records(root).page(run) == f"https://mlflow.example.org{where}"
    odd = replace(run, run_id='"><script>')
    assert "<" not in Records(root).page(odd) and '"' not in Records(root).page(odd)


def test_make_ui_prints_the_address_of_the_first_datasets_trainings(train: Train, root: Path) -> None:
    train().finish("FINISHED")
    [run] = Records(root).all()
    page = Records(root).page(run).replace(f"/{run.run_id}", "")
    assert f'"open {page}"'.replace(":5000", ":$${PORT:-5000}") in (Path(__file__).parents[2] / "Makefile").read_text()


def test_a_run_of_an_earlier_version_is_read_by_todays_names(train: Train, root: Path) -> None:
    reference_row = {"name": REFERENCE, "kid_efficientnet_lite0": 0.5, "recall": 0.6}  # recall is not recorded
    evaluation = {"metrics": {"ssim": 0.4, "images": 40, "epochs": 2}, "rows": [reference_row]}
    curves = {"loss_g_l1": 0.1, "loss_g_edge_map": 0.2, "val_l1": 0.3, "lr": 0.4, "images_per_second": 9.0}
    with train() as today:
        today.log_epoch(1, curves)
        today.log_evaluation(evaluation)
    for reference in ("reference", "floor"):
        with train() as run:
            run.log_metrics({**curves, "test.ssim": 0.4, "test.images": 40, f"{reference}.kid_efficientnet_lite0": 0.5})
    found = Records(root).all()
    assert [it.metrics for it in found] == 3 * [found[0].metrics]
    assert measured(found[0]) == {"ssim": 0.4, "images": 40}


def test_parameters_with_their_default_are_hidden_on_mlflows_pages_and_read_with_the_others(train: Train, root: Path) -> None:
    given = {"seed": 0, "train.beta1": 0.5, "train.beta2": 0.9, "train.lr": 0.1, "model.dropout_at": "[4, 8, 16]", "tracking.timeout": 9.0}
    given |= {"licence": None, "train.lambda_l1": 100.0, "model.ngf": 16}
    with train(params=given) as run:
        run_id = run.run_id
    client = MlflowClient(tracking_uri(root))
    assert client.get_run(run_id).data.params == {"seed": "0", "train.beta2": "0.9", "train.lr": "0.1", "model.ngf": "16"}
    expected = {key: as_text(value) for key, value in given.items()}
    assert Records(root).find(run_id)[0].params == expected
    for hidden in ("[1]", "{", '{"train.beta1": 1}', "[" * 100_000):  # others write into the store too
        client.set_tag(run_id, HIDDEN, hidden)
        assert Records(root).find(run_id)[0].params == client.get_run(run_id).data.params
