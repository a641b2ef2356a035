"""Where a model comes from: code, data and settings, as tags of its run."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.repository.dvc_lock import locked_stages

CHAIN = ("download", "prepare", "train", "infer")
PREDICTIONS = "dvc.predictions"  # the tag by which `pix2pix compare` finds a run's pictures in DVC's cache
LIBRARIES = ("torch", "numpy", "pillow", "dvc", "mlflow")
CHANGES_FILE, PARAMS_FILE = "changes.patch", "params.yaml"  # of the run's artifacts
_PATCH = (
    "--binary",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)  # whatever a person's Git is set to
_NOT_CODE = (":(exclude,top)dvc.lock", ":(exclude,top)data")


def run_tags() -> dict[str, str]:
    """Tags that every run carries: Git commit, whether the work tree differs from it, DVC's experiment, machine and versions.

    DVC hands its part over in the environment of the stage; outside an experiment those tags are left out.
    """
    tags = {"host": platform.node(), **made_with()}
    for tag, variable in {
        "dvc.exp_name": "DVC_EXP_NAME",
        "dvc.exp_baseline_rev": "DVC_EXP_BASELINE_REV",
        "dvc.stage": "DVC_STAGE",
    }.items():
        if value := os.environ.get(variable):
            tags[tag] = value
    commit = _git("rev-parse", "HEAD")
    if commit:
        tags["git.commit"] = commit
        # Without the files that the pipeline itself rewrites while it runs: they say nothing about the code.
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ":/", *_NOT_CODE)
        tags["git.dirty"] = str(bool(changed)).lower()
        tags["mlflow.source.git.commit"] = commit  # the column "Version" of the UI
    tags["mlflow.source.name"] = os.environ.get("DVC_STAGE") or Path(sys.argv[0]).name
    tags["mlflow.source.type"] = "LOCAL"
    try:
        tags["mlflow.user"] = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        tags["mlflow.user"] = str(os.getuid())
    return tags


def made_with() -> dict[str, str]:
    """Tags of all that can change bits although code, data and settings are the same: machine, processor, GPU, versions."""
    tags = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}", "cpu": _processor()}
    for library in LIBRARIES:
        try:
            tags[f"version.{library}"] = version(library)
        except PackageNotFoundError:  # the package runs without most of them
            continue
    if torch := sys.modules.get("torch"):
        tags["cpu.capability"] = str(torch.backends.cpu.get_cpu_capability())
        if torch.cuda.is_available():
            tags["gpu"] = str(torch.cuda.get_device_name())
    return tags


def code_changes() -> str:
    """What the work tree has that the commit has not, as a patch for `git apply`, new Python files included; "" where there is nothing.

    Without the parameters, which are recorded by themselves, and without what the pipeline writes.
    """
    changed = _git("diff", *_PATCH, "HEAD", "--", ":/", *_NOT_CODE, f":(exclude,top){PARAMS_FILE}", keep=True) or ""
    new = _git("ls-files", "--others", "--exclude-standard", "-z", "--", "src/*.py", "stages/*.py") or ""
    added = [_git("diff", "--no-index", *_PATCH, "--", os.devnull, name, keep=True, difference=True) for name in new.split("\0") if name]
    return changed + "".join(text or "" for text in added)


def model_sha256(folder: Path) -> str:
    """SHA-256 of the model's weights, ``generator.safetensors`` in ``folder``: what joins training, inference and evaluation.

    Raises:
        UserError: when the file is not there.
    """
    weights = folder / "generator.safetensors"
    try:
        with weights.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise UserError(f"{weights} is missing: train the model first, or fetch it with `dvc pull`.") from None


def data_digest(lock: Path, dataset: str) -> str | None:
    """DVC's hash of the prepared data (``<md5>.dir``), from ``dvc.lock``; None when DVC has not prepared this data set."""
    stage = locked_stages(lock).get(f"prepare@{dataset}")
    return str(stage["outs"][0]["md5"]) if stage else None


def chain_sha256(lock: Path, dataset: str) -> str | None:
    """SHA-256 over the entries of ``dvc.lock`` that lead to the data set's predictions; None while one of them is missing.

    The entries are taken as JSON with sorted keys and no spaces, so that the hash can be made again from any committed ``dvc.lock``.
    """
    stages = locked_stages(lock)
    names = [f"{stage}@{dataset}" for stage in CHAIN]
    if not all(name in stages for name in names):
        return None
    text = json.dumps({name: stages[name] for name in names}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def folder_digest(folder: Path) -> str:
    """DVC's hash of a folder (``<md5>.dir``), under which its cache keeps it: MD5 over the list of its files with theirs.

    Without what Python leaves behind beside its code, which ``.dvcignore`` keeps from DVC.
    """
    kept = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    files = sorted((path.relative_to(folder).as_posix(), path) for path in kept)
    entries = [{"md5": hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest(), "relpath": name} for name, path in files]
    return hashlib.md5(json.dumps(entries, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"


def _processor() -> str:
    """The processor's name, as Linux tells it."""
    try:
        named = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        named = None
    return named[1] if named else platform.processor() or "unknown"


def _git(*arguments: str, keep: bool = False, difference: bool = False) -> str | None:
    """Git's answer in the current folder, None where there is no repository or no Git.

    keep: with the white space at its ends, which belongs to a patch. difference: exit code 1 means that there is one.
    """
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=20, errors="replace")
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode not in ((0, 1) if difference else (0,)):
        return None
    return done.stdout if keep else done.stdout.strip()
