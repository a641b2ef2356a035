"""Whether DVC may add to its cache, which several users of a machine can share."""

import getpass
import os
from pathlib import Path

from pix2pix.errors import UserError

_FOLDERS = ("files", "files/md5", "files/md5/*", "runs", "runs/*")  # in the cache, in which DVC makes files and folders


def check_cache(root: Path) -> None:
    """Check that DVC can keep what a stage makes, before the stage works for hours.

    Raises UserError with the right that is missing, and ModuleNotFoundError without DVC.
    """
    from dvc.config import Config

    cache = Path(Config(str(root / ".dvc"))["cache"].get("dir") or root / ".dvc" / "cache").resolve()
    for folder in (cache, *(found for pattern in _FOLDERS for found in sorted(cache.glob(pattern)))):
        if folder.exists() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise UserError(f"DVC cannot add to its cache: {_missing(folder, cache)}")


def _missing(folder: Path, cache: Path) -> str:
    """The right that this process lacks in the folder, and how to get it."""
    about = folder.stat()
    try:
        owner, group, person = folder.owner(), folder.group(), getpass.getuser()
    except (KeyError, OSError):  # in a container they may have no names
        owner, group, person = str(about.st_uid), str(about.st_gid), str(os.getuid())
    if about.st_uid != os.getuid() and about.st_gid not in (os.getegid(), *os.getgroups()):
        return (
            f"{folder} belongs to {owner} and the group {group}, and {person} is not in that group. "
            f"An administrator types `usermod -aG {group} {person}`, then log in again"
        )
    return (
        f"{folder} of {owner} gives the group {group} no right to write. {owner} types `chmod -R g+rwX {cache}`, "
        "and each person in their clone `dvc config --local cache.shared group`"
    )
