"""Which parameters a run shows. MLflow lists all that it has, and most of ours say nothing about a run.

Those that have their default value, or affect no result, go into a tag that MLflow's pages do not show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import TYPE_CHECKING

from pix2pix.config.params_file import SECTIONS

if TYPE_CHECKING:
    from mlflow.entities import Run

NO_DIFFERENCE = re.compile(r"(active|licence)$|tracking\.")  # parameters that do not affect a run's result
HIDDEN = "mlflow.pix2pix.defaults"  # the tag; MLflow's pages leave out tags whose names begin with mlflow
Scalar = str | int | float | bool | None


def as_text(value: Scalar) -> str:
    """The value as it is recorded: JSON text, a text as it is."""
    return value if isinstance(value, str) else json.dumps(value)


def split(params: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The parameters that are shown, and the others."""
    hidden = {key: value for key, value in params.items() if NO_DIFFERENCE.match(key) or _defaults().get(key) == value}
    return {key: value for key, value in params.items() if key not in hidden}, hidden


def recorded_params(run: Run) -> dict[str, str]:
    """All parameters of a run. Others may have written the record: a tag that is no mapping of texts counts as empty."""
    try:
        hidden = json.loads(run.data.tags.get(HIDDEN, "{}"))
    except (ValueError, RecursionError):
        hidden = {}
    texts = {key: value for key, value in hidden.items() if isinstance(value, str)} if isinstance(hidden, dict) else {}
    return dict(sorted({**texts, **run.data.params}.items()))


@cache
def _defaults() -> dict[str, str]:
    """Defaults of the keys in the sections of params.yaml, but for the learning rate: runs are compared by it, so it is always shown."""
    return {
        f"{name}.{field.name}": as_text(str(list(field.default)) if isinstance(field.default, tuple) else field.default)
        for name, section in SECTIONS.items()
        for field in fields(section)
        if field.default is not MISSING and field.name != "lr"
    }
