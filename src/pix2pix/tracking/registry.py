"""MLflow models: log a generator as a model that MLflow loads and serves, register it, and choose a dataset's champion."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pix2pix.tracking import names

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

FOLDER = "model"  # artifact folder of the run
CHAMPION = "champion"
MEASURED_ON = "measured_on"  # tag of a version: hash of the targets it was measured against
_ABOUT = """Trained models whose metrics satisfy `tracking.register_if` in params.yaml. The alias **champion** is on the best of them by \
`tracking.champion_by`, among those measured on the same images: the tag `measured_on` is the hash of these. Tags such as `test/SSIM` are \
the metrics of a version; its run has everything else."""
_REQUIREMENTS = ("mlflow", "torch", "numpy", "pillow", "safetensors")
RULE = re.compile(r"(\w+) *(>=|<=) *(-?[0-9]+(?:\.[0-9]*)?)")


def metric_key(family: str, figures: Iterable[str]) -> str | None:
    """The metric that `family` names: itself, or with its feature network as suffix (`fd_efficientnet_lite0`); None if not measured."""
    return next((key for key in sorted(figures) if key == family or key.startswith(f"{family}_")), None)


def satisfies(rule: str | None, figures: Mapping[str, float]) -> bool:
    """Whether metrics satisfy `tracking.register_if`, such as `ssim >= 0.3`.

    False if there is no rule, or if its metric was not measured.
    """
    match = RULE.fullmatch(rule or "")
    key = metric_key(match[1], figures) if match else None
    if match is None or key is None:
        return False
    return figures[key] >= float(match[3]) if match[2] == ">=" else figures[key] <= float(match[3])


def log_model(client: MlflowClient, run_id: str, model: Path) -> None:
    """Add the folder of a trained generator to the run as an MLflow model; can be repeated.

    The model has no pickled object: it has the weights and the description as files, and the code of `served_model.py`.
    """
    import mlflow.pyfunc
    import numpy as np
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    # MLflow accepts any array with this signature; the model itself distinguishes images from network input
    any_size = Schema([TensorSpec(np.dtype("O"), (-1,))])
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / FOLDER
        mlflow.pyfunc.save_model(
            str(folder),
            python_model=str(Path(__file__).with_name("served_model.py")),
            artifacts={"model": str(model)},
            signature=ModelSignature(any_size, any_size),
            pip_requirements=[f"{name}=={version(name)}" for name in _REQUIREMENTS],
        )
        client.log_artifacts(run_id, str(folder), FOLDER)


def has_model(client: MlflowClient, run_id: str) -> bool:
    """Whether the run has its MLflow model."""
    return any(file.path == f"{FOLDER}/MLmodel" for file in client.list_artifacts(run_id, FOLDER))


def register(client: MlflowClient, run_id: str, name: str, figures: Mapping[str, float], measured_on: str, champion_by: str) -> None:
    """Register the run's model as a version of `name`, once, and give the alias `champion` to the best version.

    Only versions measured on the same targets can be compared: the champion is the best version with this `measured_on`.
    """
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name, description=_ABOUT)
    except MlflowException as problem:
        if problem.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    tags = {MEASURED_ON: measured_on, **{names.metric_name(names.TEST, key): repr(value) for key, value in figures.items()}}
    mine = [it for it in client.search_model_versions(f"name = '{name}'") if it.run_id == run_id]
    for key, value in tags.items() if mine else ():
        client.set_model_version_tag(name, mine[0].version, key, value)
    if not mine:
        source = f"{client.get_run(run_id).info.artifact_uri}/{FOLDER}"
        client.create_model_version(name, source, run_id, tags=tags)
    alike = [it for it in client.search_model_versions(f"name = '{name}'") if it.tags.get(MEASURED_ON) == measured_on]
    best = _best(alike, champion_by)
    if best is not None:
        client.set_registered_model_alias(name, CHAMPION, best.version)


def _best(versions: list[ModelVersion], metric: str) -> Any:
    """The best version by a metric (the oldest of equal ones); None if no version has the metric."""
    from pix2pix.metrics.registry import find

    lower = (registered := find(metric)) is None or registered.direction == "lower"
    known = []
    for version_ in versions:
        figures = version_.tags | names.in_section(names.TEST, version_.tags)  # earlier versions of the program tagged the bare keys
        key = metric_key(metric, figures)
        if key is not None:
            value = float(figures[key])
            known.append((value if lower else -value, int(version_.version), version_))
    return min(known, key=lambda it: it[:2])[2] if known else None
