"""Bring the archive of a dataset: drawn, published, or from any address or path."""

from dataclasses import asdict

from pix2pix.config.settings import Settings
from stages import paths, run


def download(settings: Settings) -> None:
    """Fill data/raw/<dataset> with one archive and a note of where it came from."""
    from pix2pix.download.source import bring
    from pix2pix.synthetic.archive import SYNTHETIC_SETS

    how = asdict(settings.download)
    drawn = SYNTHETIC_SETS[settings.dataset].splits if settings.dataset in SYNTHETIC_SETS else ()
    counts = {split: how.pop(f"sample_{split}") for split in ("train", "val", "test")}
    brought = bring(
        settings.source,
        paths.raw(settings.dataset),
        dataset=settings.dataset,
        root=paths.root(),
        seed=how.pop("sample_seed"),
        sample_size=how.pop("sample_size"),
        sample_counts={split: counts[split] for split in drawn},
        partial_dir=paths.resume() / "downloads",
        key=f"scales.{settings.scale}.{settings.dataset}.source",
        **how,
    )
    print(f"{settings.dataset}: {brought['file']}, {brought['bytes']:,} bytes")


if __name__ == "__main__":
    run(download)
