"""Unpack the archive of the stage download and prepare its images."""

import shutil
from dataclasses import asdict
from pathlib import Path, PurePosixPath

from pix2pix.config.settings import Prepare
from pix2pix.data.dataset import ImageDataset
from pix2pix.errors import UserError
from pix2pix.prepare.cluster import dask_workers
from pix2pix.prepare.prepare import prepare
from pix2pix.prepare.unpack import Limits, unpack


def prepare_archive(raw: Path, target: Path, settings: Prepare, *, kind: str, direction: str, eval_split: str) -> tuple[int, int]:
    """Prepare the images of the archive in the folder `raw`, and write the folder `target` atomically.

    The archive is unpacked into a temporary folder beside `target`. kind, direction, eval_split: as in `prepare`. Returns the number of
    images prepared and of files left out.
    Raises UserError as `unpack` and `prepare` do, and where `raw` does not hold exactly one archive.
    """
    how = asdict(settings)
    limits = Limits(max_bytes=how.pop("max_unpacked_bytes"), max_entries=how.pop("max_files"))
    archive = _archive(raw)
    unpacked = target.with_name(f".{target.name}.unpacked")
    shutil.rmtree(unpacked, ignore_errors=True)
    try:
        files = [PurePosixPath(file.relative_to(unpacked)) for file in unpack(archive, unpacked, limits=limits)]
        with dask_workers(how.pop("dask")) as cluster:
            skipped = prepare(unpacked, files, target, kind=kind, direction=direction, eval_split=eval_split, cluster=cluster, **how)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    return sum(len(ImageDataset(folder)) for folder in target.iterdir() if folder.is_dir()), len(skipped)


def _archive(raw: Path) -> Path:
    files = [path for path in raw.iterdir() if path.name != "source.json"] if raw.is_dir() else []
    if len(files) != 1:
        held = f"{len(files)} files" if files else "nothing"
        raise UserError(f"{raw} holds {held} where one archive is expected; get it with: python -m stages.download {raw.name}")
    return files[0]
