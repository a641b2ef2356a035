"""Opening a run: a new one, one that goes on, or the one that given predictions belong to."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pix2pix.config.settings import Tracking
from pix2pix.errors import UserError
from pix2pix.system.addresses import redacted
from pix2pix.tracking.delivery import deliver
from pix2pix.tracking.journal import Journal, abandoned, outbox
from pix2pix.tracking.matching_run import OFFLINE, run_name
from pix2pix.tracking.run import Run
from pix2pix.tracking.sender import Sender
from pix2pix.tracking.store import connect, prepare_mlflow, reason, sqlite_path, tracking_uri
from pix2pix.tracking.tags import run_tags
from pix2pix.tracking.writer import Writer

Scalar = str | int | float | bool | None
log = logging.getLogger(__name__)
_INFERENCE = ("infer.", "evaluate.")  # the sections of the parameters that decide about predictions and figures of a given model


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
    """Starts the run of a training, or goes on with one.

    Args:
        dataset: its name, which is also the MLflow experiment's.
        root: where ``mlflow.db``, ``mlruns`` and ``.resume`` lie: DVC's root, also when a stage runs in a temporary copy.
        settings: the tracking section.
        params: effective parameters, flat; written as JSON writes them.
        tags: what only the caller knows, such as the device; those of Git, DVC and versions are added.
        data_digest: hash of the training data, at most 36 characters.
        resume_run_id: the ``run_id`` of the run to go on with; a run that is gone is started anew.

    Raises:
        UserError: when the store cannot be reached and tracking is required.
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
) -> Run:
    """Opens the run that predictions of the model with these weights belong to, to add what is measured on them.

    It is the run that was measured on these very predictions; else the one that trained the model, as long as it was not measured and has
    the same parameters of `infer`. Where all runs of the model were measured on other predictions, as after changing `infer.norm`, a new
    run begins, so that no figure is lost: with the parameters of the training, and those of `infer` and `evaluate` given here.
    Where no run has the model, as after fetching it from DVC's cache, a run ``<dataset>-restored`` stands in for its training, once.

    Args:
        dataset, root, settings, data_digest: as in `open_run`.
        model_sha256: see `model_sha256`.
        params: effective parameters, flat.
        predictions: hash of the predictions, see `folder_digest`.
        certain: whether the model was trained with `params`: a run that stands in for its training gets them.

    Raises:
        UserError: when the store cannot be reached and tracking is required.
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
    return _start(dataset, root, settings, header, f"{dataset}-restored", {})


def _texts(params: Mapping[str, Scalar]) -> dict[str, str]:
    """Values as JSON writes them."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in params.items()}


def _start(dataset: str, root: Path, settings: Tracking, header: dict[str, Any], name: str, tags: Mapping[str, str]) -> Run:
    if not settings.enabled:
        return Run()
    prepare_mlflow()
    uri = tracking_uri(root)
    client, problem = None, None
    if sqlite_path(uri):  # making the database may take longer than a server may take to answer
        try:
            client = connect(uri)
        except Exception as failure:
            problem = failure
    header |= {"dataset": dataset, "uri": uri, "run_name": name, "tags": {**run_tags(), **tags}}
    journal = _journal_of(header["resume"], root, uri)
    resumes = journal is not None
    if journal is None:
        journal = Journal.create(outbox(root), header)
    sender = Sender(journal, root, uri, client)
    writer = Writer(sender, lambda: deliver(root, same_store=True), backlog_first=header["model_sha256"] is not None)
    writer.start()
    # A file fails at once or waits for other processes; only a server can be silent.
    problem = problem or writer.wait_ready(max(settings.timeout, 60) if client else settings.timeout)
    if problem and settings.required:
        writer.give_up()
        journal.close() if resumes else journal.remove()
        raise UserError(_unreachable(uri, problem))
    if problem:
        log.warning(
            "tracking: MLflow at %s cannot be reached, the run goes on and is kept in %s (%s)", redacted(uri), outbox(root), reason(problem)
        )
    run = Run(journal, writer, settings)
    if resumes:
        journal.append("resume")
        run.tag(header["tags"])
    if header["model_sha256"] is None and os.environ.get("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "true") == "true":
        run.sample_system()
    return run


def _journal_of(run_id: str | None, root: Path, uri: str) -> Journal | None:
    """The journal that a killed process left of the run to be resumed: it goes on in it, so that the order of events is kept."""
    found = None
    for journal in abandoned(outbox(root)) if run_id else ():
        known = (journal.state["run_id"], journal.header["resume"], OFFLINE + journal.header["key"])
        if found is None and run_id in known and (journal.state["uri"] or journal.header["uri"]) == uri:
            found = journal
        else:
            journal.close()
    return found


def _unreachable(uri: str, problem: Exception) -> str:
    way_out = (
        "Repair or move the file (its runs are lost with it)"
        if sqlite_path(uri)
        else "Start the server, correct MLFLOW_TRACKING_URI, unset it to record in mlflow.db"
    )
    return (
        f"The MLflow store at {redacted(uri)} cannot be reached: {reason(problem)}. {way_out}, "
        "or set tracking.required: false in params.yaml to go on now and deliver the record later."
    )
