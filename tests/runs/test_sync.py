"""What `dvc pull` brought without its runs is recorded afterwards, by dvc.lock."""

import json
from pathlib import Path

import pytest
from mlflow import MlflowClient

from pix2pix.repository.digests import digest, model_sha256
from pix2pix.runs.sync import sync
from pix2pix.tracking import tracking_uri
from pix2pix.tracking.lookup import Records
from tests.inference.models import folder, model
from tests.params import write_params
from tests.report_pages import make_chain

OUTS = {
    "download": [],
    "prepare": ["data/prepared/facades"],
    "train": ["data/models/facades", "data/history/facades.csv", "data/samples/facades"],
    "infer": ["data/predictions/facades"],
    "evaluate": ["data/metrics/facades.json", "data/metrics/facades.csv", "data/evaluation/facades.json"],
    "export": ["data/export/facades"],
}


@pytest.fixture
def pulled(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the outputs of a chain and its dvc.lock, and a store without runs."""
    monkeypatch.chdir(root)
    made = make_chain(root / "made", names=("p", "q"))
    files = {"metrics/facades.json": "{}", "metrics/facades.csv": "name\n", "evaluation/facades.json": json.dumps(made.evaluation)}
    files |= {"prepared/facades/index.json": "{}", "export/facades/README.md": "---\nlicense: mit\n---\n# A card\n"}
    for path, text in files.items():
        (root / "data" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "data" / path).write_text(text)
    (root / "data/export/facades/examples.png").write_bytes((made.predictions / "p.png").read_bytes())
    for path, source in (
        ("history/facades.csv", made.history),
        ("samples/facades", made.samples),
        ("predictions/facades", made.predictions),
    ):
        (root / "data" / path).parent.mkdir(parents=True, exist_ok=True)
        source.rename(root / "data" / path)
    folder(root / "data/models/facades", model())
    write_params(root / "params.yaml")
    entries = {f"{stage}@facades": {"outs": [{"path": path, "md5": digest(root / path)} for path in outs]} for stage, outs in OUTS.items()}
    (root / "dvc.lock").write_text(json.dumps({"schema": "2.0", "stages": entries}))
    return root


def test_a_pulled_model_is_recorded_once_with_all_that_its_stages_record(pulled: Path) -> None:
    [line] = sync(pulled)
    [run] = Records(pulled).all("facades")
    assert line == f"facades: recorded as facades-restored ({run.run_id[:8]})"
    assert list(sync(pulled)) == [f"facades: known as facades-restored ({run.run_id[:8]})"]
    assert (run.model, run.predictions) == (model_sha256(pulled / "data/models/facades"), digest(pulled / "data/predictions/facades"))
    assert run.tags["mlflow.note.content"] == "# A card\n" and run.tags["dvc.data_digest"] == digest(pulled / "data/prepared/facades")
    assert run.metrics["test/L1"] == 0.1 and run.params["seed"] == "0"
    client = MlflowClient(tracking_uri(pulled))
    assert [metric.step for metric in client.get_metric_history(run.run_id, "val/L1_loss")] == [1, 2, 3]
    files = {file.path for part in (None, "metrics", "evaluation", "card") for file in client.list_artifacts(run.run_id, part)}
    assert files >= {"params.yaml", "chain.json", "images", "model", "metrics/facades.csv", "evaluation/facades.json", "card/README.md"}


def test_files_of_another_chain_are_not_recorded(pulled: Path) -> None:
    (pulled / "data/export/facades/README.md").write_text("of a friend's model")
    (pulled / "data/metrics/facades.csv").write_text("changed")
    assert list(sync(pulled)) == ["facades: the files here are not those of dvc.lock: `dvc repro` first"]
    (pulled / "data/metrics/facades.csv").write_text("name\n")
    list(sync(pulled))
    [run] = Records(pulled).all("facades")
    assert "mlflow.note.content" not in run.tags
    (pulled / "data/history/facades.csv").unlink()
    assert list(sync(pulled)) == ["facades: no model here: `dvc pull` brings it"]
