"""Paired images to measure with: smooth noise, which needs only NumPy and Pillow, and drawn facades, prepared as the pipeline does."""

import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.dataset import ImageDataset, write_dataset


def draw_jpegs(folder: Path, *, count: int, size: int) -> Path:
    """`count` files of 2 * size x size pixels: target left, input right."""
    folder.mkdir(parents=True)
    draw = np.random.default_rng(0)
    for number in range(count):
        coarse = draw.integers(0, 256, (12, 24, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((2 * size, size), Image.Resampling.BICUBIC).save(folder / f"{number:05d}.jpg", quality=95)
    return folder


def store_of(jpegs: list[Path], folder: Path, *, load_size: int) -> ImageDataset:
    """The files as the stage prepare packs them with direction BtoA: right half in front, both resized by Pillow's bicubic filter."""
    chunks: Iterator[np.ndarray] = (_planes(file, load_size)[None] for file in jpegs)
    write_dataset(folder, chunks, [file.stem for file in jpegs], ColourPlanes("rgb", "rgb"), load_size)
    return ImageDataset(folder)


def _planes(file: Path, load_size: int) -> np.ndarray:
    with Image.open(file) as opened:
        pair = opened.convert("RGB")
    width, height = pair.size
    halves = pair.crop((width // 2, 0, width, height)), pair.crop((0, 0, width // 2, height))
    resized = [half.resize((load_size, load_size), Image.Resampling.BICUBIC) for half in halves]
    return np.concatenate([np.asarray(half).transpose(2, 0, 1) for half in resized])


def draw_pairs(folder: Path, *, count: int, size: int) -> Path:
    """`count` drawn facades of 2 * size x size pixels; returns the folder with the JPEG files."""
    from pix2pix.synthetic.archive import write_archive

    archive = folder / "facades.tar.gz"
    write_archive("facades", archive, seed=0, size=size, counts={"train": count, "val": 2})
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "facades" / "train"


def prepare_pairs(jpegs: Path, into: Path, *, load_size: int, crop_size: int) -> ImageDataset:
    """The training images of `draw_pairs` as the pipeline prepares them."""
    from pix2pix.config.settings import Prepare
    from pix2pix.prepare.prepare import prepare

    root = jpegs.parents[1]
    files = [PurePosixPath(file.relative_to(root)) for split in ("train", "val") for file in sorted((jpegs.parent / split).glob("*.jpg"))]
    prepare(
        root, files, into, Prepare(load_size=load_size, crop_size=crop_size, val_fraction=0.0, workers=1), kind="pairs",
        direction="BtoA", eval_split="val",
    )  # fmt: skip
    return ImageDataset(into / "train")
