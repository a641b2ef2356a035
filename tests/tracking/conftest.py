"""Real MLflow on sqlite, in a temporary folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun

from pix2pix.config.settings import Tracking
from pix2pix.tracking import Run, open_run, tracking_uri


@pytest.fixture
def root(tmp_path: Path, empty_store: Path) -> Path:
    """A repository's root with an empty store."""
    root = tmp_path / "repo"
    root.mkdir()
    shutil.copy(empty_store, root / "mlflow.db")
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
