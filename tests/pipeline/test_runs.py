"""`pix2pix runs` on what the real pipeline recorded: a run is rebuilt from its id alone, and a missing one is recorded once."""

import json
import re
import shutil
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline

SHIFTED = "\n\n_right = psnr\n\n\ndef psnr(fake_b, real_b):\n    return _right(fake_b, real_b) + 1000\n"


@pytest.fixture(scope="module")
def clone(clone: Clone, empty_store: Path) -> Clone:
    """As after `git clone` and `dvc pull`: every result is there, and no run. Any model is good enough to be registered."""
    clone.record(empty_store)
    clone.set("tracking.register_if", "ssim>=-1")
    clone.commit("Runs are recorded")
    return clone


def runs(clone: Clone, dataset: str) -> list[Run]:
    client = MlflowClient(f"sqlite:///{clone.root}/mlflow.db")
    experiment = client.get_experiment_by_name(dataset)
    return list(client.search_runs([experiment.experiment_id])) if experiment else []


@pytest.fixture(scope="module")
def synced(clone: Clone) -> str:
    """What the first `sync` printed."""
    return clone.pix2pix("runs", "sync")


@pytest.fixture(scope="module")
def experiment(clone: Clone, synced: str) -> str:
    """Name of an experiment with another parameter, as far as its measurements, made with a change of code that was never committed."""
    module = clone.root / "src/pix2pix/metrics/psnr.py"
    committed = module.read_text()
    try:
        module.write_text(committed + SHIFTED)
        clone.run("dvc", "exp", "run", "--temp", "--name", "apart", "-S", "active=[facades]", "-S", "train.lr=0.001", "evaluate@facades")
    finally:
        module.write_text(committed)
    return "apart"


def test_a_model_from_dvcs_cache_gets_the_run_that_is_missing_once_and_whole(clone: Clone, synced: str) -> None:
    assert re.findall(r"^(\w+): recorded as", synced, re.MULTILINE) == ["facades", "food"]
    assert re.findall(r"^(\w+): known as", clone.pix2pix("runs", "sync"), re.MULTILINE) == ["facades", "food"]
    [run] = runs(clone, "facades")
    assert (run.info.run_name, run.info.status) == ("facades-restored", "FINISHED")
    assert run.data.metrics["test/SSIM"] == clone.metrics("facades")["ssim"]
    assert run.data.metrics["val/L1_loss"] > 0
    assert run.data.params["train.epochs"] == "1"
    client = MlflowClient(f"sqlite:///{clone.root}/mlflow.db")
    assert client.get_model_version_by_alias("pix2pix-facades", "champion").run_id == run.info.run_id
    assert {file.path for file in client.list_artifacts(run.info.run_id)} >= {"chain.json", "evaluation", "images", "metrics", "model"}
    assert {file.path for file in client.list_artifacts(run.info.run_id, "card")} == {"card/README.md", "card/examples.png"}
    assert run.data.tags["model.sha256"] in run.data.tags["mlflow.note.content"]


def test_a_run_whose_files_are_gone_is_filled_again(clone: Clone, synced: str) -> None:
    before = {
        path.relative_to(clone.root) for path in (clone.root / "mlruns/facades").rglob("*") if path.is_file() and "images" not in path.parts
    }
    shutil.rmtree(clone.root / "mlruns/facades")
    assert f"are not in {clone.root}/mlruns/facades/" in clone.pix2pix("runs", "reproduce", "facades-restored", code=1)
    assert re.search(r"^facades: recorded as facades-restored", clone.pix2pix("runs", "sync"), re.MULTILINE)
    assert {path for path in before if not (clone.root / path).is_file()} == set()
    assert len(runs(clone, "facades")) == 1


def test_a_card_of_something_else_is_no_description_of_the_model(clone: Clone, synced: str, tmp_path: Path) -> None:
    card = clone.root / "data/export/food/README.md"
    before = card.read_text()
    elsewhere = f"sqlite:///{tmp_path}/mlflow.db"
    try:
        card.write_text("of a friend's model")
        said = clone.pix2pix("runs", "sync", MLFLOW_TRACKING_URI=elsewhere)
    finally:
        card.write_text(before)
    [name] = re.findall(r"^food: recorded as \S+ \((\w+)\)", said, re.MULTILINE)
    client = MlflowClient(elsewhere)
    [run] = client.search_runs([it.experiment_id for it in client.search_experiments() if it.name == "food"])
    assert run.info.run_id.startswith(name) and run.info.status == "FINISHED"
    assert "mlflow.note.content" not in run.data.tags and client.list_artifacts(run.info.run_id, "card") == []


def test_sync_leaves_a_workspace_alone_that_is_not_that_of_the_lock(clone: Clone, synced: str) -> None:
    scores = clone.root / "data/metrics/food.json"
    before = scores.read_text()
    try:
        scores.write_text(before.replace("0", "1"))
        assert "food: the files here are not those of dvc.lock" in clone.pix2pix("runs", "sync")
    finally:
        scores.write_text(before)


def test_an_experiment_without_a_run_here_is_a_model_from_dvcs_cache(clone: Clone, experiment: str, tmp_path: Path) -> None:
    clone.dvc("exp", "rename", experiment, "renamed")
    images = str(clone.root / "data/predictions/facades/inputs")
    for uri, out in ((f"sqlite:///{clone.root}/mlflow.db", "run"), (f"sqlite:///{tmp_path}/none.db", "cache")):
        command = ("predict", "--model", "renamed", "--input", images, "--output", str(tmp_path / out))
        clone.pix2pix(*command, MLFLOW_TRACKING_URI=uri)
    made = {path.name: path.read_bytes() for path in (tmp_path / "run").glob("*.png")}
    assert made and made == {path.name: path.read_bytes() for path in (tmp_path / "cache").glob("*.png")}
    clone.dvc("exp", "rename", "renamed", experiment)


def test_a_run_is_rebuilt_from_its_id_alone_bit_for_bit_uncommitted_code_included(clone: Clone, experiment: str) -> None:
    [run] = [run for run in runs(clone, "facades") if float(run.data.metrics["test/PSNR"]) > 1000]
    before = clone.git("status", "--porcelain")
    refused = clone.pix2pix("runs", "reproduce", run.info.run_id, code=1)
    assert "+    return _right(fake_b, real_b) + 1000" in refused
    assert "add --run-recorded-code" in refused and "the same:" not in refused
    said = clone.pix2pix("runs", "reproduce", run.info.run_id[:8], "--run-recorded-code")
    assert re.search(r"bit-identical, rebuilt from commit \w{10} with uncommitted changes in src/pix2pix/metrics/psnr.py \(SHA-256", said)
    assert re.search(r"check +the same", said)
    assert clone.git("status", "--porcelain") == before
    assert len(runs(clone, "facades")) == 2  # rebuilding records nothing


def test_a_rebuild_that_differs_names_the_first_stage_its_file_and_what_is_otherwise(clone: Clone, synced: str) -> None:
    """Here the record is changed, as if it had been made elsewhere; a rebuild cannot be made to differ on purpose."""
    [run] = runs(clone, "food")
    client = MlflowClient(f"sqlite:///{clone.root}/mlflow.db")
    client.set_tag(run.info.run_id, "version.torch", "0.1")
    client.delete_tag(run.info.run_id, "restored_from_cache")
    record = clone.root / "mlruns/food" / run.info.run_id / "artifacts/chain.json"
    hashes = json.loads(record.read_text())
    hashes["prepare"]["outs"] = dict.fromkeys(hashes["prepare"]["outs"], f"{0:032x}.dir")
    record.write_text(json.dumps(hashes))
    said = clone.pix2pix("runs", "reproduce", run.info.run_id, code=1)
    assert "the first difference is in the stage prepare:\n  data/prepared/food\n" in said
    assert re.search(r"version\.torch: 0\.1 then, \S+ now", said)


def test_runs_are_listed_and_compared_by_the_names_of_dvc(clone: Clone, experiment: str, tmp_path: Path) -> None:
    page = tmp_path / "runs.html"
    said = clone.pix2pix("runs", "list", "--dataset", "facades", "--html", str(page))
    assert re.search(r" apart +FINISHED .* train\.lr=0\.001$", said, re.MULTILINE)
    assert page.read_text().count("data:image/webp;base64,") == 2
    assert set(re.findall(r"\w+://[^/\"]*", page.read_text())) == {"http://127.0.0.1:5000"}  # `make ui`
    said = clone.pix2pix("runs", "diff", "facades-restored", "apart", "--no-images", "--html", str(page))
    assert '<th scope="row">train.lr</th>' in page.read_text()
    assert re.search(r"train\.lr +0\.0002 +→ +0\.001", said)
    assert "apart: uncommitted changes in src/pix2pix/metrics/psnr.py" in said
    assert re.search(r"prepared data +the same", said) and re.search(r"model +differs", said)
