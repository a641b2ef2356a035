"""DVC experiments and their results, read from Git refs: importing DVC takes a second."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pix2pix.config.settings import flatten
from pix2pix.errors import UserError
from pix2pix.repository.dvc_lock import yaml_mapping
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
    names = [name for it in found for name in (f"{it.commit}:params.yaml", f"{it.commit}:dvc.lock", f"{it.baseline}:params.yaml")]
    contents = {name: yaml_mapping(text) for name, text in zip(names, files_at(root, names), strict=True)}
    chains = [(it, dataset) for it in found for dataset in _active(contents[f"{it.commit}:params.yaml"])]
    measured = files_at(root, [f"{it.commit}:data/metrics/{dataset}.json" for it, dataset in chains])

    def params(it: Experiment) -> dict[str, str]:
        before, after = (_texts(contents[f"{commit}:params.yaml"]) for commit in (it.baseline, it.commit))
        return {key: value for key, value in after.items() if before.get(key) != value}

    changed = {it.commit: params(it) for it in found}
    return [
        ExperimentResult(
            it.name, dataset, it.time, changed[it.commit], _metrics(text, dataset), _predictions(contents[f"{it.commit}:dvc.lock"], dataset)
        )
        for (it, dataset), text in zip(chains, measured, strict=True)
    ]


def _active(params: Mapping[str, Any]) -> list[str]:
    active = params.get("active")
    return [str(dataset) for dataset in active] if isinstance(active, list) else []


def _texts(params: Mapping[str, Any]) -> dict[str, str]:
    return {key: value if isinstance(value, str) else json.dumps(value, default=str) for key, value in flatten(params)}


def _metrics(text: str | None, dataset: str) -> dict[str, float]:
    measured = yaml_mapping(text).get(dataset)
    rows = measured.items() if isinstance(measured, dict) else ()
    return {str(key): float(value) for key, value in rows if isinstance(value, int | float) and key not in ("images", "epochs")}


def _predictions(lock: Mapping[str, Any], dataset: str) -> str:
    stage = (lock.get("stages") or {}).get(f"infer@{dataset}")
    return str(stage["outs"][0]["md5"]) if stage else ""
