"""Rebuild a chain, stage by stage, in a temporary clone with the recorded commit, changes and parameters, without DVC's run cache."""

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pix2pix.config.constraints import NAME
from pix2pix.errors import UserError
from pix2pix.repository.cache import cached_files
from pix2pix.repository.chain import OUTSIDE
from pix2pix.repository.digests import files_in, is_inside
from pix2pix.repository.git import GitError, find_commit, run_git
from pix2pix.system.atomic_write import write_text

_FOREIGN = ("DVC_", "MLFLOW_", "GIT_")  # prefixes of variables that would redirect Git, DVC or MLflow in the clone
_TAIL = 15  # lines of a failed stage's output that are shown


class Rebuild:
    """A clone of the repository `root` in the new folder `folder`, at `commit`, with `changes` (a patch) applied.

    The clone shares Git's objects with `root`, so `commit` needs no branch. It has its own, empty DVC cache.

    Raises:
        UserError: the commit is not in the repository, or the patch does not apply.
    """

    def __init__(self, root: Path, folder: Path, commit: str, changes: str | None) -> None:
        self._root, self.folder = root, folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN) or name == "DVC_SITE_CACHE_DIR"}
        # a stage's `python` is the interpreter that runs this
        self._env = {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        source = [str(root.resolve()), str(folder.resolve())]
        self._git(root, "clone", "--quiet", "--shared", "--no-checkout", *source, failure=f"{root} cannot be cloned")
        gone = f"{root} has no commit {commit}: fetch it from where the run was made, with `git fetch`"
        found = find_commit(commit, root)  # not the text itself, which Git could take for an option
        if found is None:
            raise UserError(gone)
        self._git(folder, "checkout", "--quiet", "--detach", found, failure=gone)
        if changes:
            misfit = f"the uncommitted changes that the run was made with do not fit commit {commit[:10]}"
            self._git(folder, "apply", "--whitespace=nowarn", "-", stdin=changes.encode(), failure=misfit)

    def set_params(self, text: str, dataset: str) -> None:
        """Write the recorded parameters, changed where it affects no result: tracking and Dask are off, and only `dataset` is active.

        A model outside the repository, from which the training started, is expected at `OUTSIDE`.

        Raises UserError for parameters that are damaged, and a dataset's name that is none: DVC makes it part of a shell command.
        """
        if not re.fullmatch(NAME, dataset):
            raise UserError(f"{dataset} is no dataset's name, which has letters, digits, - and _")
        yaml, out = YAML(), io.StringIO()
        yaml.width = 4096
        try:
            content: Any = yaml.load(text)
            content["tracking"]["enabled"] = False
            content["active"].clear()
            content["active"].append(dataset)
            if content.get("prepare", {}).get("dask") is not None:
                content["prepare"]["dask"] = None  # a scheduler's address: it could make the workers here run anything
            if not is_inside(content.get("train", {}).get("start_from", OUTSIDE)):
                content["train"]["start_from"] = OUTSIDE
            yaml.dump(content, out)
        except (YAMLError, TypeError, KeyError, AttributeError, ValueError, RecursionError) as problem:
            raise UserError(f"the recorded params.yaml is damaged ({type(problem).__name__}: {problem})") from None
        write_text(self.folder / "params.yaml", out.getvalue())

    def fetch(self, cache: Path, path: str, digest: str) -> bool:
        """Copy the folder with this hash from a DVC cache to `path` in the clone. False if the cache lacks it or part of it."""
        files = cached_files(cache, digest)
        self._copy(files or {}, path)
        return files is not None

    def copy(self, folder: Path, path: str) -> None:
        """Copy a folder to `path` in the clone."""
        self._copy({file.relative_to(folder).as_posix(): file for file in files_in(folder)}, path)

    def _copy(self, files: Mapping[str, Path], path: str) -> None:
        for name, source in files.items():
            target = self.folder / path / name
            if not target.resolve().is_relative_to(self.folder.resolve()):  # the commit may have a link there
                raise UserError(f"{path}/{name} leads out of the clone")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)

    def link(self, path: str) -> None:
        """Link to a folder of the repository, such as that of published weights, if it exists."""
        source, target = self._root / path, self.folder / path
        if source.is_dir() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(source.resolve())

    def stage(self, name: str) -> None:
        """Run one stage, without DVC's run cache. Raises UserError with the end of its output if it fails."""
        command = [sys.executable, "-m", "dvc", "repro", "--force", "--single-item", "--no-run-cache", name]
        done = subprocess.run(command, cwd=self.folder, env=self._env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise UserError(f"{name} fails when it is built again:\n" + "\n".join(done.stdout.splitlines()[-_TAIL:]))

    @property
    def cache(self) -> Path:
        """DVC cache of the clone."""
        return self.folder / ".dvc" / "cache" / "files" / "md5"

    def _git(self, at: Path, *arguments: str, failure: str, stdin: bytes = b"") -> None:
        try:
            run_git(at, *arguments, stdin=stdin, env=self._env)
        except GitError as problem:
            raise UserError(f"{failure} ({problem})") from None
