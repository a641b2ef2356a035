"""Turn the pictures of a dataset's archive into packed images, resized, and cut into pairs or converted to Lab."""

import shutil
from dataclasses import asdict
from pathlib import Path, PurePosixPath

from pix2pix.config.settings import Settings
from pix2pix.errors import UserError
from stages import paths, run


def prepare(settings: Settings) -> None:
    """Fill data/prepared/<dataset> with its splits."""
    from pix2pix.data.dataset import ImageDataset
    from pix2pix.prepare.cluster import cluster
    from pix2pix.prepare.prepare import prepare
    from pix2pix.prepare.unpack import Limits, unpack

    target = paths.prepared(settings.dataset)
    unpacked = target.with_name(f".{settings.dataset}.unpacked")
    shutil.rmtree(unpacked, ignore_errors=True)
    how = asdict(settings.prepare)
    limits = Limits(max_bytes=how.pop("max_unpacked_bytes"), max_entries=how.pop("max_files"))
    archive = _archive(settings.dataset)
    try:
        files = [PurePosixPath(file.relative_to(unpacked)) for file in unpack(archive, unpacked, limits=limits)]
        with cluster(how.pop("dask")) as machines:
            skipped = prepare(
                unpacked, files, target, kind=settings.kind, direction=settings.direction, eval_split=settings.eval_split,
                elsewhere=machines, **how,
            )  # fmt: skip
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    images = sum(len(ImageDataset(folder)) for folder in target.iterdir() if folder.is_dir())
    print(f"{settings.dataset}: {images} images prepared" + (f", {len(skipped)} left out" if skipped else ""))


def _archive(dataset: str) -> Path:
    folder = paths.raw(dataset)
    files = [path for path in folder.iterdir() if path.name != "source.json"] if folder.is_dir() else []
    if len(files) != 1:
        held = f"{len(files)} files" if files else "nothing"
        raise UserError(f"{folder} holds {held} where one archive is expected; get it with: python -m stages.download {dataset}")
    return files[0]


if __name__ == "__main__":
    run(prepare)
