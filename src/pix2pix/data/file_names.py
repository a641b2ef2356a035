"""Validate the names of archive members: none may lead outside the target folder, or collide with another on any file system."""

import re
import unicodedata
from pathlib import PurePosixPath

_DRIVE = re.compile("^[A-Za-z]:")
_MAX_NAME_BYTES = 255  # of one component: the limit of common file systems
_MAX_PATH_BYTES = 1024  # of the whole name: leaves room below PATH_MAX for the target folder


class BadName(ValueError):
    """The name is not valid. The message is the reason, worded to follow the names of archive and member."""


def safe_parts(name: str) -> tuple[str, ...]:
    """The components of an archive member's name, `.` and doubled slashes dropped; () for the archive's root itself.

    Raises BadName for absolute names, drive letters, `..`, backslashes, control characters, names that are not UTF-8, and lengths
    beyond the limits of file systems.
    """
    try:
        encoded = name.encode("utf-8")
    except UnicodeEncodeError:
        raise BadName("its name is not UTF-8; rename the file") from None
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        raise BadName("its name holds a control character")
    if "\\" in name:
        raise BadName("its name holds a backslash")
    if name.startswith("/"):
        raise BadName("its name is absolute and could land anywhere on the disk")
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if ".." in parts:
        raise BadName("its name climbs out of the folder with '..'")
    if parts and _DRIVE.match(parts[0]):
        raise BadName("its name begins with a drive letter")
    if len(encoded) > _MAX_PATH_BYTES or any(len(part.encode()) > _MAX_NAME_BYTES for part in parts):
        raise BadName(f"its name is too long (over {_MAX_NAME_BYTES} bytes a part or {_MAX_PATH_BYTES} in all)")
    return parts


class UniqueNames:
    """Checks the names of one archive in turn: each must be valid, and must not collide with an earlier one on any file system."""

    def __init__(self) -> None:
        self._spelling: dict[str, str] = {}  # folded path -> the path as first spelled; files and the folders above them
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def admit(self, name: str) -> PurePosixPath:
        """The relative path of the file `name`.

        Raises BadName for a name that `safe_parts` refuses, a repeated name, one that differs from an earlier one only by case or Unicode
        normalisation (on macOS and Windows one would overwrite the other), and one that is a file here and a folder there.
        """
        parts = safe_parts(name)
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            first = self._spelling.setdefault(unicodedata.normalize("NFC", path).casefold(), path)
            if first != path:
                raise BadName(f"its name differs from {first!r} only by case or Unicode form; rename one of them")
            whole = depth == len(parts)
            if path in self._files:
                raise BadName("its name comes twice" if whole else f"{path!r} is a file and a folder at once")
        if path in self._folders:
            raise BadName("its name is a file and a folder at once")
        self._files.add(path)
        self._folders.update("/".join(parts[:depth]) for depth in range(1, len(parts)))
        return PurePosixPath(*parts)
