"""Pictures of other revisions from DVC's cache: nothing is checked out, and the workspace stays as it is."""

import json
import logging
from pathlib import Path, PurePosixPath
from typing import Any

from pix2pix.compare.source import Source, by_stem
from pix2pix.data.prediction_folders import INPUTS, TARGETS
from pix2pix.errors import UserError
from pix2pix.repository.dvc_lock import stages_in
from pix2pix.repository.experiments import experiments, git

STAGE = "infer"


def find_experiment(name: str, root: Path) -> str | None:
    """Commit of the DVC experiment of this name; that of the current commit wins over those of others.

    Raises UserError where several of other commits have the name. None where there is none.
    """
    named = {it.baseline: it.commit for it in experiments(root) if it.name == name}
    head = git(root, "rev-parse", "HEAD") or ""
    if len(named) > 1 and head not in named:
        commits = " or ".join(sorted(commit[:10] for commit in named.values()))
        raise UserError(f"several DVC experiments are called {name}: name one by its commit, {commits}")
    return named.get(head) or next(iter(named.values()), None)


def find_commit(text: str, root: Path) -> str | None:
    """The commit of a branch, a tag, `HEAD~1` and the like; None for what is no revision."""
    return None if text.startswith("-") else git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", text + "^{commit}")


def predictions_at(commit: str, root: Path, dataset: str | None) -> tuple[str, str]:
    """(dataset, DVC's hash of its predictions) by the dvc.lock of a commit.

    Raises UserError where it has no such predictions, or of several data sets while `dataset` names none.
    """
    locked = stages_in(git(root, "show", f"{commit}:dvc.lock"))
    stages: dict[str, Any] = {name: stage for name, stage in locked.items() if name.startswith(f"{STAGE}@")}
    have = {name.removeprefix(f"{STAGE}@"): str(stage["outs"][0]["md5"]) for name, stage in stages.items()}
    if dataset is None and len(have) > 1:
        raise UserError(f"{commit[:10]} has predictions of {', '.join(have)}: choose one with --dataset")
    chosen = dataset or next(iter(have), None)
    if chosen not in have:
        raise UserError(f"{commit[:10]} has no predictions{f' of {dataset}' if dataset else ''} in its dvc.lock: run `dvc repro` there")
    return chosen, have[chosen]


def from_cache(digest: str, root: Path, *, name: str, origin: str) -> Source:
    """The pictures of a predictions folder by DVC's hash (`<md5>.dir`), from the cache or else from the default remote.

    Raises UserError where they are in neither.
    """
    # DVC takes a second to import, and plain folders do not need it
    from dvc.config import NoRemoteError
    from dvc.exceptions import DvcException
    from dvc.repo import Repo
    from dvc_data.hashfile.hash_info import HashInfo

    logging.getLogger("dvc").setLevel(logging.ERROR)  # what is missing is told below, once
    try:
        repo = Repo(str(root))
    except DvcException as problem:
        raise UserError(f"{origin}: {problem}") from None
    cache, why = Path(repo.cache.local.path), "which lacks them"
    try:
        if not _cached(cache, digest).is_file():
            repo.cloud.pull([HashInfo("md5", digest)])  # the list of files, then the files
        gone = [md5 for md5 in _listed(cache, digest).values() if not _cached(cache, md5).is_file()]
        if gone:
            repo.cloud.pull([HashInfo("md5", md5) for md5 in gone])
    except NoRemoteError:
        why = "none is set up"
    except Exception as problem:  # a remote can fail in any way, down to its network
        why = str(problem).partition("\n")[0] or type(problem).__name__
    files = {name: _cached(cache, md5) for name, md5 in _listed(cache, digest).items()}
    if not files or not all(file.is_file() for file in files.values()):
        raise UserError(
            f"the pictures of {origin} ({digest}) are neither in DVC's cache nor in its remote ({why}): bring them with `dvc pull` or "
            f"`dvc exp pull` where they were pushed, or make them again: `dvc exp apply {name}` or `git checkout`, then `dvc repro`"
        )
    parts: dict[str, list[tuple[str, Path]]] = {".": [], INPUTS: [], TARGETS: []}
    for relpath, file in files.items():
        path = PurePosixPath(relpath)
        parts.get(path.parent.as_posix(), []).append((path.name, file))
    outputs, inputs, targets = (by_stem(part, origin) for part in parts.values())
    return Source(name, origin, outputs, targets, inputs)


def _cached(cache: Path, digest: str) -> Path:
    return cache / digest[:2] / digest[2:]


def _listed(cache: Path, digest: str) -> dict[str, str]:
    """Name -> MD5 of the files of a folder; nothing where the cache lacks the list."""
    try:
        listed = json.loads(_cached(cache, digest).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {str(entry["relpath"]): str(entry["md5"]) for entry in listed}
