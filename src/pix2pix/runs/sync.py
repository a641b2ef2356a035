"""Record what is missing: journals in the outbox, and runs of models that came from DVC's cache."""

import csv
from collections.abc import Iterator, Mapping
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
from pix2pix.repository.dvc_lock import STAGES, data_digest, hashes_in, locked_stages, yaml_mapping
from pix2pix.system.addresses import redacted
from pix2pix.system.terminal import counted
from pix2pix.tracking import Run, deliver, reopen_for_model
from pix2pix.tracking.journal import outbox
from pix2pix.tracking.lookup import Records, RunRecord
from pix2pix.tracking.tags import MODEL_SHA256, START_SHA256

_RECORDED = ("train", "infer", "evaluate")  # the stages that a run records
_SECONDS = 60.0  # longest wait for the store
Stages = Mapping[str, Any]
"""Stage -> its entry in dvc.lock."""


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
            yield f"{counted(delivery.waiting, 'run')} waiting: {delivery.reason or 'meant for another store'}"
        stages = locked_stages(root / "dvc.lock")
        datasets = [name.removeprefix("train@") for name in stages if name.startswith("train@")]
        starts = {dataset: start_tags(root, stages, dataset) for dataset in datasets}
        for dataset in _parents_first(root, stages, starts):
            yield _restored(root, stages, dataset, starts[dataset])


def start_tags(root: Path, stages: Stages, dataset: str) -> dict[str, str]:
    """Tags of what a training started from by the lock, whose weights are still here or in DVC's cache; else, and for noise, none."""
    train = stages[f"train@{dataset}"]
    path = train.get("params", {}).get("params.yaml", {}).get("train", {}).get("start_from", NOISE)
    md5 = hashes_in(train, "deps").get(path)
    if path == NOISE or md5 is None:
        return {}
    if (root / path / DESCRIPTION).is_file() and digest(root / path) == md5:
        return {START_SHA256: model_sha256(root / path)}
    weights = (cached_files(cache_of(root), md5) or {}).get(WEIGHTS)
    return {START_SHA256: sha256(weights)} if weights else {}


def _parents_first(root: Path, stages: Stages, starts: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The datasets, each after the one whose model its training started from: a run names its parent when it is recorded."""
    paths = {dataset: root / _outputs(stages, dataset, "train").get("models", "") / WEIGHTS for dataset in starts}
    trained = {sha256(path): dataset for dataset, path in paths.items() if path.is_file()}

    def generation(dataset: str | None) -> int:
        line: list[str] = []
        while dataset is not None and dataset not in line:
            line.append(dataset)
            dataset = trained.get(starts[dataset].get(START_SHA256, ""))
        return len(line)

    return sorted(starts, key=generation)


def _restored(root: Path, stages: Stages, dataset: str, start: dict[str, str]) -> str:
    """Record the model of one dataset if no run has it; return a line that says what was done.

    start: tags of what its training started from.
    """
    missing = [name for stage in _RECORDED if (name := f"{stage}@{dataset}") not in stages]
    if missing:
        raise UserError(f"dvc.lock has no {' and no '.join(missing)}: `dvc repro evaluate@{dataset}` first")
    hashes = {path: md5 for stage in _RECORDED for path, md5 in hashes_in(stages[f"{stage}@{dataset}"]).items()}
    if not all((root / path).exists() for path in hashes):
        return f"{dataset}: no model here: `dvc pull` brings it"
    if any(digest(root / path) != md5 for path, md5 in hashes.items()):
        return f"{dataset}: the files here are not those of dvc.lock: `dvc repro` first"
    paths = {name: root / path for name, path in _outputs(stages, dataset, *_RECORDED).items()}
    sha, predictions = model_sha256(paths["models"]), folder_digest(paths["predictions"])
    if known := _known(root, dataset, sha, predictions):
        return f"{dataset}: known as {known[0].name} ({known[0].run_id[:8]})"
    chain = load_settings(root / "params.yaml", dataset)
    with reopen_for_model(
        dataset,
        sha,
        root=root,
        settings=replace(chain.tracking, enabled=True, required=True, timeout=_SECONDS),
        params={**chain.flat(), "source": redacted(chain.source)},
        certain=_params_match(root, stages, dataset),
        predictions=predictions,
        data_digest=data_digest(root / "dvc.lock", dataset),
        tags=start,
    ) as run:
        _record(run, root, stages, dataset, paths)
        _record_card(run, root, stages, dataset, hashes)
    if recorded := _known(root, dataset, sha, predictions):
        return f"{dataset}: recorded as {recorded[0].name} ({recorded[0].run_id[:8]})"
    return f"{dataset}: waits, the next `pix2pix runs sync` delivers it"


def _outputs(stages: Stages, dataset: str, *names: str) -> dict[str, str]:
    """Name of the folder of an output of these stages, such as `models` -> path of the output; of `evaluation` that of the JSON file."""
    paths = sorted(path for name in names for path in hashes_in(stages[f"{name}@{dataset}"]))
    return {Path(path).parent.name: path for path in paths}  # of a .csv and a .json, the later


def _known(root: Path, dataset: str, model: str, predictions: str) -> list[RunRecord]:
    """Runs with this model and these predictions, or with this model and no predictions; without those whose files are lost."""
    return [run for run in Records(root).tagged(MODEL_SHA256, model, dataset) if run.predictions in ("", predictions) and not run.lost]


def _record(run: Run, root: Path, stages: Stages, dataset: str, paths: Mapping[str, Path]) -> None:
    """Record what train and evaluate record, from their outputs. paths: name of the folder of an output -> the output."""
    run.log_setup(root / "params.yaml")
    with paths["history"].open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            run.log_epoch(int(row["epoch"]), {key: float(value) for key, value in row.items() if key != "epoch" and value})
    for sheet in sorted(paths["samples"].glob("epoch-*.png")):
        run.log_image(sheet, "samples", int(sheet.stem.removeprefix("epoch-")))
    run.log_model(paths["models"])
    evaluation = read_evaluation(paths["evaluation"])
    run.log_evaluation(evaluation)
    outputs = {stage: [Path(path) for path in hashes_in(stages[f"{stage}@{dataset}"])] for stage in _RECORDED}
    run.log_chain(root / "dvc.lock", outputs)
    for path in outputs["evaluate"]:
        run.log_file(root / path, path.parent.name)
    run.register(paths["models"], measured_metrics(evaluation), folder_digest(paths["predictions"] / TARGETS))


def _record_card(run: Run, root: Path, stages: Stages, dataset: str, hashes: Mapping[str, str]) -> None:
    """Record the model card like the stage export, if it exists and dvc.lock says that it was made from outputs with these hashes."""
    stage = stages.get(f"export@{dataset}", {})
    if any(hashes.get(path, md5) != md5 for path, md5 in hashes_in(stage, "deps").items()):
        return
    for path, md5 in hashes_in(stage).items():
        folder = root / path
        if folder.exists() and digest(folder) == md5:
            card = folder / "README.md"
            run.log_card(card, folder / "examples.png", without_front_matter(card.read_text(encoding="utf-8")))


def _params_match(root: Path, stages: Stages, dataset: str) -> bool:
    """Whether the current parameters equal those in dvc.lock, with which the chain was built."""
    content = yaml_mapping((root / "params.yaml").read_text(encoding="utf-8"))
    for stage in STAGES:
        for key, value in stages[f"{stage}@{dataset}"].get("params", {}).get("params.yaml", {}).items():
            found: Any = content
            for part in key.split("."):
                found = found.get(part) if isinstance(found, dict) else None
            if found != value and not (isinstance(found, float) and str(found) == value):  # YAML 1.1 parses 1e-05 as text
                return False
    return True
