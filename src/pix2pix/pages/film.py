"""The sample sheets of a training, by epoch."""

import re
from pathlib import Path


def sample_sheets(folder: Path) -> list[tuple[int, Path]]:
    """Epoch and path of each `epoch-<number>.png` in a folder, ordered by epoch. Empty if there is no folder."""
    return sorted((int(match[1]), path) for path in folder.glob("epoch-*.png") if (match := re.fullmatch(r"epoch-(\d+)", path.stem)))
