"""Pictures to measure with: drawn facades as JPEG files, and the same as a prepared store."""

import tarfile
from pathlib import Path, PurePosixPath

from pix2pix.data.dataset import ImageDataset
from pix2pix.prepare.prepare import prepare
from pix2pix.synthetic.archive import write_archive


def draw_pairs(folder: Path, *, count: int, size: int) -> Path:
    """`count` pairs of 2 * size x size pixels; returns the folder with the JPEG files."""
    archive = folder / "facades.tar.gz"
    write_archive("facades", archive, seed=0, size=size, counts={"train": count, "val": 2})
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "facades" / "train"


def prepare_pairs(jpegs: Path, into: Path, *, load_size: int, crop_size: int) -> ImageDataset:
    """The training images of `draw_pairs` as the pipeline prepares them."""
    root = jpegs.parents[1]
    files = [PurePosixPath(file.relative_to(root)) for split in ("train", "val") for file in sorted((jpegs.parent / split).glob("*.jpg"))]
    prepare(
        root, files, into, kind="pairs", direction="BtoA", load_size=load_size, crop_size=crop_size, resize="bicubic", fit="squash",
        on_bad_image="fail", val_fraction=0.0, eval_split="val", workers=1,
    )  # fmt: skip
    return ImageDataset(into / "train")
