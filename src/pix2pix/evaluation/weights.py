"""Published weights that a metric needs, fetched once."""

from pathlib import Path

from pix2pix.data.download.fetch import download_first

INCEPTION = "pt_inception-2015-12-05-6726825d.pth"
ALEXNET = "alexnet-owt-7be5be79.pth"  # torchvision's name, which ends with the first digits of its SHA-256
SQUEEZENET = "squeezenet1_1-b8a52dc0.pth"
_INCEPTION_MIRRORS = (f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{INCEPTION}",)
_ALEXNET_MIRRORS = (f"https://download.pytorch.org/models/{ALEXNET}",)
_SQUEEZENET_MIRRORS = (f"https://download.pytorch.org/models/{SQUEEZENET}",)


def inception_2015(given: str | None, folder: Path) -> Path:
    """The 2015 Inception's weights: the `given` file, or the one in `folder`, where it is put if it is not there yet.

    Raises UserError where it cannot be fetched. Whoever loads the file checks that it is the published one.
    """
    return _fetched(given, folder / INCEPTION, _INCEPTION_MIRRORS, "evaluate.inception_weights")


def squeezenet(given: str | None, folder: Path) -> Path:
    """The weights of the perceptual term's trunk, as `inception_2015` gives those of its network."""
    return _fetched(given, folder / SQUEEZENET, _SQUEEZENET_MIRRORS, "train.perceptual_weights")


def _fetched(given: str | None, target: Path, mirrors: tuple[str, ...], key: str) -> Path:
    if given is not None:
        return Path(given)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        way_out = f"Bring {target.name} by other means and name it: -S {key}=/path/to/{target.name}"
        download_first(mirrors, target, way_out=way_out, archive=False)
    return target


def alexnet(given: str | None, folder: Path, *, option: str) -> Path | None:
    """The weights of LPIPS's trunk: the `given` file, or torchvision's own in `folder`, None where it is not there.

    `given` as the word "fetch" puts it there first; `option` is how a person names a file. Raises UserError where it cannot be fetched.
    """
    target = folder / ALEXNET
    if given == "fetch" and not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        way_out = f"Bring {ALEXNET} by other means and name it: {option}/path/to/{ALEXNET}"
        download_first(_ALEXNET_MIRRORS, target, way_out=way_out, archive=False)
    if given not in (None, "fetch"):
        return Path(given)
    return target if target.exists() else None
