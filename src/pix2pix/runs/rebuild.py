"""A chain built again, stage by stage, in a temporary clone: the recorded commit, its changes, the recorded parameters, no run cache."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pix2pix.errors import UserError

_FOREIGN = ("DVC_", "MLFLOW_", "GIT_")  # variables of the process around that would lead the clone elsewhere
_TAIL = 15  # lines of a failed stage's output that are shown


class Rebuild:
    """A clone of the repository at `root` in the new folder `folder`, with the code of `commit` and the changes on top of it.

    Objects of Git are borrowed, not copied, and a commit that no branch leads to will do. DVC's cache is the clone's own and empty.

    Raises:
        UserError: the commit is not in the repository, or the changes do not fit it.
    """

    def __init__(self, root: Path, folder: Path, commit: str, changes: str | None) -> None:
        self._root, self.folder = root, folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN) or name == "DVC_SITE_CACHE_DIR"}
        # `python` of a stage's command is the one that runs this
        self._env = {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        self._git("clone", "--quiet", "--shared", "--no-checkout", str(root.resolve()), str(folder), at=root)
        if self._git("checkout", "--quiet", "--detach", commit, at=folder, must=False) != 0:
            raise UserError(f"{root} has no commit {commit}: fetch it from where the run was made, with `git fetch`")
        if changes and self._git("apply", "--whitespace=nowarn", "-", at=folder, must=False, text=changes) != 0:
            raise UserError(f"the uncommitted changes that the run was made with do not fit commit {commit[:10]}")

    def set_params(self, text: str, dataset: str) -> None:
        """Write the recorded parameters. Only what decides no result is set otherwise: nothing is recorded, and the chain is active."""
        yaml = YAML()
        yaml.width = 4096
        content: Any = yaml.load(text)
        content["tracking"]["enabled"] = False
        if dataset not in content["active"]:
            content["active"].append(dataset)
        out = io.StringIO()
        yaml.dump(content, out)
        (self.folder / "params.yaml").write_text(out.getvalue(), encoding="utf-8")

    def bring(self, cache: Path, path: str, digest: str) -> bool:
        """Put a folder of that hash at `path`, copied from a DVC cache; False where the cache lacks it or part of it."""
        listed = cached(cache, digest)
        if not listed.is_file():
            return False
        entries = [(cached(cache, entry["md5"]), self.folder / path / entry["relpath"]) for entry in json.loads(listed.read_text())]
        if not all(source.is_file() for source, _ in entries):
            return False
        for source, target in entries:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        return True

    def share(self, path: str) -> None:
        """Use a folder of the repository, such as that of published weights, where there is one."""
        source, target = self._root / path, self.folder / path
        if source.is_dir() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(source.resolve())

    def stage(self, name: str) -> None:
        """Run one stage, whatever DVC remembers of it. Raises UserError with the end of its output where it fails."""
        command = [sys.executable, "-m", "dvc", "repro", "--force", "--single-item", "--no-run-cache", name]
        done = subprocess.run(command, cwd=self.folder, env=self._env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise UserError(f"{name} fails when it is built again:\n" + "\n".join(done.stdout.splitlines()[-_TAIL:]))

    @property
    def cache(self) -> Path:
        """DVC's cache of the clone."""
        return self.folder / ".dvc" / "cache" / "files" / "md5"

    def _git(self, *arguments: str, at: Path, must: bool = True, text: str = "") -> int:
        done = subprocess.run(["git", *arguments], cwd=at, env=self._env, input=text, text=True, capture_output=True)
        if must and done.returncode != 0:
            raise UserError(f"git {arguments[0]} fails in {at}: {done.stderr.strip()}")
        return done.returncode


def cached(cache: Path, digest: str) -> Path:
    """Where a DVC cache keeps what has this hash."""
    return cache / digest[:2] / digest[2:]


def files_that_differ(recorded: str, rebuilt: str, cache: Path, other: Path) -> Iterator[str]:
    """Names of the files in which two folders of these hashes differ, as far as the two caches know their lists."""
    lists = []
    for digest, where in ((recorded, cache), (rebuilt, other)):
        file = cached(where, digest)
        if not digest.endswith(".dir") or not file.is_file():
            return
        lists.append({entry["relpath"]: entry["md5"] for entry in json.loads(file.read_text())})
    then, now = lists
    yield from (name for name in sorted(then.keys() | now.keys()) if then.get(name) != now.get(name))
