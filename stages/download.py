"""Fetch the archive of a dataset: synthetic, published, or from any address or path."""

from dataclasses import asdict

from pix2pix.config.settings import Settings
from stages import paths, run


def download(settings: Settings) -> None:
    """Fill data/raw/<dataset> with one archive and a note of where it came from."""
    from pix2pix.download.source import fetch

    note = fetch(
        settings.source,
        paths.raw(settings.dataset),
        dataset=settings.dataset,
        root=paths.root(),
        partial_dir=paths.resume() / "downloads",
        key=f"scales.{settings.scale}.{settings.dataset}.source",
        **asdict(settings.download),
    )
    print(f"{settings.dataset}: {note['file']}, {note['bytes']:,} bytes")


if __name__ == "__main__":
    run(download)
