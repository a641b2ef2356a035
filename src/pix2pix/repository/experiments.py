"""DVC experiments and their results, read from Git refs: importing DVC takes a second."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pix2pix.config.settings import flatten
from pix2pix.errors import UserError
from pix2pix.repository.dvc_lock import hashes_in, yaml_mapping
from pix2pix.repository.git import files_at, git

_REF = r"(?P<commit>\w+) (?P<time>\d+) refs/exps/(?P<baseline>[0-9a-f]{2}/[0-9a-f]+)/(?P<name>[^/]+)"


@dataclass(frozen=True)
class Experiment:
    """A DVC experiment that succeeded.

    Attributes:
        name: its name in DVC; experiments of different baselines may have the same name.
        commit: the commit that stores it, which is on no branch.
        baseline: the commit it started from.
        time: of `commit`, in seconds since 1970.
    """

    name: str
    commit: str
    baseline: str
    time: int


@dataclass(frozen=True)
class ExperimentResult:
    """The result of one experiment for one dataset.

    Attributes:
        name: of the experiment.
        dataset: the dataset.
        time: of the experiment's commit, in seconds since 1970.
        params: dotted key -> value, as text, of the parameters that differ from the baseline.
        metrics: from `data/metrics/<dataset>.json`, without `images` and `epochs`; empty if there is no such file.
        predictions: DVC's hash of the predictions (`<md5>.dir`), "" if its dvc.lock has none.
    """

    name: str
    dataset: str
    time: int
    params: dict[str, str]
    metrics: dict[str, float]
    predictions: str


def experiments(root: Path) -> list[Experiment]:
    """The experiments of the Git repository at `root`, newest first; empty if it is no Git repository."""
    listing = ["for-each-ref", "--sort=-committerdate", "--format=%(objectname) %(committerdate:unix) %(refname)", "refs/exps"]
    matches = (re.fullmatch(_REF, line) for line in (git(root, *listing) or "").splitlines())
    return [
        Experiment(match["name"], match["commit"], match["baseline"].replace("/", ""), int(match["time"])) for match in matches if match
    ]


def find_experiment(name: str, root: Path) -> str | None:
    """Commit of the experiment `name`, or None. An experiment with the current commit as its baseline is preferred.

    Raises UserError if several experiments have the name, none of them with the current commit as its baseline.
    """
    named = {it.baseline: it.commit for it in experiments(root) if it.name == name}
    head = git(root, "rev-parse", "HEAD") or ""
    if len(named) > 1 and head not in named:
        commits = " or ".join(sorted(commit[:10] for commit in named.values()))
        raise UserError(f"several DVC experiments are called {name}: name one by its commit, {commits}")
    return named.get(head) or next(iter(named.values()), None)


def experiment_results(root: Path) -> list[ExperimentResult]:
    """One result for each experiment and each dataset active in it, the newest experiment first."""
    found = experiments(root)
    params = _mappings([commit for it in found for commit in (it.baseline, it.commit)], "params.yaml", root)
    locks = _mappings([it.commit for it in found], "dvc.lock", root)
    chains = [(it, dataset) for it in found for dataset in _active(params[it.commit])]
    measured = files_at(root, [f"{it.commit}:./data/metrics/{dataset}.json" for it, dataset in chains])

    results = []
    for (it, dataset), text in zip(chains, measured, strict=True):
        before, after = (_texts(params[commit]) for commit in (it.baseline, it.commit))
        changed = {key: value for key, value in after.items() if before.get(key) != value}
        made = _outputs(params[it.commit], locks[it.commit]).get(dataset, {})
        results.append(ExperimentResult(it.name, dataset, it.time, changed, _metrics(text, dataset), made.get("predictions", "")))
    return results


def outputs_at(commits: Sequence[str], root: Path) -> dict[str, dict[str, dict[str, str]]]:
    """Commit -> dataset that is active there -> folder of an output, such as `models` -> DVC's hash of the output, from dvc.lock."""
    params, locks = _mappings(commits, "params.yaml", root), _mappings(commits, "dvc.lock", root)
    return {commit: _outputs(params[commit], locks[commit]) for commit in commits}


def predictions_at(commit: str, root: Path, dataset: str | None) -> tuple[str, str]:
    """(dataset, DVC's hash of its predictions), from the dvc.lock of a commit.

    Raises UserError if it has no such predictions, or if `dataset` is None and it has those of several active datasets.
    """
    outputs = outputs_at([commit], root)[commit]
    digests = {name: outs["predictions"] for name, outs in outputs.items() if "predictions" in outs}
    if dataset is None and len(digests) > 1:
        raise UserError(f"{commit[:10]} has predictions of {', '.join(digests)}: choose one with --dataset")
    chosen = dataset or next(iter(digests), None)
    if chosen not in digests:
        raise UserError(f"{commit[:10]} has no predictions{f' of {dataset}' if dataset else ''} in its dvc.lock: run `dvc repro` there")
    return chosen, digests[chosen]


def _mappings(commits: Iterable[str], name: str, root: Path) -> dict[str, dict[str, Any]]:
    """Commit -> content of the YAML file `name` beside .dvc, which may be in a subfolder of the Git repository."""
    distinct = list(dict.fromkeys(commits))
    return {
        commit: yaml_mapping(text) for commit, text in zip(distinct, files_at(root, [f"{it}:./{name}" for it in distinct]), strict=True)
    }


def _outputs(params: Mapping[str, Any], lock: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """See `outputs_at`. DVC keeps entries of datasets that are not active any more."""
    found: dict[str, dict[str, str]] = {}
    active = _active(params)
    for name, entry in (lock.get("stages") or {}).items():
        dataset = name.partition("@")[2]
        if dataset and (not active or dataset in active):
            for path, md5 in hashes_in(entry).items():
                found.setdefault(dataset, {}).setdefault(PurePosixPath(path).parent.name, md5)
    return found


def _active(params: Mapping[str, Any]) -> list[str]:
    active = params.get("active")
    return [str(dataset) for dataset in active] if isinstance(active, list) else []


def _texts(params: Mapping[str, Any]) -> dict[str, str]:
    return {key: value if isinstance(value, str) else json.dumps(value, default=str) for key, value in flatten(params)}


def _metrics(text: str | None, dataset: str) -> dict[str, float]:
    measured = yaml_mapping(text).get(dataset)
    rows = measured.items() if isinstance(measured, dict) else ()
    return {str(key): float(value) for key, value in rows if isinstance(value, int | float) and key not in ("images", "epochs")}
