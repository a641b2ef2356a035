"""Record what is missing: journals in the outbox, and runs of models that came from DVC's cache."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from pix2pix.config.params import load_settings
from pix2pix.config.train_settings import NOISE
from pix2pix.data.prediction_folders import TARGETS
from pix2pix.errors import UserError
from pix2pix.export.card import without_front_matter
from pix2pix.metrics.evaluation_file import measured_metrics, read_evaluation
from pix2pix.models.description import DESCRIPTION, WEIGHTS
from pix2pix.models.weights_file import sha256
from pix2pix.repository.cache import cache_of, cached_files
from pix2pix.repository.digests import digest, folder_digest, model_sha256
from pix2pix.repository.dvc_lock import STAGES, data_digest, locked_stages, yaml_mapping
from pix2pix.system.addresses import redacted
from pix2pix.tracking import Run, deliver, reopen_for_model
from pix2pix.tracking.journal import outbox
from pix2pix.tracking.lookup import Records, RunRecord
from pix2pix.tracking.tags import MODEL_SHA256, START_SHA256

_SECONDS = 60.0  # longest wait for the store


def sync(root: Path) -> Iterator[str]:
    """Send what earlier runs could not send, then record each model of dvc.lock that no run has. Yields a line of text for each.

    Can be repeated at any time.

    Raises:
        UserError: the store cannot be reached.
    """
    outbox(root).mkdir(parents=True, exist_ok=True)
    with FileLock(outbox(root).with_suffix(".sync")):  # else two processes could record the same run
        delivery = deliver(root)
        for name in delivery.runs:
            yield f"{name}: delivered what could not be sent before"
        if delivery.waiting:
            yield f"{delivery.waiting} run{'s' if delivery.waiting > 1 else ''} waiting: {delivery.reason or 'meant for another store'}"
        lock = root / "dvc.lock"
        datasets = [name.removeprefix("train@") for name in locked_stages(lock) if name.startswith("train@")]
        starts = {dataset: start_tags(root, lock, dataset) for dataset in datasets}
        for dataset in sorted(datasets, key=lambda dataset: bool(starts[dataset])):  # a run is recorded before those that start from it
            yield _restored(root, lock, dataset, starts[dataset])


def start_tags(root: Path, lock: Path, dataset: str) -> dict[str, str]:
    """Tags of what a training started from by the lock, whose weights are still here or in DVC's cache; else, and for noise, none."""
    train = locked_stages(lock)[f"train@{dataset}"]
    path = train.get("params", {}).get("params.yaml", {}).get("train", {}).get("start_from", NOISE)
    md5 = next((dep["md5"] for dep in train.get("deps", ()) if dep["path"] == path), None)
    if path == NOISE or md5 is None:
        return {}
    if (root / path / DESCRIPTION).is_file() and digest(root / path) == md5:
        return {START_SHA256: model_sha256(root / path)}
    weights = (cached_files(cache_of(root), md5) or {}).get(WEIGHTS)
    return {START_SHA256: sha256(weights)} if weights else {}


def _restored(root: Path, lock: Path, dataset: str, start: dict[str, str]) -> str:
    """Record the model of one dataset if no run has it; return a line that says what was done.

    start: tags of what its training started from.
    """
    paths = _outputs(lock, dataset)
    if not all((root / path).exists() for path in paths.values()):
        return f"{dataset}: no model here: `dvc pull` brings it"
    if any(digest(root / path) != md5 for stage in _stages(lock, dataset) for path, md5 in stage.items()):
        return f"{dataset}: the files here are not those of dvc.lock: `dvc repro` first"
    sha = model_sha256(root / paths["models"])
    predictions = folder_digest(root / paths["predictions"])
    known = _known(root, dataset, sha, predictions)
    if known:
        return f"{dataset}: known as {known[0].name} ({known[0].run_id[:8]})"
    chain = load_settings(root / "params.yaml", dataset)
    settings = replace(chain.tracking, enabled=True, required=True, timeout=_SECONDS)
    with reopen_for_model(
        dataset,
        sha,
        root=root,
        settings=settings,
        params={**chain.flat(), "source": redacted(chain.source)},
        certain=_params_match(root, lock, dataset),
        predictions=predictions,
        data_digest=data_digest(lock, dataset),
        tags=start,
    ) as run:
        _record(run, root, lock, dataset, paths)
    recorded = _known(root, dataset, sha, predictions)  # empty while the run is still being sent
    if not recorded:
        return f"{dataset}: waits, the next `pix2pix runs sync` delivers it"
    return f"{dataset}: recorded as {recorded[0].name} ({recorded[0].run_id[:8]})"


def _known(root: Path, dataset: str, model: str, predictions: str) -> list[RunRecord]:
    """Runs with this model and these predictions, or with this model and no predictions; without those whose files are lost."""
    return [run for run in Records(root).tagged(MODEL_SHA256, model, dataset) if run.predictions in ("", predictions) and not run.lost]


def _record(run: Run, root: Path, lock: Path, dataset: str, paths: dict[str, str]) -> None:
    run.log_setup(root / "params.yaml")
    with (root / paths["history"]).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            run.log_epoch(int(row["epoch"]), {key: float(value) for key, value in row.items() if key != "epoch" and value})
    for sheet in sorted((root / paths["samples"]).glob("epoch-*.png")):
        run.log_image(sheet, "samples", int(sheet.stem.removeprefix("epoch-")))
    run.log_model(root / paths["models"])
    evaluation = read_evaluation(root / paths["evaluation"])
    run.log_evaluation(evaluation)
    trained, inferred, measured = _stages(lock, dataset)
    run.log_chain(lock, {"train": map(Path, trained), "infer": map(Path, inferred), "evaluate": map(Path, measured)})
    for path in measured:
        run.log_file(root / path, Path(path).parent.name)
    run.register(root / paths["models"], measured_metrics(evaluation), folder_digest(root / paths["predictions"] / TARGETS))
    _record_card(run, root, lock, dataset)


def _record_card(run: Run, root: Path, lock: Path, dataset: str) -> None:
    """Record the model card like the stage export, if it exists and dvc.lock says that it was made from these measurements."""
    stage = locked_stages(lock).get(f"export@{dataset}", {})
    digests = {path: md5 for part in _stages(lock, dataset) for path, md5 in part.items()}
    if any(digests.get(it["path"], it["md5"]) != it["md5"] for it in stage.get("deps", ())):
        return
    for out in stage.get("outs", ()):
        folder = root / out["path"]
        if folder.exists() and digest(folder) == out["md5"]:
            card = folder / "README.md"
            run.log_card(card, folder / "examples.png", without_front_matter(card.read_text(encoding="utf-8")))


def _stages(lock: Path, dataset: str) -> list[dict[str, str]]:
    """Path -> hash of the outputs of train, infer and evaluate in dvc.lock. Raises UserError if a stage is not in it."""
    stages = locked_stages(lock)
    names = [f"{stage}@{dataset}" for stage in ("train", "infer", "evaluate")]
    missing = [name for name in names if name not in stages]
    if missing:
        raise UserError(f"{lock.name} has no {' and no '.join(missing)}: `dvc repro {names[-1]}` first")
    return [{out["path"]: str(out["md5"]) for out in stages[name]["outs"]} for name in names]


def _outputs(lock: Path, dataset: str) -> dict[str, str]:
    """Name of the folder of an output, such as `models` -> path of the output, by the lock."""
    paths = [path for stage in _stages(lock, dataset) for path in stage]
    return {Path(path).parent.name: path for path in sorted(paths)}  # evaluation/ has a .csv and a .json: the .json wins


def _params_match(root: Path, lock: Path, dataset: str) -> bool:
    """Whether the current parameters equal those in dvc.lock, with which the chain was built."""
    content = yaml_mapping((root / "params.yaml").read_text(encoding="utf-8"))
    stages = locked_stages(lock)
    for stage in STAGES:
        for key, value in stages[f"{stage}@{dataset}"].get("params", {}).get("params.yaml", {}).items():
            found: Any = content
            for part in key.split("."):
                found = found.get(part) if isinstance(found, dict) else None
            if found != value and not (isinstance(found, float) and str(found) == value):  # YAML 1.1 parses 1e-05 as text
                return False
    return True
