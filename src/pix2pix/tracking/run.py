"""A run as the stages see it."""

from __future__ import annotations

import json
import logging
import math
import signal
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Literal

from pix2pix.config.settings import Tracking
from pix2pix.metrics.evaluation_file import row
from pix2pix.metrics.labels import CAUTION, REFERENCE, REFERENCE_PREFIX, TEST_PREFIX
from pix2pix.repository.chain import chain_hashes
from pix2pix.repository.dvc_lock import chain_sha256, data_digest
from pix2pix.repository.git import code_changes
from pix2pix.system.addresses import redacted
from pix2pix.tracking.journal import Journal
from pix2pix.tracking.matching_run import OFFLINE
from pix2pix.tracking.registry import satisfies
from pix2pix.tracking.store import reason
from pix2pix.tracking.system import SystemMetrics
from pix2pix.tracking.tags import (
    CHAIN_FILE,
    CHAIN_SHA256,
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
    """Records one run. Every method returns at once; its arguments are on the disk then, and are sent to MLflow by another thread.

    Used with ``with``: an exception ends the run as FAILED, Ctrl-C and SIGTERM end it as KILLED. With tracking switched off
    all methods do nothing.
    """

    def __init__(self, journal: Journal | None = None, writer: Writer | None = None, settings: Tracking | None = None) -> None:
        self._journal, self._writer, self._settings = journal, writer, settings or Tracking()
        self._system: SystemMetrics | None = None
        self._not_finite: list[str] = []
        self._handles_sigterm = False

    @property
    def run_id(self) -> str:
        """What to pass as ``resume_run_id`` to go on with this run: MLflow's run id, or the journal's name until MLflow gave one.

        Empty with tracking switched off.
        """
        if self._journal is None:
            return ""
        return str(self._journal.state["run_id"] or self._journal.header["resume"] or OFFLINE + self._journal.header["key"])

    def log_epoch(self, step: int, metrics: Mapping[str, float]) -> None:
        """Records the metrics of one epoch (``step`` from 1). A step that the run has already is not recorded again."""
        self._log_metrics(metrics, step)

    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Records metrics that the run has once, such as those of the test; the last value counts."""
        self._log_metrics(metrics, None)

    def log_evaluation(self, evaluation: Mapping[str, Any]) -> None:
        """Records the measurements of the model's outputs: the content of `data/evaluation/<dataset>.json` (see `read_evaluation`).

        The metrics as `test.…`, the reference as `reference.…`, and the caution as a tag.
        """
        for prefix, figures in ((TEST_PREFIX, evaluation["metrics"]), (REFERENCE_PREFIX, row(evaluation, REFERENCE))):
            numbers = {f"{prefix}{key}": float(it) for key, it in figures.items() if isinstance(it, int | float) and key != "epochs"}
            self.log_metrics(numbers)
        self.tag({CAUTION: evaluation.get("caution")})

    def log_image(self, path: Path, key: str, step: int) -> None:
        """Records the image file ``path`` for MLflow's image grid: ``key`` names the row, ``step`` is the epoch."""
        self._append_copy("image", path, key=key, step=step)

    def log_file(self, path: Path, folder: str = "") -> None:
        """Records a file as an artifact, in ``folder`` of the run."""
        self._append_copy("file", path, folder=folder)

    def log_folder(self, path: Path, folder: str) -> None:
        """Records all files in ``path`` as artifacts, in ``folder`` of the run."""
        self._append_copy("folder", path, folder=folder)

    def log_text(self, text: str, name: str, *, only_if_new: bool = False) -> None:
        """Records a text as the artifact `name`; with `only_if_new` only for a run that begins here."""
        if self._journal is not None:
            try:
                copy = self._journal.keep_text(name, text)
            except OSError as problem:
                log.warning("tracking: %s is not recorded: %s", name, problem)
                return
            self._append("file", copy=copy, folder="", only_if_new=only_if_new)

    def log_setup(self, params: Path) -> None:
        """Records what a rebuild needs beside the commit: the parameters file, without passwords, and what is not committed.

        Stages after the training record theirs only where they begin a run: the training's run has its own, which go with its commit.
        """
        if self._journal is not None:
            self.log_text(redacted(params.read_text(encoding="utf-8")), PARAMS_FILE, only_if_new=True)
            if changes := code_changes(Path.cwd(), without=PARAMS_FILE):
                self.log_text(changes, CHANGES_FILE, only_if_new=True)

    def log_model(self, folder: Path) -> None:
        """Records a trained generator as an MLflow model, which can be loaded, served and registered."""
        self._append_copy("model", folder)

    def log_chain(self, lock: Path, outputs: Mapping[str, Iterable[Path]]) -> None:
        """Records every hash of the chain that leads to these outputs (see `chain_hashes`), and as tags those that runs are found by."""
        if self._journal is not None:
            dataset = self._journal.header["dataset"]
            hashes = chain_hashes(lock, dataset, outputs)
            self.log_text(json.dumps(hashes, indent=1) + "\n", CHAIN_FILE)
            predictions = next(iter(hashes.get("infer", {}).get("outs", {}).values()), None)
            chain = {CHAIN_SHA256: chain_sha256(lock, dataset), DATA_DIGEST: data_digest(lock, dataset)}
            self.tag({**chain, PREDICTIONS: predictions})

    def register(self, folder: Path, figures: Mapping[str, Any], measured_on: str) -> None:
        """Registers the model as `pix2pix-<dataset>` where its figures satisfy `register_if`; the best one is the champion.

        `measured_on` is the hash of the targets that it was measured against.
        """
        numbers = {key: float(value) for key, value in figures.items() if isinstance(value, int | float) and math.isfinite(value)}
        if self._journal is not None and satisfies(self._settings.register_if, numbers):
            more = {"name": f"pix2pix-{self._journal.header['dataset']}", "champion_by": self._settings.champion_by}
            self._append_copy("register", folder, figures=numbers, measured_on=measured_on, **more)

    def tag(self, tags: Mapping[str, str | None]) -> None:
        """Sets tags; those that are None are left out."""
        self._append("tags", values={key: str(value) for key, value in tags.items() if value is not None})

    def describe(self, text: str) -> None:
        """Sets the run's description, Markdown, which MLflow shows at its top; cut where MLflow takes no more."""
        self.tag({"mlflow.note.content": text if len(text) <= _LONGEST_TAG else text[: _LONGEST_TAG - 1] + "…"})

    def finish(self, status: Status) -> None:
        """Ends the run and waits until MLflow has it, no longer than the settings allow. What is left is kept and reported."""
        if self._journal is None or self._writer is None:
            return
        if self._system:
            self._system.stop()
        self._append("finish", status=status)
        problem = self._writer.close(self._settings.timeout)
        if problem or self._journal.pending:
            message = "tracking: %d entries of this run are kept in %s until the next run that reaches MLflow delivers them (%s)"
            log.warning(message, self._journal.pending, self._journal.folder.parent, problem and reason(problem))
            self._journal.close()
        else:
            self._journal.remove()
        self._journal = None

    def __enter__(self) -> Run:
        is_main = threading.current_thread() is threading.main_thread()
        if self._journal and is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            # By default SIGTERM ends Python at once, and leaves the run RUNNING.
            signal.signal(signal.SIGTERM, _interrupt)
            self._handles_sigterm = True
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.finish("FINISHED")
        else:
            self.finish("KILLED" if issubclass(kind, KeyboardInterrupt) else "FAILED")
        if self._handles_sigterm:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def sample_system(self) -> None:
        """Starts to record the machine's load."""
        self._system = SystemMetrics(lambda values: self._append("metrics", values=values, step=None, clock=True))
        self._system.start()

    def _log_metrics(self, metrics: Mapping[str, float], step: int | None) -> None:
        values = {key: float(value) for key, value in metrics.items()}
        finite = {key: value for key, value in values.items() if math.isfinite(value)}
        if len(finite) < len(values):
            # MLflow stores NaN as 0 and infinity as the largest float: a wrong curve is worse than a gap.
            dropped = [f"{key} = {values[key]}" + ("" if step is None else f" at step {step}") for key in values if key not in finite]
            log.warning("tracking: not recorded because not finite: %s", ", ".join(dropped))
            self._not_finite += dropped
            self.tag({"metrics.not_finite": ", ".join(self._not_finite)[:1000]})
        if finite:
            self._append("metrics", values=finite, step=step, clock=False)

    def _append_copy(self, kind: str, path: Path, **fields: Any) -> None:
        if self._journal is not None:
            if not path.exists():
                raise FileNotFoundError(path)
            try:
                copy = self._journal.keep_copy(path)
            except OSError as problem:
                log.warning("tracking: %s is not recorded: %s", path, problem)
                return
            self._append(kind, copy=copy, **fields)

    def _append(self, kind: str, **fields: Any) -> None:
        if self._journal is not None and self._writer is not None:
            try:
                self._journal.append(kind, **fields)
            except OSError as problem:  # the disk is full: the training itself fails where it matters
                log.warning("tracking: an entry is lost: %s", problem)
            self._writer.notify()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt("SIGTERM")
