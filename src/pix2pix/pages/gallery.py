"""Page of all images of a predictions folder, each as input, output and target, with its metrics where they are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pix2pix.pages.html import write_page


@dataclass(frozen=True)
class ImageMetric:
    """One metric of every image. `values`: in the order of the images, None where it was not measured. `key`: unique in the page."""

    key: str
    label: str
    lower_is_better: bool
    values: Sequence[float | None]


def write_gallery(
    path: Path, *, title: str, names: Sequence[str], images: str = "", metrics: Sequence[ImageMetric] = (), measured: str = ""
) -> None:
    """Write the gallery of a folder with `<name>.png`, `inputs/<name>.png` and `targets/<name>.png`.

    The page works from disk and loads an image when it comes near the window, so tens of thousands of rows are no problem. The same
    arguments give the same bytes.

    Args:
        path: the HTML file; its folder is created.
        title: heading of the page.
        names: file names without `.png`, in row order. Any file name works: it is escaped in text and percent-encoded in addresses.
        images: path of that folder from the folder of the page; "" for the same folder.
        metrics: with any, the page sorts and filters by them, and offers them as CSV.
        measured: for a page without metrics: path from its folder to the page that has them; "" for no link.
    """
    folder = f"{images}/" if images else ""
    write_page(path, "pages/gallery.html", title=title, names=names, folder=folder, metrics=metrics, measured=measured)
