"""Every path of the pipeline's files; no other module spells data/…"""

import os
from pathlib import Path

PARAMS = Path("params.yaml")
LOCK = Path("dvc.lock")
DATA = Path("data")
CHECKED = DATA / ".checked"
METRICS = DATA / "metrics"
REPORT = DATA / "report"
SUMMARIES = DATA / "summaries"


def raw(dataset: str) -> Path:
    """Folder of the archive as it came."""
    return DATA / "raw" / dataset


def prepared(dataset: str) -> Path:
    """Folder of the packed images."""
    return DATA / "prepared" / dataset


def model(dataset: str) -> Path:
    """Folder of the trained generator."""
    return DATA / "models" / dataset


def history(dataset: str) -> Path:
    """Table with a row for each epoch."""
    return DATA / "history" / f"{dataset}.csv"


def samples(dataset: str) -> Path:
    """Folder of the sample sheets of a training."""
    return DATA / "samples" / dataset


def predictions(dataset: str) -> Path:
    """Folder of the outputs for the evaluation split."""
    return DATA / "predictions" / dataset


def metrics(dataset: str) -> Path:
    """Measurements, in Git."""
    return METRICS / f"{dataset}.json"


def image_metrics(dataset: str) -> Path:
    """Measurements of each image."""
    return METRICS / f"{dataset}.csv"


def evaluation(dataset: str) -> Path:
    """Measurements beside those of the baselines."""
    return DATA / "evaluation" / f"{dataset}.json"


def summary(dataset: str) -> Path:
    """What the report shows of it."""
    return SUMMARIES / f"{dataset}.json"


def export(dataset: str) -> Path:
    """Folder of the exported model and its card."""
    return DATA / "export" / dataset


def weights() -> Path:
    """Folder of published weights, fetched once for all experiments."""
    return root() / "data" / "weights"


def root() -> Path:
    """The repository that the person works in: DVC runs some experiments in a temporary copy, and names the real one."""
    return Path(os.environ.get("DVC_ROOT") or Path.cwd()).resolve()


def resume() -> Path:
    """What a killed training goes on from, and what a cut download goes on from; outlives temporary copies."""
    return root() / ".resume"
