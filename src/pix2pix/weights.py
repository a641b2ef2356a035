"""Published weights that a metric needs, fetched once."""

from pathlib import Path

from pix2pix.data.fetch import download_first

INCEPTION = "pt_inception-2015-12-05-6726825d.pth"
_INCEPTION_MIRRORS = (f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{INCEPTION}",)


def inception_2015(given: str | None, folder: Path) -> Path:
    """The 2015 Inception's weights: the `given` file, or the one in `folder`, where it is put if it is not there yet.

    Raises UserError where it cannot be fetched. Whoever loads the file checks that it is the published one.
    """
    if given is not None:
        return Path(given)
    target = folder / INCEPTION
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        way_out = f"Bring {INCEPTION} by other means and name it: -S evaluate.inception_weights=/path/to/{INCEPTION}"
        download_first(_INCEPTION_MIRRORS, target, way_out=way_out, archive=False)
    return target
