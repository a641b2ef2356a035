"""The page of a predictions folder: every image as input, output and target."""

from collections.abc import Sequence
from pathlib import Path

from pix2pix.pages.html import write_page


def write_gallery(directory: Path, *, title: str, names: Sequence[str]) -> None:
    """Write `index.html` into a folder that holds `<name>.png`, `inputs/<name>.png` and `targets/<name>.png`.

    The page opens from disk, asks for nothing but those files, and loads an image when it comes near the window, so that
    tens of thousands of rows are fine. The same names give the same bytes.

    Args:
        directory: the predictions folder.
        title: what stands over the page.
        names: file names without `.png`, in the order of the rows. Any name a file can have: shown as text, percent-encoded in addresses.
    """
    write_page(directory / "index.html", "pages/gallery.html", title=title, names=names)
