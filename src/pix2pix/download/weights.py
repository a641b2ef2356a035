"""Published weights that a metric or a loss needs, fetched once."""

from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

from pix2pix.download.fetch import download_first
from pix2pix.errors import UserError

# Each name ends with the first digits of the file's SHA-256.
INCEPTION = "pt_inception-2015-12-05-6726825d.pth"
ALEXNET = "alexnet-owt-7be5be79.pth"
SQUEEZENET = "squeezenet1_1-b8a52dc0.pth"
_MIRRORS = {
    INCEPTION: ("https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/",),
    ALEXNET: ("https://download.pytorch.org/models/",),
    SQUEEZENET: ("https://download.pytorch.org/models/",),
}
FETCH = "fetch"


def published(name: str, given: str | None, folder: Path, root: Path, *, option: str) -> Path:
    """Path of weights: the file `given`, relative to `root`; or, where that is None or "fetch", the published file `name` in `folder`.

    The published file is fetched where `folder` lacks it. option: how a user names a file, such as `-S evaluate.inception_weights=`.
    Raises UserError where the given file is missing, and where the published one cannot be fetched or has another SHA-256.
    """
    way_out = f"Bring {name} by other means and name it: {option}/path/to/{name}"
    if given not in (None, FETCH):
        path = root / str(given)
        if not path.is_file():
            raise UserError(f"{option.removeprefix('-S ')}{given}: there is no such file. {way_out}")
        return path
    target = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f".{name}.lock"):  # experiments may run side by side
        if not target.exists():
            _fetch(target, [mirror + name for mirror in _MIRRORS[name]], way_out)
    return target


def local_weights(name: str, folder: Path) -> Path | None:
    """The published file `name` in `folder`; None where it is missing."""
    return folder / name if (folder / name).is_file() else None


def _fetch(target: Path, urls: Sequence[str], way_out: str) -> None:
    unchecked = target.with_name(f".{target.name}.unchecked")
    digits = target.stem.rpartition("-")[2]
    try:
        found = download_first(urls, unchecked, way_out=way_out, archive=False)
        if not found.sha256.startswith(digits):
            raise UserError(f"{found.url}: the file's SHA-256 begins {found.sha256[:8]}, that of the published one {digits}. {way_out}")
        unchecked.replace(target)
    finally:
        unchecked.unlink(missing_ok=True)
