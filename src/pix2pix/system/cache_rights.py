"""Whether DVC may add to its cache, which several users of a machine can share."""

import getpass
import os
import stat
from contextlib import suppress
from itertools import chain
from pathlib import Path

from pix2pix.errors import UserError

_FOLDERS = ("files", "files/md5", "files/md5/*", "runs", "runs/*")  # in the cache, in which DVC makes files and folders


def check_cache(root: Path) -> None:
    """Check that DVC can keep what a stage makes, before the stage works for hours, and that a group whose cache it is can add to it.

    Raises UserError with the right that is missing, and ModuleNotFoundError without DVC.
    """
    from dvc.config import Config

    config = Config(str(root / ".dvc"))["cache"]
    cache = Path(config.get("dir") or root / ".dvc" / "cache").resolve()
    if not cache.is_dir():
        return
    folders = (found for pattern in _FOLDERS for found in sorted(cache.glob(pattern)) if found.is_dir())
    for folder in chain([cache], folders):  # a folder is checked before those in it are listed
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise UserError(f"DVC cannot add to its cache: {_missing(folder, cache)}")
    os.umask(mask := os.umask(0))
    about, attributes = cache.stat(), list[str]()
    with suppress(OSError, AttributeError):  # not every system has them
        attributes = os.listxattr(cache)
    of_others = about.st_gid != os.getegid() and "system.posix_acl_default" not in attributes  # an ACL gives the right by itself
    # Without the setgid bit nobody shares the cache on purpose: the group's right may come from the umask of its maker alone.
    is_shared = about.st_mode & stat.S_ISGID
    if about.st_mode & mask & stat.S_IWGRP and is_shared and of_others and config.get("shared") != "group":
        raise UserError(
            f"a group may write to DVC's cache {cache}, but not to the folders that DVC would make there for you: "
            "type `dvc config --local cache.shared group` first"
        )


def _missing(folder: Path, cache: Path) -> str:
    """The right that this process lacks in the folder, and how to get it."""
    about = cache.stat()
    if folder.stat().st_uid == os.geteuid():
        return f"{folder} is yours, but read-only: `chmod u+rwx {folder}`, unless its whole disk is"
    try:
        owner, group, person = folder.owner(), cache.group(), getpass.getuser()
    except (KeyError, OSError):  # in a container they may have no names
        owner, group, person = str(folder.stat().st_uid), str(about.st_gid), str(os.getuid())
    if not about.st_mode & stat.S_IWGRP:
        return f"{folder} belongs to {owner}. `sudo chown -R {person} {cache}` makes it yours; docs/guide/team.md says how to share one"
    if about.st_gid not in (os.getegid(), *os.getgroups()):
        return f"it is for the group {group}, and {person} is not in it. `sudo usermod -aG {group} {person}`, then log in again"
    return (
        f"{folder} of {owner} gives the group {group} no right to write. {owner} types `find {cache} -type d -user {owner} "
        f"-exec chgrp {group} {{}} + -exec chmod g+rwxs {{}} +`, and each person in their clone `dvc config --local cache.shared group`"
    )
