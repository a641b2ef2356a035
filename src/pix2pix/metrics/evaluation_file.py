"""Read data/evaluation/<dataset>.json, in the current format and in that of earlier versions."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pix2pix.metrics.labels import IDENTITY, MEAN, REFERENCE

_OLD_NAMES = {"input copied": IDENTITY, "grey": IDENTITY, "mean picture": MEAN, "real against real": REFERENCE}


def read_evaluation(path: Path) -> Mapping[str, Any]:
    """The content of the file, with old names replaced by current ones.

    Keys: `metrics` of the model; `rows` of the model, the baselines and the reference, each with its `name`; `intervals` by row and metric;
    `differences` of the model by baseline and metric, empty in a file from before December 2026; `resize`; `caution`; `images`, the
    metrics of each image. Raises OSError if it cannot be read, ValueError if it is another file.
    """
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    rows = found.pop("rows", found.pop("answers", None))  # `answers`, and `answer` in each, before November 2026
    if not isinstance(rows, list) or not all(isinstance(row, dict) and (row.get("name") or row.get("answer")) for row in rows):
        raise ValueError("no `rows` with a `name` each")
    found["rows"] = [{"name": _today(row.pop("answer", None) or row["name"]), **row} for row in rows]
    found["intervals"] = {_today(name): bounds for name, bounds in found.get("intervals", {}).items()}
    found.setdefault("differences", {})
    return found


def _today(name: str) -> str:
    return _OLD_NAMES.get(name, name)


def row(evaluation: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The row with this name; empty if there is none."""
    return next((row for row in evaluation.get("rows", ()) if row["name"] == name), {})


def measured_metrics(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """The model's metrics without the counts `images` and `epochs`."""
    return {key: value for key, value in evaluation["metrics"].items() if key not in ("images", "epochs")}
