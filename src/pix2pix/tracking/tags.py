"""Names of a run's tags and artifacts, and the tags that say how a model was made."""

from __future__ import annotations

import getpass
import os
import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pix2pix.repository.git import code_is_dirty, git

PREDICTIONS = "dvc.predictions"  # DVC's hash of the predictions that the run was measured on
DATA_DIGEST = "dvc.data_digest"  # DVC's hash of the prepared data
MODEL_SHA256 = "model.sha256"  # hash of the trained weights
EXPERIMENT_NAME = "dvc.exp_name"
START_SHA256 = "start.sha256"  # hash of the weights that the training started from
START_EPOCHS = "start.epochs"  # on a run that goes on from a shorter training: the epochs of that one
PARENT = "mlflow.parentRunId"  # the run that trained the weights of START_SHA256; MLflow shows a link to it
TRAINING_RUN = "model.run_id"  # on a run that did not train its model: the run that did
RESTORED = "restored_from_cache"  # on a run that was recorded afterwards, for a model from DVC's cache
RUN_KEY = "run.key"  # key of the journal that created the run

CHAIN_FILE, CHANGES_FILE, PARAMS_FILE = "chain.json", "changes.patch", "params.yaml"  # artifacts

_LIBRARIES = ("torch", "numpy", "pillow", "dvc", "mlflow")


def run_tags() -> dict[str, str]:
    """Return the tags of every run: Git commit and whether files differ from it, DVC experiment and stage, machine, versions.

    DVC passes its values as environment variables of the stage; tags without a value are left out.
    """
    tags = {"host": platform.node(), **made_with()}
    for tag, variable in (
        (EXPERIMENT_NAME, "DVC_EXP_NAME"),
        ("dvc.exp_baseline_rev", "DVC_EXP_BASELINE_REV"),
        ("dvc.stage", "DVC_STAGE"),
    ):
        if value := os.environ.get(variable):
            tags[tag] = value
    code = Path.cwd()  # a temporary copy of the repository under `dvc exp run --temp`
    commit = git(code, "rev-parse", "HEAD")
    if commit:
        tags["git.commit"] = commit
        tags["git.dirty"] = str(code_is_dirty(code)).lower()
        tags["mlflow.source.git.commit"] = commit  # the column "Version" of the UI
    tags["mlflow.source.name"] = os.environ.get("DVC_STAGE") or Path(sys.argv[0]).name
    tags["mlflow.source.type"] = "LOCAL"
    try:
        tags["mlflow.user"] = getpass.getuser()
    except (KeyError, OSError):  # in a container the user may have no name
        tags["mlflow.user"] = str(os.getuid())
    return tags


def made_with() -> dict[str, str]:
    """Return tags of what can change results besides code, data and settings: machine, processor, GPU, library versions."""
    tags = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}", "cpu": _processor()}
    for library in _LIBRARIES:
        try:
            tags[f"version.{library}"] = version(library)
        except PackageNotFoundError:  # most of them are optional
            continue
    if torch := sys.modules.get("torch"):
        tags["cpu.capability"] = str(torch.backends.cpu.get_cpu_capability())
        if torch.cuda.is_available():
            tags["gpu"] = str(torch.cuda.get_device_name())
    return tags


def _processor() -> str:
    """Name of the processor, from /proc/cpuinfo if there is one."""
    try:
        named = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        named = None
    return named[1] if named else platform.processor() or "unknown"
