"""What a trained model says of itself, read without building it."""

import json
from pathlib import Path
from typing import Any

from pix2pix.errors import UserError

DESCRIPTION = "model.json"


def describe(folder: Path) -> dict[str, Any]:
    """Content of `model.json`. Raises UserError for a folder that is no model."""
    try:
        description: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{folder} is no trained model: {DESCRIPTION} is missing, which the stage train writes") from None
    except ValueError as error:
        raise UserError(f"{folder / DESCRIPTION} is damaged ({error}); train the model again") from None
    return description
