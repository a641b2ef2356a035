"""A folder of pictures -> copies of them in folders train, val and test."""

import hashlib
import unicodedata
from functools import partial
from pathlib import Path, PurePosixPath

from pix2pix.data.images import BadImage
from pix2pix.process.find import pictures
from pix2pix.process.task import Plan, Task


def plan_split(folder: Path, *, val: float, test: float, seed: int) -> Plan:
    """Copies, byte for byte, of the pictures below `folder` in train/, val/ and test/, with their subfolders below these.

    val, test: their shares of all pictures, each at least 0 and together below 1; the rest is train. A picture's name without folder and
    ending decides, with `seed`: adding files moves no other, and A/1.png stays with B/1.jpg.
    """
    return Plan(
        [
            Task(split_of(file, val=val, test=test, seed=seed) / file, (folder / file,), partial(_copy, folder / file))
            for file in pictures(folder)
        ]
    )


def split_of(file: PurePosixPath, *, val: float, test: float, seed: int) -> PurePosixPath:
    """The split a picture belongs to: `train`, `val` or `test`."""
    share = _share(file, seed)
    return PurePosixPath("test" if share < test else "val" if share < test + val else "train")


def _share(file: PurePosixPath, seed: int) -> float:
    """A number in [0, 1) that belongs to the picture's name.

    The seed goes into it, also to be independent of the numbers by which the stage prepare takes val from train where there is none.
    """
    name = unicodedata.normalize("NFC", file.stem)
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8], "big") / 2**64


def _copy(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadImage(f"cannot be read: {error.strerror or error}") from None
