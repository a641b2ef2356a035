"""Page of a predictions folder: every image as input, output and target."""

from collections.abc import Sequence
from pathlib import Path

from pix2pix.pages.html import write_page


def write_gallery(directory: Path, *, title: str, names: Sequence[str]) -> None:
    """Write `index.html` into a folder with `<name>.png`, `inputs/<name>.png` and `targets/<name>.png`.

    The page works from disk and loads an image when it comes near the window, so tens of thousands of rows are no problem. The same
    names give the same bytes.

    Args:
        directory: the predictions folder.
        title: heading of the page.
        names: file names without `.png`, in row order. Any file name works: it is escaped in text and percent-encoded in addresses.
    """
    write_page(directory / "index.html", "pages/gallery.html", title=title, names=names)
