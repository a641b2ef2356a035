"""What to tell a person when the disk refuses a write."""

import errno
import shutil
from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.system.byte_sizes import human_bytes

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_failed(error: OSError, path: Path) -> UserError:
    """The message for an OSError met while writing `path`: a full disk, quota or file-size limit, or whatever else the system said."""
    if error.errno not in _FULL:
        return UserError(f"{path}: cannot be written: {error.strerror or error}. Check the folder's rights and the file's name.")
    folder = path if path.is_dir() else path.parent
    try:
        free = f"{human_bytes(shutil.disk_usage(folder).free)} free on its disk"
    except OSError:
        free = "free space unknown"
    way_out = "Make room, or raise the quota or file-size limit, then run the same command again."
    return UserError(f"{path}: no room left to write it ({error.strerror}; {free}). {way_out}")
