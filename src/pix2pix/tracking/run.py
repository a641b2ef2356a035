"""The object with which stages record a run."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from pix2pix.config.settings import Tracking
from pix2pix.metrics.evaluation_file import row
from pix2pix.metrics.labels import CAUTION, REFERENCE
from pix2pix.metrics.registry import find
from pix2pix.repository.chain import chain_hashes
from pix2pix.repository.dvc_lock import data_digest
from pix2pix.repository.git import code_changes
from pix2pix.system.addresses import redacted
from pix2pix.tracking import names
from pix2pix.tracking.failures import explained
from pix2pix.tracking.journal import Journal
from pix2pix.tracking.matching_run import OFFLINE
from pix2pix.tracking.registry import satisfies
from pix2pix.tracking.system import SystemMetrics
from pix2pix.tracking.tags import (
    CHAIN_FILE,
    CHANGES_FILE,
    DATA_DIGEST,
    PARAMS_FILE,
    PREDICTIONS,
)
from pix2pix.tracking.writer import Writer

Status = Literal["FINISHED", "FAILED", "KILLED"]
log = logging.getLogger(__name__)
_LONGEST_TAG = 8000  # characters; MLflow's MAX_TAG_VAL_LENGTH


class Run:
    """Records one run. Logging methods write to disk and return at once; a thread sends to MLflow. `finish` waits for that thread.

    As a context manager, it ends the run as FAILED after an exception, as KILLED after KeyboardInterrupt, else as FINISHED. With tracking
    off, all methods do nothing.
    """

    def __init__(self, journal: Journal | None = None, writer: Writer | None = None, settings: Tracking | None = None) -> None:
        self._journal, self._writer, self._settings = journal, writer, settings or Tracking()
        self._system: SystemMetrics | None = None
        self._not_finite: list[str] = []

    @property
    def run_id(self) -> str:
        """The id to pass as `resume_run_id` to resume this run: MLflow's id, or the journal's name until MLflow assigns one.

        "" if tracking is off.
        """
        if self._journal is None:
            return ""
        return str(self._journal.state["run_id"] or self._journal.header["resume"] or OFFLINE + self._journal.header["key"])

    def log_epoch(self, step: int, metrics: Mapping[str, float]) -> None:
        """Record an epoch, `step` from 1, by columns of the history."""
        self.log_metrics({names.curve_name(column): value for column, value in metrics.items()}, step)

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Record metrics; without a step, as of the test split, the last value counts. A step that the run already has is skipped."""
        values = {key: float(value) for key, value in metrics.items()}
        finite = {key: value for key, value in values.items() if math.isfinite(value)}
        if len(finite) < len(values):
            # MLflow stores NaN as 0 and infinity as the largest float; a gap is better than a wrong curve.
            dropped = [f"{key} = {values[key]}" + ("" if step is None else f" at step {step}") for key in values if key not in finite]
            log.warning("tracking: not recorded because not finite: %s", ", ".join(dropped))
            self._not_finite += dropped
            self.tag({"metrics.not_finite": ", ".join(self._not_finite)[:1000]})
        if finite:
            self._append("metrics", values=finite, step=step, clock=False)

    def log_evaluation(self, evaluation: Mapping[str, Any]) -> None:
        """Record an evaluation: the content of `data/evaluation/<dataset>.json` (see `read_evaluation`).

        Metrics get names such as `test/SSIM`, those of the reference such as `reference/KID`; the caution becomes a tag.
        """
        for section, figures in ((names.TEST, evaluation["metrics"]), (names.REFERENCE, row(evaluation, REFERENCE))):
            numbers = {key: float(it) for key, it in figures.items() if isinstance(it, int | float) and _is_recorded(key)}
            self.log_metrics({names.metric_name(section, key): it for key, it in numbers.items()})
        self.tag({CAUTION: evaluation.get("caution")})

    def log_image(self, path: Path, key: str, step: int) -> None:
        """Record an image file for MLflow's image grid: `key` is the row, `step` the epoch."""
        self._append_file("image", path, key=key, step=step)

    def log_file(self, path: Path, folder: str = "") -> None:
        """Record a file, or all files of a folder, as artifacts in `folder`."""
        self._append_file("file", path, folder=folder)

    def log_text(self, text: str, name: str, *, only_if_new: bool = False) -> None:
        """Record text as the artifact `name`; with `only_if_new`, not in the run of another journal that has its setup."""
        self._append_copy("file", name, lambda journal: journal.keep_text(name, text), folder="", only_if_new=only_if_new)

    def log_setup(self, params: Path) -> None:
        """Record what a rebuild needs besides the commit: params.yaml, without passwords, and the uncommitted changes.

        A stage after the training records them only if it starts a run, or if the run has lost its files: else the run has its own, which
        match its commit.
        """
        if self._journal is not None:
            if changes := code_changes(Path.cwd(), without=PARAMS_FILE):
                self.log_text(changes, CHANGES_FILE, only_if_new=True)
            self.log_text(redacted(params.read_text(encoding="utf-8")), PARAMS_FILE, only_if_new=True)  # last: it says that both are there

    def log_model(self, folder: Path) -> None:
        """Record a trained generator as an MLflow model, which can be loaded, served and registered."""
        self._append_file("model", folder)

    def log_chain(self, lock: Path, outputs: Mapping[str, Iterable[Path]]) -> None:
        """Record all hashes of the chain that leads to `outputs` (see `chain_hashes`), and as tags those by which runs are found."""
        if self._journal is not None:
            dataset = self._journal.header["dataset"]
            hashes = chain_hashes(lock, dataset, outputs)
            self.log_text(json.dumps(hashes, indent=1) + "\n", CHAIN_FILE)
            predictions = next(iter(hashes.get("infer", {}).get("outs", {}).values()), None)
            self.tag({DATA_DIGEST: data_digest(lock, dataset), PREDICTIONS: predictions})

    def register(self, folder: Path, figures: Mapping[str, Any], measured_on: str) -> None:
        """Register the model as `pix2pix-<dataset>` if its metrics satisfy `register_if`; the best version is the champion.

        measured_on: hash of the targets that it was measured against.
        """
        numbers = {key: float(value) for key, value in figures.items() if isinstance(value, int | float) and math.isfinite(value)}
        if self._journal is not None and satisfies(self._settings.register_if, numbers):
            more = {"name": f"pix2pix-{self._journal.header['dataset']}", "champion_by": self._settings.champion_by}
            self._append_file("register", folder, figures=numbers, measured_on=measured_on, **more)

    def tag(self, tags: Mapping[str, str | None]) -> None:
        """Set tags; None values are skipped."""
        self._append("tags", values={key: str(value) for key, value in tags.items() if value is not None})

    def log_card(self, card: Path, images: Path, text: str) -> None:
        """Record a model card and the images that it shows; `text` (Markdown), truncated to MLflow's limit, is the run's description."""
        self.log_file(images)  # at the top of the artifacts, where a person looks first
        for file in (card, images):
            self.log_file(file, "card")
        self.tag({"mlflow.note.content": text if len(text) <= _LONGEST_TAG else text[: _LONGEST_TAG - 1] + "…"})

    def finish(self, status: Status) -> None:
        """End the run and wait until MLflow has everything, at most `settings.timeout` seconds if MLflow fails.

        What is left stays in the outbox and is reported.
        """
        if self._journal is None or self._writer is None:
            return
        if self._system:
            self._system.stop()
        self._append("finish", status=status)
        problem = self._writer.close(self._settings.timeout)
        if problem or self._journal.pending:
            message = "tracking: %d entries of this run are kept in %s until the next run that reaches MLflow delivers them (%s)"
            log.warning(
                message, self._journal.pending, self._journal.folder.parent, explained(self._writer.uri, problem) if problem else ""
            )
            self._journal.close()
        else:
            self._journal.remove()
        self._journal = None

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.finish("FINISHED")
        else:
            self.finish("KILLED" if issubclass(kind, KeyboardInterrupt) else "FAILED")

    def sample_system(self) -> None:
        """Start to record the machine's load."""
        self._system = SystemMetrics(lambda values: self._append("metrics", values=values, step=None, clock=True))
        self._system.start()

    def _append_file(self, kind: str, path: Path, /, **fields: Any) -> None:
        """Append an event with a copy of a file or folder. Raises FileNotFoundError if it does not exist."""
        if self._journal is not None and not path.exists():
            raise FileNotFoundError(path)
        self._append_copy(kind, path, lambda journal: journal.keep_copy(path), **fields)

    def _append_copy(self, kind: str, what: object, keep: Callable[[Journal], str], /, **fields: Any) -> None:
        if self._journal is not None:
            try:
                self._append(kind, copy=keep(self._journal), **fields)
            except OSError as problem:
                log.warning("tracking: %s is not recorded: %s", what, problem)

    def _append(self, kind: str, /, **fields: Any) -> None:
        if self._journal is not None and self._writer is not None:
            try:
                self._journal.append(kind, **fields)
            except OSError as problem:  # such as a full disk: the training reports that itself
                log.warning("tracking: an entry is lost: %s", problem)
            self._writer.notify()


def _is_recorded(key: str) -> bool:
    """Whether a figure of an evaluation is recorded: not `epochs`, which is a parameter, nor a metric that the registry excludes."""
    metric = find(key)
    return metric.recorded if metric else key != "epochs"
