"""The summaries of the active datasets, and no others."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pix2pix.errors import UserError


def read_summaries(folder: Path, datasets: Sequence[str]) -> list[Mapping[str, Any]]:
    """`folder`/<dataset>.json of each dataset, in their order; removes the JSON files of all other datasets.

    Raises UserError where one is missing or damaged, before anything is removed.
    """
    found: list[Mapping[str, Any]] = []
    for dataset in datasets:
        path = folder / f"{dataset}.json"
        try:
            found.append(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as problem:
            raise UserError(f"{path} cannot be read ({problem}): run the stage summary again") from None
    for path in folder.glob("*.json"):
        if path.stem not in datasets:
            path.unlink()
    return found
