"""Find the user's repository."""

from pathlib import Path


def repository() -> Path:
    """The current folder or its nearest parent that has a folder .dvc; the current folder where there is none."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / ".dvc").is_dir()), here)
