"""A run whose training started from another run's model: it names that run, and is rebuilt from its model or after it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from ruamel.yaml import YAML

from pix2pix.cli.main import main
from pix2pix.config.settings import Tracking
from pix2pix.errors import UserError
from pix2pix.models.description import DISCRIMINATOR, OPTIMIZERS
from pix2pix.repository.digests import digest, folder_digest, model_sha256
from pix2pix.runs import difference, show
from pix2pix.runs.prune import unneeded
from pix2pix.runs.rebuild import Rebuild
from pix2pix.runs.reproduce import Verdict, reproduce
from pix2pix.runs.sync import start_tags, sync
from pix2pix.tracking import open_run, reopen_for_model, tracking_uri
from pix2pix.tracking.lookup import Records, RunRecord
from tests.inference.models import folder, model
from tests.runs.test_rebuild import git

PARAMS = "active: [food]\ntracking: {enabled: false}\n"
START = "models/start"


@pytest.fixture
def record(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., RunRecord]:
    """Records a training of `dataset`, which published `folder`, with the hashes of its stage train."""
    git(root, "init", "-q")
    (root / ".gitignore").write_text("mlflow.db*\nmlruns\n.resume\nmodels\ndata\n")
    git(root, "add", ".gitignore")
    git(root, "commit", "-q", "-m", "first")
    monkeypatch.chdir(root)

    def recorded(dataset: str, published: Path, deps: dict[str, str] | None = None, **tags: str) -> RunRecord:
        params = {"train.start_from": next(iter(deps or {}), "data/noise")}
        common = {"root": root, "settings": Tracking(), "data_digest": None, "resume_run_id": None}
        with open_run(dataset, params=params, tags=tags, **common) as run:  # type: ignore[arg-type]
            run.log_model(published)
            run.tag({"model.sha256": model_sha256(published)})
            run.log_text(json.dumps({"train": {"deps": deps or {}, "outs": {}}}), "chain.json")
            run.log_text(f"{PARAMS}train: {{start_from: {params['train.start_from']}}}\n", "params.yaml")
            run_id = run.run_id
        return Records(root).find(run_id)[0]

    return recorded


@pytest.fixture
def parent(root: Path, record: Callable[..., RunRecord]) -> RunRecord:
    """The run of food, whose model lies in models/start too."""
    return record("food", folder(root / START, model()))


@pytest.fixture
def child(root: Path, record: Callable[..., RunRecord], parent: RunRecord, tmp_path: Path) -> RunRecord:
    """The run of facades that started from it."""
    published = folder(tmp_path / "m", model(ngf=5))
    return record("facades", published, {START: folder_digest(root / START)}, **{"start.sha256": model_sha256(root / START)})


def test_a_recorded_model_is_imported_to_the_byte(root: Path, parent: RunRecord, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", parent.run_id, "--output", "models/again"]) == 0
    assert folder_digest(root / "models/again") == folder_digest(root / START)
    assert main(["import", f"runs:/{parent.run_id}/model", "--output", "models/third", "--norm", "batch"]) == 1
    assert "leave out all options but --output" in capsys.readouterr().err and not (root / "models/third").exists()


def test_it_names_its_parent_of_another_dataset_and_so_do_show_and_diff(root: Path, parent: RunRecord, child: RunRecord) -> None:
    assert child.tags["mlflow.parentRunId"] == parent.run_id and "mlflow.parentRunId" not in parent.tags
    words = f"starts from the model of run {parent.name} ({parent.run_id[:8]}, food)"
    assert words in show.as_text(child, Records(root)).splitlines()
    assert child.tags["start.sha256"] in show.as_text(child, Records(root)) and "starts from" not in show.as_text(parent, Records(root))
    found = difference.differences(parent, child, Records(root), root)
    assert f"  {child.name} {words}" in difference.as_text(parent, child, found).splitlines()


def test_a_run_that_goes_on_is_a_child_and_needs_its_parent(root: Path, record: Callable[..., RunRecord], parent: RunRecord) -> None:
    for name in (DISCRIMINATOR, OPTIMIZERS):
        (root / START / name).write_bytes(b"kept")
    longer = record("food", root / START, **{"start.sha256": parent.model, "start.epochs": "70"})
    assert f"goes on after 70 epochs of run {parent.name} ({parent.run_id[:8]}, food)" in show.as_text(longer, Records(root))
    assert longer.tags["mlflow.parentRunId"] == parent.run_id, "not itself, though it published the same weights"
    client = MlflowClient(tracking_uri(root))
    files = {file.path.rpartition("/")[2] for file in client.list_artifacts(longer.run_id, "model/artifacts/start")}
    assert files == {"generator.safetensors", "model.json"}, "what a training kept beside it is no part of the model"
    client.create_registered_model("m")
    client.create_model_version("m", "file:///nowhere", longer.run_id)
    assert unneeded(Records(root), root, None) == [longer, parent]
    client.set_registered_model_alias("m", "champion", "1")
    assert unneeded(Records(root), root, None) == []


def test_a_resumed_run_keeps_its_parent_when_that_was_trained_again_since(
    root: Path, record: Callable[..., RunRecord], parent: RunRecord, child: RunRecord
) -> None:
    record("food", root / START)
    tags, settings = {"start.sha256": parent.model}, Tracking()
    with open_run("facades", params={}, tags=tags, root=root, settings=settings, data_digest=None, resume_run_id=child.run_id) as run:
        assert run.run_id == child.run_id
    [resumed] = Records(root).find(child.run_id)
    assert Records(root).parent(resumed) == parent


def test_a_run_recorded_afterwards_names_its_parent_too(root: Path, parent: RunRecord, tmp_path: Path) -> None:
    def lock(path: str, md5: str) -> dict[str, Any]:
        return {"train@facades": {"deps": [{"path": path, "md5": md5}], "params": {"params.yaml": {"train": {"start_from": path}}}}}

    md5 = folder_digest(root / START)
    start = start_tags(root, lock(START, md5), "facades")
    assert start == {"start.sha256": parent.model} and start_tags(root, lock("data/noise", md5), "facades") == {}
    weights = root / START / "generator.safetensors"
    listing, cache = [], root / ".dvc/cache/files/md5"
    for file in sorted((root / START).iterdir()):
        hashed = digest(file)
        listing.append({"md5": hashed, "relpath": file.name})
        (cache / hashed[:2]).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, cache / hashed[:2] / hashed[2:])
    weights.write_bytes(b"another")
    assert start_tags(root, lock(START, md5), "facades") == {}
    (cache / md5[:2]).mkdir(parents=True, exist_ok=True)
    (cache / md5[:2] / md5[2:]).write_text(json.dumps(listing))
    assert start_tags(root, lock(START, md5), "facades") == start, "from DVC's cache"
    common = {"root": root, "settings": Tracking(), "params": {}, "predictions": "1.dir"}
    with reopen_for_model("facades", "ab" * 32, tags=start, **common) as run:  # type: ignore[arg-type]
        assert run.run_id
    [restored] = [run for run in Records(root).all() if run.name == "facades-restored"]
    assert Records(root).parent(restored) == parent


def test_of_models_that_start_from_each_other_the_first_is_recorded_first(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run looks for its parent when it is recorded. Here the rest of each chain is missing, so that nothing is recorded."""
    monkeypatch.chdir(root)
    stages: dict[str, Any] = {}
    for ngf, (dataset, start) in enumerate((("c", None), ("a", "c"), ("d", "a"), ("b", "d")), start=4):
        folder(root / f"data/models/{dataset}", model(ngf=ngf))
        deps = [{"path": f"data/models/{start}", "md5": folder_digest(root / f"data/models/{start}")}] if start else []
        params = {"params.yaml": {"train": {"start_from": deps[0]["path"] if deps else "data/noise"}}}
        stages[f"train@{dataset}"] = {"deps": deps, "params": params, "outs": [{"path": f"data/models/{dataset}", "md5": "0" * 32}]}
        for stage in ("infer", "evaluate"):
            stages[f"{stage}@{dataset}"] = {"outs": [{"path": f"data/{stage}/{dataset}", "md5": "0" * 32}]}
    (root / "dvc.lock").write_text(json.dumps({"stages": dict(sorted(stages.items()))}))
    assert [line.partition(":")[0] for line in sync(root)] == ["c", "a", "d", "b"]


def rebuilt(child: RunRecord, root: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Verdict, list[str], list[str]]:
    """Verdict, stages that ran and lines of a rebuild in which the stage train of food gives its model again, and keeps its state."""
    ran: list[str] = []

    def stage(rebuild: Rebuild, name: str) -> None:
        kept = rebuild.folder / ".resume/kept/state.pt"
        ran.append(f"{name}, from a kept state" if kept.exists() else name)
        if name == "train@food":
            folder(rebuild.folder / "data/models/food", model())
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.touch()
        if name == "train@facades":
            start = YAML(typ="safe").load((rebuild.folder / "params.yaml").read_text())["train"]["start_from"]
            assert (rebuild.folder / start / "model.json").is_file() and not Path(start).is_absolute()

    monkeypatch.setattr(Rebuild, "stage", stage)
    lines: list[str] = []
    return reproduce(child, Records(root), root, lines.append, run_recorded_code=False), ran, lines


def test_it_is_rebuilt_from_its_parents_model_wherever_that_still_is_or_after_it(
    root: Path, parent: RunRecord, child: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict, ran, lines = rebuilt(child, root, monkeypatch)
    assert verdict.stage is None and ran == ["check", "train@facades"] and f"start     {START}, from this repository" in lines
    (root / START / "model.json").write_text("{}")  # another model by now
    verdict, ran, lines = rebuilt(child, root, monkeypatch)
    assert verdict.stage is None and ran == ["check", "train@facades"] and f"start     {START}, from MLflow" in lines
    shutil.rmtree(root / "mlruns/food" / parent.run_id / "artifacts/model")
    verdict, ran, lines = rebuilt(child, root, monkeypatch)
    assert verdict.stage is None and ran == ["check", "download@food", "prepare@food", "train@food", "check", "train@facades"]
    assert lines[0] == f"start     run {parent.name} ({parent.run_id[:8]}, food) is built first"


def test_a_model_outside_the_repository_is_taken_from_there_or_from_its_run(
    root: Path, record: Callable[..., RunRecord], parent: RunRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = folder(tmp_path / "outside", model())
    sha256 = {"start.sha256": model_sha256(outside)}
    child = record("facades", folder(tmp_path / "m", model(ngf=5)), {str(outside): folder_digest(outside)}, **sha256)
    verdict, ran, lines = rebuilt(child, root, monkeypatch)
    assert verdict.stage is None and ran == ["check", "train@facades"] and f"start     data/start_from, from {outside}" in lines
    shutil.rmtree(outside)
    verdict, ran, lines = rebuilt(child, root, monkeypatch)
    assert verdict.stage is None and ran == ["check", "train@facades"] and "start     data/start_from, from MLflow" in lines


def test_a_run_that_went_on_is_rebuilt_after_the_shorter_one(
    root: Path, record: Callable[..., RunRecord], parent: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    longer = record("food", root / START, **{"start.sha256": parent.model, "start.epochs": "70"})
    verdict, ran, _ = rebuilt(longer, root, monkeypatch)
    assert verdict.stage is None
    assert ran == ["check", "download@food", "prepare@food", "train@food", "check, from a kept state", "train@food, from a kept state"]


def test_where_the_shorter_training_is_not_recorded_all_epochs_are_trained_and_this_is_said(
    root: Path, record: Callable[..., RunRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    longer = record("food", folder(root / START, model()), **{"start.sha256": "0" * 64, "start.epochs": "70"})
    _, ran, lines = rebuilt(longer, root, monkeypatch)
    assert ran == ["check", "train@food"] and "the shorter training has no run here" in lines[0]


def test_a_record_that_names_a_later_run_as_its_parent_leads_in_no_circle(root: Path, parent: RunRecord, child: RunRecord) -> None:
    MlflowClient(tracking_uri(root)).set_tag(parent.run_id, "mlflow.parentRunId", child.run_id)
    [changed] = Records(root).find(parent.run_id)
    assert Records(root).parent(changed) is None and Records(root).parent(child) == changed


def test_a_start_that_is_nowhere_is_asked_for(root: Path, record: Callable[..., RunRecord], monkeypatch: pytest.MonkeyPatch) -> None:
    start = folder(root / START, model())
    child = record("facades", start, {START: folder_digest(start)}, **{"start.sha256": "0" * 64})
    shutil.rmtree(start)
    with pytest.raises(UserError, match=f"no run in this MLflow trained it: copy it to {START}"):
        rebuilt(child, root, monkeypatch)
