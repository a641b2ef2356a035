"""The paths of the pipeline's files. No other module names a path below data/."""

import os
from pathlib import Path

PARAMS = Path("params.yaml")
LOCK = Path("dvc.lock")
DATA = Path("data")
CHECKED = DATA / ".checked"
NOISE = DATA / "noise"
METRICS = DATA / "metrics"
REPORT = DATA / "report"
SUMMARIES = DATA / "summaries"


def raw(dataset: str) -> Path:
    """Folder of the downloaded archive."""
    return DATA / "raw" / dataset


def prepared(dataset: str) -> Path:
    """Folder of the packed images."""
    return DATA / "prepared" / dataset


def model(dataset: str) -> Path:
    """Folder of the trained generator."""
    return DATA / "models" / dataset


def history(dataset: str) -> Path:
    """CSV file with a row for each epoch."""
    return DATA / "history" / f"{dataset}.csv"


def samples(dataset: str) -> Path:
    """Folder of the sample sheets of a training."""
    return DATA / "samples" / dataset


def predictions(dataset: str) -> Path:
    """Folder of the outputs for the evaluation split."""
    return DATA / "predictions" / dataset


def metrics(dataset: str) -> Path:
    """JSON file of the metrics, kept in Git."""
    return METRICS / f"{dataset}.json"


def image_metrics(dataset: str) -> Path:
    """CSV file of the metrics of each image."""
    return METRICS / f"{dataset}.csv"


def evaluation(dataset: str) -> Path:
    """JSON file of the metrics beside those of the baselines."""
    return DATA / "evaluation" / f"{dataset}.json"


def summary(dataset: str) -> Path:
    """JSON file with what the report shows of a dataset."""
    return SUMMARIES / f"{dataset}.json"


def gallery(dataset: str) -> Path:
    """Page of all images of the evaluation split with their metrics."""
    return DATA / "gallery" / f"{dataset}.html"


def export(dataset: str) -> Path:
    """Folder of the exported model and its card."""
    return DATA / "export" / dataset


def weights() -> Path:
    """Folder of published weights, fetched once for all experiments."""
    return root() / "data" / "weights"


def root() -> Path:
    """The user's repository. DVC runs some experiments in a temporary copy, and names the original in DVC_ROOT."""
    return Path(os.environ.get("DVC_ROOT") or Path.cwd()).resolve()


def resume() -> Path:
    """Folder of checkpoints, partial downloads and records not yet sent to MLflow; in the user's repository, never in a temporary copy."""
    return root() / ".resume"
