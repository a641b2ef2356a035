"""Published weights that a metric or a loss needs, fetched once."""

from pathlib import Path

from filelock import FileLock

from pix2pix.config.settings import OFF, Evaluate
from pix2pix.download.fetch import download_first
from pix2pix.download.partial_download import Wanted
from pix2pix.errors import UserError

INCEPTION = "pt_inception-2015-12-05-6726825d.pth"
ALEXNET = "alexnet-owt-7be5be79.pth"
SQUEEZENET = "squeezenet1_1-b8a52dc0.pth"
_PYTORCH = "https://download.pytorch.org/models/"
# where a file is published, and its SHA-256, whose first digits are in its name
_PUBLISHED = {
    INCEPTION: (
        "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/",
        "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
    ),
    ALEXNET: (_PYTORCH, "7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02"),
    SQUEEZENET: (_PYTORCH, "b8a52dc049b60e4b6ab68ad0df457362afab8b6304b2febdc1650a5dab4d7e7b"),
}
FETCH = "fetch"


def evaluation_weights(chosen: Evaluate, folder: Path, root: Path) -> tuple[Path | None, Path | None]:
    """Paths of the weights of Inception and of AlexNet that an evaluation needs, as `published`; None where it does not need them.

    A training asks too, before it begins: one that takes hours must not end at weights that cannot be had. Raises UserError as `published`.
    """
    inception = alexnet = None
    if chosen.features == "inception_v3":
        instead = "-S evaluate.features=efficientnet_lite0, which installs with pip"
        inception = published(INCEPTION, chosen.inception_weights, folder, root, option="-S evaluate.inception_weights=", instead=instead)
    if chosen.lpips_weights != OFF:
        instead = f"-S evaluate.lpips_weights={OFF}"
        alexnet = published(ALEXNET, chosen.lpips_weights, folder, root, option="-S evaluate.lpips_weights=", instead=instead)
    return inception, alexnet


def published(name: str, given: str | None, folder: Path, root: Path, *, option: str, instead: str = "") -> Path:
    """Path of weights: the file `given`, relative to `root`; or, where that is None or "fetch", the published file `name` in `folder`.

    The published file is fetched where `folder` lacks it. option: how a user names a file, such as `-S evaluate.inception_weights=`.
    instead: how a user does without it, for messages.
    Raises UserError where the given file is missing, and where the published one cannot be fetched or has another SHA-256.
    """
    way_out = f"Bring {name} by other means and name it: {option}/path/to/{name}" + (f"; or do without it: {instead}" if instead else "")
    if given not in (None, FETCH):
        path = root / str(given)
        if not path.is_file():
            raise UserError(f"{option.removeprefix('-S ')}{given}: there is no such file. {way_out}")
        return path
    target = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f".{name}.lock"):  # experiments may run side by side
        if not target.exists():
            mirror, sha256 = _PUBLISHED[name]
            download_first([mirror + name], target, Wanted(archive=False, sha256=sha256), way_out=way_out)
    return target


def local_weights(name: str, folder: Path) -> Path | None:
    """The published file `name` in `folder`; None where it is missing."""
    return folder / name if (folder / name).is_file() else None
