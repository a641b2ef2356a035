"""Read the summaries of the active datasets."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pix2pix.errors import UserError


def read_summaries(folder: Path, datasets: Sequence[str]) -> list[Mapping[str, Any]]:
    """Read `folder`/<dataset>.json of each dataset, in order; then delete the JSON files of other datasets.

    Raises UserError if one is missing or damaged; nothing is deleted then.
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
