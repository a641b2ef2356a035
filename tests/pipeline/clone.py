"""A temporary clone of this checkout, uncommitted work included, with parameters so small that the real pipeline runs in seconds."""

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dvc.repo import Repo
from ruamel.yaml import YAML

from pix2pix.cli.main import main
from pix2pix.system.runtime import fix_arithmetic, limit_spinning
from tests.params import default_params, write_params
from tests.pipeline import forked
from tests.pipeline.imports import ROOT

CHAINS = ("facades", "food")  # one of either kind
STAGES = ("download", "prepare", "train", "infer", "evaluate", "export", "summary")
SECONDS = 600  # that a command may take before it counts as hanging

_YAML = YAML()  # keeps comments
_YAML.width = 4096

_TINY = {"sample_size": 32, "sample_train": 8, "sample_val": 3, "sample_test": 3}
_TINY_ROW = {"epochs": 1, "batch_size": 4, "load_size": 36, "crop_size": 32, "ngf": 4, "ndf": 4}
_GONE = ("dvc.lock", "data/metrics/")  # results of other parameters
_INHERITED = ("HOME", "LANG", "TMPDIR", "USER")  # but nothing that the test run itself, or a Git hook, has set


class Clone:
    """A repository of its own, with its own DVC cache and MLflow store, and the environment of a person who activated the venv."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.apart = apart = root.with_name(f"{root.name}.apart")  # for what Git and DVC otherwise write or read outside the repository
        # No PYTHONPATH: a stage must find the code of its own copy of the repository by itself.
        self.env = {name: os.environ[name] for name in _INHERITED if name in os.environ} | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "DVC_SITE_CACHE_DIR": str(apart / "site"),
            "DVC_GLOBAL_CONFIG_DIR": str(apart / "global"),
            "DVC_SYSTEM_CONFIG_DIR": str(apart / "system"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    @classmethod
    def make(cls, root: Path) -> "Clone":
        """Clone the working tree to `root` with the tests' own parameters, made small, and commit it."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
        )
        for name in listed.stdout.split("\0"):
            if name and not name.startswith(_GONE) and (ROOT / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, root / name)
        clone = cls(root)
        clone.git("init", "--quiet", "--initial-branch=main")
        clone.git("config", "user.name", "A Test")
        clone.git("config", "user.email", "test@example.org")
        params = default_params()
        params["active"] = list(CHAINS)
        params["runtime"]["threads"] = 1  # on a busy machine two threads wait for each other at every tiny sum
        params["tracking"]["enabled"] = False  # MLflow takes seconds to start; tests of runs switch it on
        params["download"] |= _TINY
        for chain in CHAINS:
            params["scales"]["sample"][chain] |= _TINY_ROW
        write_params(root / "params.yaml", params)
        clone.commit("As small as it gets")
        return clone

    def copy(self, root: Path) -> "Clone":
        """The same repository elsewhere, data and DVC's cache included; runs are recorded from the start again."""
        # MLflow's store refers to files by absolute paths, which are those of the original
        shutil.copytree(self.root, root, symlinks=True, ignore=shutil.ignore_patterns("mlflow.db*", "mlruns"))
        return Clone(root)

    def attempt(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the clone, with `more` in its environment. stdout and stderr are one text, as in a terminal."""
        return subprocess.run(
            command, cwd=self.root, env=self.env | more, text=True, timeout=SECONDS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def run(self, *command: str, **more: str) -> str:
        """Run a command that must succeed, and return what it printed."""
        done = self.attempt(*command, **more)
        assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def forked(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """The same for `dvc …` and `python -m stages.…`, in a fraction of the time, in processes that have the libraries imported."""
        self.apart.mkdir(parents=True, exist_ok=True)
        descriptor, printed = tempfile.mkstemp(dir=self.apart)
        os.close(descriptor)
        with patch.dict(os.environ, self.env | more, clear=True):
            fix_arithmetic()
            limit_spinning()  # both as the libraries have read it
            env = dict(os.environ)
        code = forked.run(command, self.root, env, Path(printed), SECONDS)
        return subprocess.CompletedProcess(command, code, Path(printed).read_text())

    def dvc(self, *arguments: str, **more: str) -> str:
        """What a DVC command prints that must succeed."""
        done = self.forked("dvc", *arguments, **more)
        assert done.returncode == 0, f"dvc {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def git(self, *arguments: str) -> str:
        """Run a Git command that must succeed."""
        return self.run("git", *arguments)

    def pix2pix(self, *arguments: str, code: int = 0, **more: str) -> str:
        """What a command of `pix2pix` prints that must end with `code`. In this process, as a start takes longer than most commands."""
        said = io.StringIO()
        wide = {"COLUMNS": "1000"}  # a row of a table is a line, whatever terminal the tests run in
        with self.entered(**wide | more), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                ended = main(arguments)
            except SystemExit as end:
                ended = int(end.code or 0)
        assert ended == code, said.getvalue()
        return said.getvalue()

    @contextlib.contextmanager
    def entered(self, **more: str) -> Iterator[None]:
        """This process works in the clone, with its environment."""
        with patch.dict(os.environ, self.env | more), contextlib.chdir(self.root):
            yield

    def changed(self) -> dict[str, Any]:
        """What `dvc status` says, by stage. In this process, as above."""
        with self.entered(), Repo() as repo:
            return dict(repo.status())

    def stage(self, *arguments: str, **more: str) -> str:
        """Run one stage by hand, as dvc.yaml does, and return what it prints."""
        stage, *dataset = arguments
        done = self.forked("python", "-m", f"stages.{stage}", *dataset, **more)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def record(self, empty_store: Path) -> None:
        """Record runs from now on, in a copy of this store."""
        self.set("tracking.enabled", True)
        shutil.copy(empty_store, self.root / "mlflow.db")

    def commit(self, message: str) -> None:
        """Commit everything that Git does not ignore."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def set(self, key: str, value: object) -> None:
        """Set a key of params.yaml, spelled with dots; the rest of the file stays as it is."""
        path = self.root / "params.yaml"
        params = group = _YAML.load(path)
        *sections, name = key.split(".")
        for section in sections:
            group = group[section]
        assert name in group, f"params.yaml has no key {key}"
        group[name] = value
        _YAML.dump(params, path)

    def metrics(self, dataset: str) -> dict[str, Any]:
        """What the evaluation of a dataset measured."""
        measured: dict[str, Any] = json.loads((self.root / "data/metrics" / f"{dataset}.json").read_text())[dataset]
        return measured

    def edges(self) -> list[tuple[str, str]]:
        """DVC's graph: (stage, stage that needs it)."""
        return re.findall(r'"(.+?)" -> "(.+?)"', self.dvc("dag", "--dot"))


def executed(output: str) -> list[str]:
    """Stages whose command `dvc repro` or `dvc exp run` executed, in order."""
    return re.findall(r"^Running stage '(.+?)'", output, re.MULTILINE)


def restored(output: str) -> list[str]:
    """Stages whose outputs came back from DVC's run cache."""
    return re.findall(r"^Stage '(.+?)' is cached - skipping run", output, re.MULTILINE)


def every(*stages: str, chains: tuple[str, ...] = CHAINS) -> set[str]:
    """Names of these stages of each chain."""
    return {f"{stage}@{chain}" for stage in stages for chain in chains}
