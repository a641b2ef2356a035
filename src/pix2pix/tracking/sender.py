"""From journal to MLflow: finds or creates the run, sends the events in order, and recognises what MLflow has already.

Sending the same event twice changes nothing. MLflow itself drops a metric with the same key, step, value and time; a run is found again
by its journal's key, a picture by its key and step; parameters, tags and files overwrite themselves.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pix2pix.tracking import registry
from pix2pix.tracking.journal import Event, Journal, outbox
from pix2pix.tracking.lineage import PREDICTIONS
from pix2pix.tracking.store import connect, experiment_id

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun

log = logging.getLogger(__name__)
RUN_KEY = "run.key"
MODEL_SHA256 = "model.sha256"
EXPERIMENT_NAME = "dvc.exp_name"
TRAINED_BY = "model.run_id"  # of a run without a training of its own: the run that has it
OF_PICTURES = ("infer.", "evaluate.")  # the sections that decide about pictures and figures when the model is given
INFERENCE = "infer.norm"  # the parameter that decides about the pictures
OFFLINE = "outbox-"  # with the journal's key: stands for a run id as long as MLflow has not given one


class Sender:
    """Sends one journal to one store."""

    def __init__(self, journal: Journal, root: Path, uri: str, client: MlflowClient | None = None) -> None:
        self.journal = journal
        self._root, self._uri = root, uri
        self._client = client
        self._fresh = False  # True: this process created the run, so MLflow needs not be asked what it holds
        self._steps: dict[str, set[int]] = {}  # of each metric, as far as looked at
        self._pictures: set[tuple[str, str]] | None = None
        self._refused = 0

    def reach(self) -> None:
        """Connects, and makes sure that the data set's experiment is there. Raises what MLflow raises when it cannot be reached."""
        if self._client is None:
            self._client = connect(self._uri)
        self._experiment = experiment_id(self._client, self.journal.header["dataset"], self._uri, self._root)

    def resolve(self) -> None:
        """Finds the run that the journal is about, or creates it."""
        if self.journal.state["run_id"]:
            return
        header = self.journal.header
        alike = self._alike(header["model_sha256"])
        run = self._search(RUN_KEY, header["key"]) or self._resumed(header["resume"]) or self._drew(alike)
        if run is None:
            self._fresh = True
            run = self._created(header, alike[0] if alike else None)
        else:
            self._api.update_run(run.info.run_id, status="RUNNING")
        own = run.data.tags.get(RUN_KEY) == header["key"]
        if own or not header["model_sha256"]:
            self._describe(run, header, new=own)
        self.journal.became(self._uri, run.info.run_id, run.info.start_time, own)

    def _created(self, header: dict[str, Any], trained: MlflowRun | None) -> MlflowRun:
        """A run of its own; `trained` is the one that trained its model, where another did."""
        tags, name = {**header["tags"], RUN_KEY: header["key"]}, header["run_name"]
        if header["model_sha256"]:
            tags[MODEL_SHA256] = header["model_sha256"]
        if trained is not None:
            tags[TRAINED_BY] = trained.data.tags.get(TRAINED_BY, trained.info.run_id)
            name = run_name(header["dataset"], _redrawn(trained, header), tags.get(EXPERIMENT_NAME))
        elif header["model_sha256"]:
            tags["restored_from_cache"] = "true"
        return self._api.create_run(self._experiment, start_time=header["time"], tags=tags, run_name=name)

    def send(self) -> None:
        """Sends the oldest events. What MLflow refuses for good is set aside with a warning; any other failure is raised."""
        events = self.journal.oldest()
        try:
            getattr(self, f"_send_{events[0]['kind']}")(events)
        except Exception as problem:
            if not _is_refusal(problem):
                self._fresh, self._steps, self._pictures = False, {}, None  # it may have arrived all the same
                raise
            self._set_aside(events, problem)
        self.journal.acknowledge(events)

    def drain(self) -> int:
        """Sends everything that is pending; returns the number of events."""
        sent = 0
        while before := self.journal.pending:
            self.send()
            sent += before - self.journal.pending
        return sent

    def end_killed(self) -> None:
        """Marks the run of a process that ended without a word."""
        self._api.set_terminated(self._run_id, "KILLED", self.journal.last_time)

    # Finding the run

    @property
    def _api(self) -> MlflowClient:
        assert self._client is not None
        return self._client

    @property
    def _run_id(self) -> str:
        return str(self.journal.state["run_id"])

    def _search(self, tag: str, value: str, also: str = "") -> MlflowRun | None:
        """The newest run of the experiment that has the tag."""
        found = self._api.search_runs([self._experiment], f"tags.`{tag}` = '{value}'{also}", max_results=1, order_by=["start_time DESC"])
        return found[0] if found else None

    def _resumed(self, run_id: str | None) -> MlflowRun | None:
        from mlflow.exceptions import MlflowException

        if run_id is None:
            return None
        if run_id.startswith(OFFLINE):
            return self._search(RUN_KEY, run_id.removeprefix(OFFLINE))
        try:
            run = self._api.get_run(run_id)
        except MlflowException as problem:
            if problem.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return None
        return run if run.info.lifecycle_stage == "active" and run.info.experiment_id == self._experiment else None

    def _alike(self, model_sha256: str | None) -> list[MlflowRun]:
        """The runs with this model: those of the same DVC experiment first, then the newest."""
        if model_sha256 is None:
            return []
        found = list(self._api.search_runs([self._experiment], f"tags.`{MODEL_SHA256}` = '{model_sha256}'", order_by=["start_time DESC"]))
        name = self.journal.header["tags"].get(EXPERIMENT_NAME)
        return sorted(found, key=lambda run: name is None or run.data.tags.get(EXPERIMENT_NAME) != name)

    def _drew(self, alike: list[MlflowRun]) -> MlflowRun | None:
        """Of the runs with the model the one that the journal's pictures belong to; None where they are new (see `reopen_for_model`)."""
        header = self.journal.header
        asked = header["params_of_pictures"].get(INFERENCE) if header["model_sha256"] else None

        def is_theirs(run: MlflowRun) -> bool:
            if PREDICTIONS in run.data.tags:
                return bool(run.data.tags[PREDICTIONS] == header["predictions"])
            return asked is None or run.data.params.get(INFERENCE, asked) == asked

        return next(filter(is_theirs, alike), None)

    def _describe(self, run: MlflowRun, header: dict[str, Any], *, new: bool) -> None:
        """Writes what the run was started with; a resumed run keeps its parameters and gets the tags of the machine it goes on at."""
        from mlflow.entities import Dataset, DatasetInput, Param, RunTag

        run_id, tags = run.info.run_id, [RunTag(key, value) for key, value in header["tags"].items()]
        self._api.log_batch(run_id, tags=tags, synchronous=True)
        if not new:
            return
        trained_by = run.data.tags.get(TRAINED_BY)
        texts = _redrawn(self._api.get_run(trained_by), header) if trained_by else header["params"]
        params = [Param(key, value) for key, value in texts.items()]
        for first in range(0, len(params), 100):  # MLflow's limit for one request
            self._api.log_batch(run_id, params=params[first : first + 100], synchronous=True)
        if header["data_digest"]:
            source = json.dumps({"dvc_stage": f"prepare@{header['dataset']}"})
            data = Dataset(name=header["dataset"], digest=header["data_digest"], source_type="dvc", source=source)
            self._api.log_inputs(run_id, [DatasetInput(dataset=data)])

    # Sending, by kind of event

    def _send_metrics(self, events: list[Event]) -> None:
        from mlflow.entities import Metric

        metrics = []
        for event in events:
            step = event["step"]
            if event["clock"]:  # seconds since the run began, on whichever machine and after however many resumptions
                step = max(0, round((event["time"] - self.journal.state["start_time"]) / 1000))
            for key, value in event["values"].items():
                if event["clock"] or step is None or self._is_new(key, step):
                    metrics.append(Metric(key, value, event["time"], step or 0))
        if metrics:
            self._api.log_batch(self._run_id, metrics=metrics, synchronous=True)

    def _is_new(self, key: str, step: int) -> bool:
        """False for a step that the run has already: training that resumes repeats the epochs after its last checkpoint."""
        if key not in self._steps:
            history = [] if self._fresh else self._api.get_metric_history(self._run_id, key)
            self._steps[key] = {metric.step for metric in history}
        known = step in self._steps[key]
        self._steps[key].add(step)
        return not known

    def _send_picture(self, events: list[Event]) -> None:
        from PIL import Image

        event = events[0]
        if self._pictures is None:
            self._pictures = set() if self._fresh else self._recorded_pictures()
        name = (event["key"].replace("/", "~"), str(event["step"]))
        if name in self._pictures:
            return
        with Image.open(self.journal.folder / event["copy"]) as picture:
            picture.load()
        self._api.log_image(self._run_id, picture, key=event["key"], step=event["step"], timestamp=event["time"], synchronous=True)
        self._pictures.add(name)

    def _recorded_pictures(self) -> set[tuple[str, str]]:
        """Key and step of every picture of the run; MLflow keeps them in the file names, and writes the small .webp last."""
        paths = [file.path for file in self._api.list_artifacts(self._run_id, "images")]
        names = [path.removeprefix("images/").split("+") for path in paths if path.endswith(".webp")]
        return {(name[0], name[2]) for name in names}

    def _send_file(self, events: list[Event]) -> None:
        measures_another = self.journal.header["model_sha256"] and not self.journal.state["own"]
        if not (measures_another and events[0].get("of_beginning")):
            self._api.log_artifact(self._run_id, str(self.journal.folder / events[0]["copy"]), events[0]["folder"] or None)

    def _send_folder(self, events: list[Event]) -> None:
        self._api.log_artifacts(self._run_id, str(self.journal.folder / events[0]["copy"]), events[0]["folder"] or None)

    def _send_model(self, events: list[Event]) -> None:
        registry.log_model(self._api, self._run_id, self.journal.folder / events[0]["copy"])

    def _send_register(self, events: list[Event]) -> None:
        event = events[0]
        if not registry.has_model(self._api, self._run_id):  # a run that stands in for the one that trained
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


def run_name(dataset: str, params: Mapping[str, str], experiment: str | None) -> str:
    """The name of DVC's experiment; outside of one the data set's with eight digits that stand for the parameters."""
    return experiment or f"{dataset}-{hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()[:8]}"


def _redrawn(trained: MlflowRun, header: dict[str, Any]) -> dict[str, str]:
    """Parameters of new pictures by the model of another run."""
    return {**trained.data.params, **header["params_of_pictures"]}


def _is_refusal(problem: Exception) -> bool:
    """True when MLflow answered and would answer the same again: the entry is at fault, not the connection."""
    from mlflow.exceptions import MlflowException
    from PIL import UnidentifiedImageError
    from requests import HTTPError

    if isinstance(problem, HTTPError):  # artifacts; 401, 403, 404, 408 and 429 are mended at the server
        return problem.response is not None and problem.response.status_code in (400, 411, 413, 414, 415, 422)
    if isinstance(problem, MlflowException):
        return problem.error_code in ("INVALID_PARAMETER_VALUE", "BAD_REQUEST", "RESOURCE_DOES_NOT_EXIST", "RESOURCE_ALREADY_EXISTS")
    return isinstance(problem, ValueError | TypeError | UnidentifiedImageError | FileNotFoundError)
