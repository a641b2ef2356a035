"""Open a run: a new one, one to resume, or the one that given predictions belong to."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pix2pix.config.settings import Tracking
from pix2pix.errors import UserError
from pix2pix.tracking.failures import failure_message
from pix2pix.tracking.journal import Journal, abandoned, outbox
from pix2pix.tracking.matching_run import OFFLINE, run_name
from pix2pix.tracking.parameters import Scalar, as_text
from pix2pix.tracking.run import Run
from pix2pix.tracking.sender import Sender, deliver
from pix2pix.tracking.store import prepare_mlflow, relative, sqlite_path, tracking_uri
from pix2pix.tracking.tags import run_tags
from pix2pix.tracking.writer import Writer

log = logging.getLogger(__name__)
_FILE_SECONDS = 90  # longest wait for a database file
_INFERENCE = ("infer.", "evaluate.")  # parameters that change a given model's predictions and metrics


def open_run(
    dataset: str,
    *,
    root: Path,
    settings: Tracking,
    params: Mapping[str, Scalar],
    tags: Mapping[str, str],
    data_digest: str | None,
    resume_run_id: str | None,
) -> Run:
    """Start the run of a training, or resume one.

    Args:
        dataset: its name, which is also the name of the MLflow experiment.
        root: folder of `mlflow.db`, `mlruns` and `.resume`: DVC's root, even when a stage runs in a temporary copy.
        settings: the tracking section.
        params: effective parameters, flat; recorded as JSON text.
        tags: tags that only the caller knows, such as the device; tags of Git, DVC and library versions are added.
        data_digest: hash of the training data, at most 36 characters.
        resume_run_id: `run_id` of the run to resume; if that run is gone, a new one starts.

    Raises:
        UserError: the store cannot be reached and tracking is required.
    """
    texts = _texts(params)
    header = {"params": texts, "data_digest": data_digest, "resume": resume_run_id or None, "model_sha256": None}
    return _start(dataset, root, settings, header, run_name(dataset, texts, os.environ.get("DVC_EXP_NAME")), tags)


def reopen_for_model(
    dataset: str,
    model_sha256: str,
    *,
    root: Path,
    settings: Tracking,
    params: Mapping[str, Scalar],
    predictions: str,
    data_digest: str | None = None,
    certain: bool = True,
    tags: Mapping[str, str] | None = None,
) -> Run:
    """Open the run that predictions of a model belong to, to add their measurements.

    This is, in order of preference:
    1. the run with these predictions;
    2. a run with this model, no measurements, and the same `infer.norm`;
    3. a new run, if the runs with this model have other predictions; it gets the training's parameters, and `infer` and `evaluate` from
       `params`;
    4. a new run `<dataset>-restored`, once, if no run has this model, as after fetching it from DVC's cache.

    Args:
        dataset, root, settings, data_digest: as in `open_run`.
        model_sha256: hash of the weights, see `model_sha256`.
        params: effective parameters, flat.
        predictions: hash of the predictions, see `folder_digest`.
        certain: whether the model was trained with `params`; if so, a `-restored` run records them.
        tags: of a new run.

    Raises:
        UserError: the store cannot be reached and tracking is required.
    """
    texts = _texts(params)
    header: dict[str, Any] = {
        "params": texts if certain else {},
        "inference_params": {key: value for key, value in texts.items() if key.startswith(_INFERENCE)},
        "data_digest": data_digest,
        "resume": None,
        "model_sha256": model_sha256,
        "predictions": predictions,
    }
    return _start(dataset, root, settings, header, f"{dataset}-restored", tags or {})


def _texts(params: Mapping[str, Scalar]) -> dict[str, str]:
    return {key: as_text(value) for key, value in params.items()}


def _start(dataset: str, root: Path, settings: Tracking, header: dict[str, Any], name: str, tags: Mapping[str, str]) -> Run:
    if not settings.enabled:
        return Run()
    prepare_mlflow()
    uri = tracking_uri(root)
    header |= {"dataset": dataset, "uri": relative(uri, root), "run_name": name, "tags": {**run_tags(), **tags}}
    resumed = _journal_of(header["resume"], root, uri)
    journal = resumed or Journal.create(outbox(root), header)
    sender = Sender(journal, root, uri)
    writer = Writer(sender, lambda: deliver(root, same_store=True), backlog_first=header["model_sha256"] is not None)
    writer.start()
    # A file fails at once, is created, or waits for other processes; only a server may fail to answer.
    problem = writer.wait_ready(max(settings.timeout, _FILE_SECONDS) if sqlite_path(uri) else settings.timeout)
    if isinstance(problem, TimeoutError) and sender.reached:
        problem = writer.wait_ready(60)  # it answers, but slowly
    if problem and settings.required:
        writer.give_up()
        journal.close() if resumed or sender.reached else journal.remove()  # closed: the next record ends its run as KILLED
        later = "or set tracking.required: false in params.yaml to go on now and deliver the record later."
        raise UserError(f"{failure_message(uri, problem)}, {later}")
    if problem:
        log.warning("tracking: the run goes on and is kept in %s. %s", outbox(root), failure_message(uri, problem))
    run = Run(journal, writer, settings)
    if resumed:
        journal.append("resume")
        run.tag(header["tags"])
    if header["model_sha256"] is None and os.environ.get("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "true") == "true":
        run.sample_system()
    return run


def _journal_of(run_id: str | None, root: Path, uri: str) -> Journal | None:
    """The journal that a killed process left of the run to resume: the run continues in it, so that events stay in order."""
    found = None
    for journal in abandoned(outbox(root)) if run_id else ():
        known = (journal.state["run_id"], journal.header["resume"], OFFLINE + journal.header["key"])
        if found is None and run_id in known and (journal.state["uri"] or journal.header["uri"]) == relative(uri, root):
            found = journal
        else:
            journal.close()
    return found
