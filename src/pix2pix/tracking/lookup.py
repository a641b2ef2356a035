"""Find recorded runs by what a person types, and read them from MLflow."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from pix2pix.errors import UserError
from pix2pix.repository.experiments import find_experiment, outputs_at
from pix2pix.system.addresses import redacted
from pix2pix.tracking.failures import Result, query
from pix2pix.tracking.names import todays_name
from pix2pix.tracking.parameters import HIDDEN, recorded_params
from pix2pix.tracking.store import connect, local_folder, sqlite_path, tracking_uri
from pix2pix.tracking.tags import EXPERIMENT_NAME, MODEL_SHA256, PARENT, PREDICTIONS

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

_MOST_PAGES = 1000  # of 1,000 runs each: a server may send one again and again
_LATEST = 32_503_680_000_000  # the year 3000, in milliseconds since 1970


@dataclass(frozen=True)
class RunRecord:
    """A run as MLflow stores it.

    Attributes:
        name, run_id: the run's name and id in MLflow.
        dataset: name of its MLflow experiment.
        status: RUNNING, FINISHED, FAILED or KILLED.
        start, end: milliseconds since 1970; `end` is None while the run is RUNNING.
        params, tags: as recorded; parameters also from the tag that MLflow's pages do not show.
        metrics: as recorded, by today's names; the last value of a metric with several steps.
        files: address of its artifacts.
        experiment_id: MLflow's id of the experiment.
    """

    name: str
    run_id: str
    dataset: str
    status: str
    start: int
    end: int | None
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]
    files: str = ""
    experiment_id: str = ""

    @property
    def lost(self) -> str:
        """The message about a run whose model's files should be on this machine and are not; "" for any other run."""
        folder = local_folder(self.files)
        if self.model == "" or folder is None or folder.is_dir():
            return ""
        return (
            f"the files of the run {self.name} ({self.run_id}) are not in {folder}, where they were recorded: bring that folder back, or "
            "record the model again with `pix2pix runs sync`, where its files are in data/"
        )

    @property
    def experiment(self) -> str:
        """Name of the DVC experiment that made the run, "" without one."""
        return self.tags.get(EXPERIMENT_NAME, "")

    @property
    def commit(self) -> str | None:
        """Hash of the Git commit; None if the run was made outside a repository, or its tag is no hash."""
        commit = self.tags.get("git.commit", "")
        return commit if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", commit) else None

    @property
    def model(self) -> str:
        """SHA-256 of the trained weights, "" if the run did not finish."""
        return self.tags.get(MODEL_SHA256, "")

    @property
    def predictions(self) -> str:
        """DVC's hash of the predictions that were measured, "" if none were."""
        return self.tags.get(PREDICTIONS, "")


class Records:
    """The MLflow store of the repository at `root`. Every method raises UserError if the store cannot be reached."""

    def __init__(self, root: Path) -> None:
        self._root, self._uri = root, tracking_uri(root)
        path = sqlite_path(self._uri)
        self.store_exists = path is None or os.path.lexists(path)  # reading does not create one
        self._client = query(self._uri, lambda: connect(self._uri)) if self.store_exists else None

    def page(self, run: RunRecord) -> str:
        """Address of the run's page: on the MLflow server, or, for a database, where `make ui` serves it unless PORT is set."""
        server = redacted(self._uri).rstrip("/") if self._uri.startswith(("http://", "https://")) else "http://127.0.0.1:5000"
        experiment, run_id = (quote(part, safe="") for part in (run.experiment_id, run.run_id))
        return f"{server}/#/experiments/{experiment}/runs/{run_id}?workflowType=machine_learning"

    def registered(self) -> list[str]:
        """Names of the registered models."""
        return self._ask(lambda client: [model.name for model in client.search_registered_models(max_results=1000)])

    def all(self, dataset: str | None = None) -> list[RunRecord]:
        """Runs of `dataset`, or of all datasets, newest first."""
        return self._search("", dataset)

    def find(self, text: str, dataset: str | None = None) -> list[RunRecord]:
        """Find runs by `text`, newest first.

        32 hex digits are a run id. Anything else is the name of a run or of the DVC experiment that made it; if there is none, 4 hex digits
        or more are the start of a run id or of a model's SHA-256; else it is a DVC experiment that was renamed, or whose stages came from
        the cache: its runs are those with the same predictions. Raises UserError if several DVC experiments have the name.
        """
        if "'" in text or not text:
            return []
        if re.fullmatch("[0-9a-f]{32}", text):
            return self._search(f"attributes.run_id = '{text}'", dataset)
        found = [*self._search(f"attributes.run_name = '{text}'", dataset), *self.tagged(EXPERIMENT_NAME, text, dataset)]
        named = list({run.run_id: run for run in found}.values())
        if not named and re.fullmatch("[0-9a-f]{4,64}", text):
            named = [run for run in self.all(dataset) if run.run_id.startswith(text) or run.model.startswith(text)]
        if not named and (commit := find_experiment(text, self._root)):
            for name, outs in outputs_at([commit], self._root)[commit].items():
                if "predictions" in outs and dataset in (None, name):
                    named += self.tagged(PREDICTIONS, outs["predictions"], name)
        return sorted(named, key=lambda run: -run.start)

    def find_one(self, text: str, dataset: str | None, same: Callable[[RunRecord], Hashable]) -> RunRecord | None:
        """The run that `text` means (see `find`), the newest of those for which `same` is equal; None if there is none.

        Runs that finished come before those that did not. Raises UserError if it means several.
        """
        found = self.find(text, dataset)
        newest: dict[Hashable, RunRecord] = {}
        for run in [run for run in found if run.model] or found:
            newest.setdefault(same(run), run)
        if len(newest) > 1:
            listed = ", ".join(f"{run.run_id} ({run.dataset})" for run in newest.values())
            way_out = "choose one with --dataset" if len({run.dataset for run in newest.values()}) == len(newest) else "name one by its id"
            raise UserError(f"several runs are called {text}: {listed}; {way_out}")
        return next(iter(newest.values()), None)

    def parent(self, run: RunRecord) -> RunRecord | None:
        """The run that trained the weights that this run started from; None if it started from random ones, or that run is not recorded.

        It began before this one, whatever a record says, so that nobody's record leads in a circle.
        """
        found = self.find(run.tags[PARENT]) if PARENT in run.tags else []
        return next((parent for parent in found if parent.start < run.start), None)

    def tagged(self, tag: str, value: str, dataset: str | None = None) -> list[RunRecord]:
        """Runs whose tag `tag` is `value`, newest first."""
        return self._search(f"tags.`{tag}` = '{value}'", dataset)

    def text(self, run: RunRecord, artifact: str) -> str | None:
        """`content` as text."""
        content = self.content(run, artifact)
        return None if content is None else content.decode("utf-8", "replace")

    def content(self, run: RunRecord, artifact: str) -> bytes | None:
        """Content of an artifact; None if the run has no such artifact."""
        if artifact not in self.artifacts(run, artifact.rpartition("/")[0]):
            return None
        with tempfile.TemporaryDirectory() as folder:
            return self._ask(lambda client: Path(client.download_artifacts(run.run_id, artifact, folder)).read_bytes())

    def artifacts(self, run: RunRecord, folder: str = "") -> list[str]:
        """Paths of the artifacts in `folder`."""
        return self._ask(lambda client: [file.path for file in client.list_artifacts(run.run_id, folder or None)])

    def size(self, run: RunRecord) -> int:
        """Bytes of all its artifacts."""

        def below(client: MlflowClient, folder: str | None = None) -> int:
            files = client.list_artifacts(run.run_id, folder)
            return sum(below(client, file.path) if file.is_dir else file.file_size or 0 for file in files)

        return self._ask(below)

    def aliased(self) -> set[str]:
        """Ids of the runs whose models have an alias in the registry."""

        def found(client: MlflowClient) -> set[str]:
            models = client.search_registered_models(max_results=1000)
            return {str(client.get_model_version(model.name, str(it)).run_id) for model in models for it in model.aliases.values()}

        return self._ask(found) if self.store_exists else set()

    def remove(self, run: RunRecord) -> None:
        """Delete a run, its artifacts and its registered versions. Its numbers stay until `mlflow gc`, and MLflow can restore them.

        Artifacts outside the folder of its experiment stay: in a copy of a database they are the original's.
        """
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        def removed(client: MlflowClient) -> None:
            for version in client.search_model_versions(f"run_id = '{run.run_id}'"):
                client.delete_model_version(version.name, version.version)
            client.delete_run(run.run_id)
            experiment = client.get_experiment(client.get_run(run.run_id).info.experiment_id)
            ours = sqlite_path(self._uri) is not None or urlsplit(run.files).scheme not in ("", "file")  # a server may name any folder here
            if ours and run.files.startswith(f"{experiment.artifact_location}/"):
                get_artifact_repository(run.files, tracking_uri=self._uri).delete_artifacts()

        self._ask(removed)

    def last_sample(self, run: RunRecord) -> bytes | None:
        """The last epoch's sample sheet, as PNG; None without one. MLflow keeps an image's key and step in its file name."""
        sheets = (re.fullmatch(r"images/samples\+[^+]*\+(\d{1,9})\+.*\.png", path) for path in self.artifacts(run, "images"))
        steps = {int(sheet[1]): sheet[0] for sheet in sheets if sheet}
        return self.content(run, steps[max(steps)]) if steps else None

    def _ask(self, request: Callable[[MlflowClient], Result]) -> Result:
        client = self._client
        assert client is not None
        return query(self._uri, lambda: request(client))

    def _search(self, condition: str, dataset: str | None) -> list[RunRecord]:
        if not self.store_exists:
            return []
        names = self._ask(lambda client: {it.experiment_id: it.name for it in client.search_experiments() if dataset in (None, it.name)})
        if not names:
            return []
        found: list[RunRecord] = []
        token: str | None = None
        for _ in range(_MOST_PAGES):
            page = self._ask(lambda client: client.search_runs(list(names), condition, 1, 1000, ["attributes.start_time DESC"], token))
            found += [_record(run, names[run.info.experiment_id]) for run in page if run.info.experiment_id in names]
            if not (token := page.token):
                return found
        raise UserError(f"The MLflow store at {redacted(self._uri)} sends pages without end: {len(found)} runs in {_MOST_PAGES} pages")


def _record(run: Run, dataset: str) -> RunRecord:
    info, params = run.info, recorded_params(run)
    start, end = (None if time is None else min(max(time, 0), _LATEST) for time in (info.start_time, info.end_time))
    metrics = {todays_name(name): value for name, value in run.data.metrics.items()}
    tags = {name: value for name, value in run.data.tags.items() if name != HIDDEN}
    place = (info.artifact_uri or "", info.experiment_id)
    return RunRecord(info.run_name or "", info.run_id, dataset, info.status, start or 0, end, params, metrics, tags, *place)
