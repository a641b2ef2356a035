"""Send the events of journals to MLflow, in order and without duplicates.

Sending an event twice changes nothing. MLflow drops a metric with the same key, step, value and time; a run is found by its journal's key,
an image by its key and step; parameters, tags and files are overwritten.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.tracking import registry
from pix2pix.tracking.failures import explained
from pix2pix.tracking.journal import Event, Journal, abandoned, outbox
from pix2pix.tracking.matching_run import began_with, find_or_create
from pix2pix.tracking.store import connect, experiment_id, relative, resolved, tracking_uri
from pix2pix.tracking.tags import PARAMS_FILE

if TYPE_CHECKING:
    from mlflow import MlflowClient

log = logging.getLogger(__name__)


class Sender:
    """Sends one journal to one store."""

    _api: MlflowClient

    def __init__(self, journal: Journal, root: Path, uri: str) -> None:
        self.journal, self.uri, self._root = journal, uri, root
        self._steps: dict[str, set[int]] = {}  # steps that the run has, by metric; loaded on demand
        self._images: set[tuple[str, str]] | None = None
        self._has_setup: bool | None = None
        self._experiment = ""
        self._refused = 0

    @property
    def reached(self) -> bool:
        """Whether the store has answered: the run may have been created."""
        return self._experiment != ""

    def reach(self) -> None:
        """Connect, and create the dataset's experiment if needed. Raises MLflow's error if it cannot be reached."""
        if not self.reached:
            self._api = connect(self.uri)
            self._experiment = experiment_id(self._api, self.journal.header["dataset"], self.uri, self._root)

    def resolve(self) -> None:
        """Find or create the run that the journal belongs to."""
        if not self.journal.state["run_id"]:
            run = find_or_create(self._api, self._experiment, self.journal.header)
            self.journal.assign_run(relative(self.uri, self._root), run.info.run_id, run.info.start_time)

    def send(self) -> None:
        """Send the oldest events. An event that MLflow rejects for good goes to refused.jsonl with a warning; other failures are raised."""
        events = self.journal.next_batch()
        try:
            getattr(self, f"_send_{events[0]['kind']}")(events)
        except Exception as problem:
            if not _is_refusal(problem):
                self._steps, self._images = {}, None  # the request may have succeeded
                raise
            self._set_aside(events, problem)
        self.journal.acknowledge(events)

    def drain(self) -> None:
        """Send all pending events."""
        while self.journal.pending:
            self.send()

    def end_killed(self) -> None:
        """Mark the run as KILLED, after its process was killed."""
        self._api.set_terminated(self._run_id, "KILLED", self.journal.last_time)

    def run_name(self) -> str:
        """The run's name in MLflow."""
        return str(self._api.get_run(self._run_id).info.run_name)

    @property
    def _run_id(self) -> str:
        return str(self.journal.state["run_id"])

    # One method per kind of event

    def _send_metrics(self, events: list[Event]) -> None:
        from mlflow.entities import Metric

        metrics = []
        for event in events:
            step = event["step"]
            if event["clock"]:  # the step is the time since the run began, in seconds, also on another machine or after a resume
                step = max(0, round((event["time"] - self.journal.state["start_time"]) / 1000))
            for key, value in event["values"].items():
                if event["clock"] or step is None or self._is_new_step(key, step):
                    metrics.append(Metric(key, value, event["time"], step or 0))
        if metrics:
            self._api.log_batch(self._run_id, metrics=metrics, synchronous=True)

    def _is_new_step(self, key: str, step: int) -> bool:
        """Whether the run does not have this step: a resumed training repeats the steps after its last checkpoint."""
        if key not in self._steps:
            self._steps[key] = {metric.step for metric in self._api.get_metric_history(self._run_id, key)}
        known = step in self._steps[key]
        self._steps[key].add(step)
        return not known

    def _send_image(self, events: list[Event]) -> None:
        from pix2pix.data.image_files import open_image

        event = events[0]
        if self._images is None:
            self._images = self._recorded_images()
        name = (event["key"].replace("/", "~"), str(event["step"]))
        if name in self._images:
            return
        with open_image(self.journal.folder / event["copy"]) as image:
            image.load()
        self._api.log_image(self._run_id, image, key=event["key"], step=event["step"], timestamp=event["time"], synchronous=True)
        self._images.add(name)

    def _recorded_images(self) -> set[tuple[str, str]]:
        """Key and step of every image of the run. MLflow keeps them in the file names, and writes the small .webp last."""
        paths = [file.path for file in self._api.list_artifacts(self._run_id, "images")]
        names = [path.removeprefix("images/").split("+") for path in paths if path.endswith(".webp")]
        return {(name[0], name[2]) for name in names}

    def _send_file(self, events: list[Event]) -> None:
        if events[0].get("only_if_new") and self._belongs_to_another_with_setup():
            return
        copy = self.journal.folder / events[0]["copy"]
        send = self._api.log_artifacts if copy.is_dir() else self._api.log_artifact
        send(self._run_id, str(copy), events[0]["folder"] or None)

    _send_folder = _send_file  # its name in journals of version 0.1

    def _belongs_to_another_with_setup(self) -> bool:
        """Whether the run was created for another journal and has what `Run.log_setup` records. Decided once, before any of it is sent."""
        if self._has_setup is None:
            header = self.journal.header
            another = header["model_sha256"] is not None and not began_with(self._api.get_run(self._run_id), header)
            self._has_setup = another and any(file.path == PARAMS_FILE for file in self._api.list_artifacts(self._run_id))
        return self._has_setup

    def _send_model(self, events: list[Event]) -> None:
        registry.log_model(self._api, self._run_id, self.journal.folder / events[0]["copy"])

    def _send_register(self, events: list[Event]) -> None:
        event = events[0]
        if not registry.has_model(self._api, self._run_id):  # this run did not train the model
            self._send_model(events)
        registry.register(self._api, self._run_id, event["name"], event["figures"], event["measured_on"], event["champion_by"])

    def _send_tags(self, events: list[Event]) -> None:
        from mlflow.entities import RunTag

        tags = [RunTag(key, value) for key, value in events[0]["values"].items()]
        self._api.log_batch(self._run_id, tags=tags, synchronous=True)

    def _send_resume(self, events: list[Event]) -> None:
        self._api.update_run(self._run_id, status="RUNNING")

    def _send_finish(self, events: list[Event]) -> None:
        self._api.set_terminated(self._run_id, events[0]["status"], events[0]["time"])

    def _set_aside(self, events: list[Event], problem: Exception) -> None:
        if not self._refused:
            log.warning("tracking: MLflow refuses an entry, it is kept in %s: %s", outbox(self._root) / "refused.jsonl", problem)
        self._refused += len(events)
        with (outbox(self._root) / "refused.jsonl").open("a") as refused:
            for event in events:
                refused.write(json.dumps({"run_id": self._run_id, "reason": str(problem), **event}) + "\n")


def _is_refusal(problem: Exception) -> bool:
    """Whether MLflow would reject the event again: the event is wrong, not the connection."""
    from mlflow.exceptions import MlflowException
    from PIL import UnidentifiedImageError
    from requests import HTTPError

    if isinstance(problem, HTTPError):  # artifacts; 401, 403, 404, 408 and 429 can be fixed on the server
        return problem.response is not None and problem.response.status_code in (400, 411, 413, 414, 415, 422)
    if isinstance(problem, MlflowException):
        return problem.error_code in ("INVALID_PARAMETER_VALUE", "BAD_REQUEST", "RESOURCE_DOES_NOT_EXIST", "RESOURCE_ALREADY_EXISTS")
    return isinstance(problem, ValueError | TypeError | UnidentifiedImageError | FileNotFoundError)


@dataclass(frozen=True)
class Delivery:
    """Result of `deliver`.

    Attributes:
        runs: names of the runs that are now complete in MLflow.
        waiting: number of journals that could not be sent.
        reason: why the first of these could not be sent; None if none failed.
    """

    runs: tuple[str, ...]
    waiting: int
    reason: str | None


def deliver(root: Path, *, same_store: bool = False) -> Delivery:
    """Send to MLflow what earlier runs could not send. Can be repeated at any time; runs in progress are left alone.

    A journal goes to the store that has the start of its run, else to the store that is set now. The run of a killed process is
    marked KILLED.

    Args:
        root: root of the repository.
        same_store: skip journals that were started for another store than the one set now.
    """
    here = tracking_uri(root)
    runs: list[str] = []
    waiting = 0
    failures: dict[str, str] = {}
    for journal in abandoned(outbox(root)):
        uri = resolved(journal.state["uri"] or (journal.header["uri"] if same_store else here), root)
        if (same_store and uri != here) or uri in failures:
            journal.close()
            waiting += 1
            continue
        try:
            sender = Sender(journal, root, uri)
            sender.reach()
            sender.resolve()
            sender.drain()
            if not journal.ended:
                sender.end_killed()
            runs.append(sender.run_name())  # may be the training's run
            journal.remove()
        except Exception as problem:
            journal.close()
            waiting += 1
            failures[uri] = explained(uri, problem)
    return Delivery(tuple(runs), waiting, next(iter(failures.values()), None))
