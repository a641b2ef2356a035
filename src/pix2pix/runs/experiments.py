"""What DVC's experiments came to, chain by chain: also of those that MLflow knows nothing of."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pix2pix.repository.dvc_lock import yaml_mapping
from pix2pix.repository.experiments import Experiment, experiments, files_at


@dataclass(frozen=True)
class Result:
    """One chain of one experiment.

    Attributes:
        name: the experiment's.
        dataset: the chain's.
        time: when the experiment was kept, in seconds since 1970.
        params: those in which it differs from the commit that it started from, as JSON writes them.
        metrics: as in `data/metrics/<dataset>.json`; none where there is no such file.
        predictions: DVC's hash of its pictures (`<md5>.dir`), "" where its dvc.lock has none.
    """

    name: str
    dataset: str
    time: int
    params: dict[str, str]
    metrics: dict[str, float]
    predictions: str


def results(root: Path) -> list[Result]:
    """The chains that were active in each experiment of the repository, the newest experiment first."""
    found = experiments(root)
    names = [f"{commit}:{file}" for it in found for commit, file in _files(it)]
    texts = dict(zip(names, files_at(root, names), strict=True))
    chains = [(it, dataset) for it in found for dataset in _active(texts[f"{it.commit}:params.yaml"])]
    measured = files_at(root, [f"{it.commit}:data/metrics/{dataset}.json" for it, dataset in chains])
    locks = {it.commit: yaml_mapping(texts[f"{it.commit}:dvc.lock"]) for it in found}
    params = {it.commit: _differences(_flat(texts[f"{it.baseline}:params.yaml"]), _flat(texts[f"{it.commit}:params.yaml"])) for it in found}
    return [
        Result(it.name, dataset, it.time, params[it.commit], _metrics(metrics, dataset), _predictions(locks[it.commit], dataset))
        for (it, dataset), metrics in zip(chains, measured, strict=True)
    ]


def _files(it: Experiment) -> Iterator[tuple[str, str]]:
    yield it.commit, "params.yaml"
    yield it.commit, "dvc.lock"
    yield it.baseline, "params.yaml"


def _active(params: str | None) -> list[str]:
    active = yaml_mapping(params).get("active")
    return [str(dataset) for dataset in active] if isinstance(active, list) else []


def _flat(params: str | None) -> dict[str, str]:
    def flatten(tree: Mapping[Any, Any], prefix: str) -> Iterator[tuple[str, str]]:
        for key, value in tree.items():
            if isinstance(value, dict):
                yield from flatten(value, f"{prefix}{key}.")
            else:
                yield f"{prefix}{key}", value if isinstance(value, str) else json.dumps(value, default=str)

    return dict(flatten(yaml_mapping(params), ""))


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in after.items() if before.get(key) != value}


def _metrics(text: str | None, dataset: str) -> dict[str, float]:
    measured = yaml_mapping(text).get(dataset)
    rows = measured.items() if isinstance(measured, dict) else ()
    return {str(key): float(value) for key, value in rows if isinstance(value, int | float) and key not in ("images", "epochs")}


def _predictions(lock: Mapping[str, Any], dataset: str) -> str:
    stage = (lock.get("stages") or {}).get(f"infer@{dataset}")
    return str(stage["outs"][0]["md5"]) if stage else ""
