"""Real MLflow on sqlite, in a temporary folder. Making MLflow's tables takes seconds, so tests start from a copy of an empty store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun

from pix2pix.config.settings import Tracking
from pix2pix.tracking import Run, open_run, tracking_uri
from pix2pix.tracking.store import connect


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    connect(f"sqlite:///{path}")
    return path


@pytest.fixture
def root(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository's root with an empty store; neither DVC nor the user have set anything."""
    for name in ("MLFLOW_TRACKING_URI", "DVC_ROOT", "DVC_EXP_NAME", "DVC_EXP_BASELINE_REV", "DVC_STAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "false")
    root = tmp_path / "repo"
    root.mkdir()
    with closing(sqlite3.connect(empty_store)) as source, closing(sqlite3.connect(root / "mlflow.db")) as copy:
        source.backup(copy)
    return root


@pytest.fixture
def settings() -> Tracking:
    return Tracking()


@pytest.fixture
def train(root: Path, settings: Tracking) -> Callable[..., Run]:
    """Opens a training's run; what a test does not care about has a value."""

    def opened(dataset: str = "facades", *, params: Mapping[str, Any] | None = None, resume: str | None = None, **change: Any) -> Run:
        return open_run(
            dataset,
            root=root,
            settings=Tracking(**{**vars(settings), **change}),
            params=params or {"train.lr": 0.0002},
            tags={"device": "cpu"},
            data_digest=None,
            resume_run_id=resume,
        )

    return opened


@pytest.fixture
def recorded(root: Path) -> Callable[..., list[MlflowRun]]:
    """What MLflow's own client reads from the store: the data set's runs, oldest first."""

    def runs(dataset: str = "facades", uri: str | None = None) -> list[MlflowRun]:
        client = MlflowClient(uri or tracking_uri(root))
        experiment = client.get_experiment_by_name(dataset)
        return list(client.search_runs([experiment.experiment_id], order_by=["start_time ASC"])) if experiment else []

    return runs
