"""Unpack the archive of the stage download and prepare its images."""

import shutil
from pathlib import Path

from pix2pix.config.settings import Prepare
from pix2pix.data.dataset import ImageDataset
from pix2pix.data.source import NOTE, Source
from pix2pix.errors import UserError
from pix2pix.prepare.prepare import Prepared, prepare
from pix2pix.prepare.unpack import Limits, unpack
from pix2pix.prepare.workers import dask_workers


def prepare_archive(
    raw: Path, target: Path, settings: Prepare, *, root: Path, kind: str, direction: str, eval_split: str
) -> tuple[int, Prepared]:
    """Prepare the images of the archive in the folder `raw`, and write the folder `target` atomically.

    The archive is unpacked into a temporary folder beside `target`. root: of the repository, for the path of a source. kind, direction,
    eval_split: as in `prepare`. Returns the number of images, and what else there is to say.
    Raises UserError as `unpack` and `prepare` do, with the command that fetches the source again, and where `raw` does not hold exactly one
    archive.
    """
    limits = Limits(max_bytes=settings.max_unpacked_bytes, max_files=settings.max_files, max_ratio=settings.max_ratio)
    archive = _archive(raw)
    fetched = Source.of(raw, root)
    unpacked = target.with_name(f".{target.name}.unpacked")
    shutil.rmtree(unpacked, ignore_errors=True)
    try:
        content = unpack(archive, unpacked, limits=limits)
        with dask_workers(settings.dask) as cluster:
            done = prepare(
                unpacked, content.files, target, settings, kind=kind, direction=direction, eval_split=eval_split, cluster=cluster,
                passed_over=content.passed_over + fetched.passed_over,
            )  # fmt: skip
    except UserError as error:
        raise UserError(fetched.refusal(str(error).replace("datasets.NAME.", f"datasets.{raw.name}."))) from error
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    images = sum(len(ImageDataset(folder)) for folder in target.iterdir() if folder.is_dir())
    return images, Prepared(done.skipped, done.files, [*content.notes, *done.notes, *fetched.notes()])


def _archive(raw: Path) -> Path:
    files = [path for path in raw.iterdir() if path.name != NOTE] if raw.is_dir() else []
    if len(files) != 1:
        held = f"{len(files)} files" if files else "nothing"
        raise UserError(f"{raw} holds {held} where one archive is expected; get it with: python -m stages.download {raw.name}")
    return files[0]
