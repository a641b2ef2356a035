"""Packed images, as the stage prepare writes them -> picture files, for a look."""

import functools
import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath

import torch
from PIL import Image

from pix2pix.data.dataset import ImageDataset
from pix2pix.errors import UserError
from pix2pix.process.picture_file import encode
from pix2pix.process.task import Plan, Task


def plan_unpack(folder: Path, ending: str) -> Plan:
    """Every packed image in `folder`, at any depth, as a file with `ending` (png or jpg), named as the picture it was made from.

    Pairs come side by side, input left and target right; pictures to be coloured come in colour.
    Raises UserError where nothing is packed there, or it is damaged.
    """
    stores = _stores(folder)
    tasks = [
        Task(inside / f"{name}.{ending}", (folder / inside / "meta.json",), partial(_picture, folder / inside, store.digest, index, ending))
        for inside, store in stores.items()
        for index, name in enumerate(store.names)
    ]
    # DVC swaps packed images for others by links to files that are older than what was made of the first
    digest = hashlib.sha256("".join(store.digest for store in stores.values()).encode()).hexdigest()
    return Plan(tasks, seen={"packed": digest[:16]})


def _stores(folder: Path) -> Mapping[PurePosixPath, ImageDataset]:
    """The packed splits in `folder`, by their path relative to it; `.` where it is one itself."""
    found = sorted(file.parent for file in folder.rglob("meta.json"))
    if not found:
        raise UserError(f"{folder} holds no packed images (no meta.json, at any depth): name a folder that the stage prepare wrote")
    stores = {PurePosixPath(packed.relative_to(folder).as_posix()): ImageDataset(packed) for packed in found}
    for inside, store in stores.items():
        if odd := next((name for name in store.names if PurePosixPath(name).name != name), None):
            raise UserError(f"{folder / inside / 'names.json'}: {odd!r} is not the name of a picture; run the stage prepare again")
    return stores


@functools.lru_cache(maxsize=4)
def _opened(folder: Path, digest: str) -> ImageDataset:
    """The store, opened once a process and not once an image; `digest` tells it from what was there before."""
    return ImageDataset(folder)


def _picture(folder: Path, digest: str, index: int, ending: str) -> bytes:
    store = _opened(folder, digest)
    real_a, real_b = store.planes.split(store.read([index]))
    shown = [store.planes.output_rgb(real_a, real_b)]
    if store.planes.input == "rgb":
        shown.insert(0, store.planes.input_rgb(real_a))
    return encode(Image.fromarray(torch.cat(shown, dim=2)[0].numpy()), ending)
