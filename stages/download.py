"""Fetch the archive of a dataset from its source, or draw a synthetic one."""

from pix2pix.config.settings import Settings
from pix2pix.system.terminal import say
from stages import paths, run


def download(settings: Settings) -> None:
    """Write data/raw/<dataset>: one archive, and source.json with its origin."""
    from pix2pix.download.source import fetch

    note = fetch(
        settings.source,
        paths.raw(settings.dataset),
        settings.download,
        dataset=settings.dataset,
        root=paths.root(),
        partial_dir=paths.resume() / "downloads",
        key=f"scales.{settings.scale}.{settings.dataset}.source",
    )
    say(f"{settings.dataset}: {note['file']}, {note['bytes']:,} bytes")


if __name__ == "__main__":
    run(download)
