"""The plan of each operation: which files it makes of the images of a folder. Nothing is written here."""

import functools
import hashlib
import io
import unicodedata
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from pix2pix.data.bad_image import BadImage
from pix2pix.data.decode_memory import decode_memory
from pix2pix.data.image_folder import ImageFolder
from pix2pix.data.images import decode
from pix2pix.data.pixels import AS_STORED, Notes, Reading
from pix2pix.errors import UserError
from pix2pix.prepare.match_sides import match_names
from pix2pix.process.plan import Plan, Task
from pix2pix.process.transforms import Transform, side_by_side

if TYPE_CHECKING:
    from pix2pix.data.dataset import ImageDataset


def plan_each(folder: Path, transform: Transform, suffix: str, reading: Reading = AS_STORED) -> Plan:
    """`transform` of every image below `folder`, under the same names, as files with `suffix` (png or jpg)."""
    found = ImageFolder.with_images(folder)
    tasks = [
        Task(file.with_suffix(f".{suffix}"), (folder / file,), partial(_transformed, folder / file, transform, suffix, reading))
        for file in found.images
    ]
    return Plan(tasks, _below(folder, found.unusable), found.counts)


def _below(folder: Path, reasons: Mapping[PurePosixPath, str]) -> list[tuple[Path, str]]:
    return [(folder / path, reason) for path, reason in reasons.items()]


def _transformed(file: Path, transform: Transform, suffix: str, reading: Reading, notes: Notes | None = None) -> bytes:
    return _encode(transform(_read_image(file, reading, notes)), suffix)


def plan_combine(a: Path, b: Path, suffix: str, reading: Reading = AS_STORED) -> Plan:
    """Images below `a` (left) and `b` (right) that `match_names` matches, side by side, as files with `suffix` (png or jpg), named as A's.

    An image without a partner is listed as unusable. Raises UserError where no name has a partner.
    """
    in_a, in_b = ImageFolder.with_images(a), ImageFolder.with_images(b)
    matched = match_names({file: file for file in in_a.images}, {file: file for file in in_b.images}, (str(a), str(b)))
    tasks = [
        Task(one.with_suffix(f".{suffix}"), (a / one, b / other), partial(_pair, a / one, b / other, suffix, reading))
        for one, other in matched.partner.items()
    ]
    unusable = _below(a, in_a.unusable) + _below(b, in_b.unusable) + _below(a, matched.alone_in_a) + _below(b, matched.alone_in_b)
    return Plan(tasks, unusable, in_a.counts + in_b.counts, notes=matched.notes())


def _pair(a: Path, b: Path, suffix: str, reading: Reading, notes: Notes | None = None) -> bytes:
    left = _read_image(a, reading, notes)
    try:
        right = _read_image(b, reading, notes)
    except BadImage as reason:
        raise BadImage(f"its B, {b}: {reason}") from None
    return _encode(side_by_side(left, right), suffix)


def plan_split(folder: Path, *, val: float, test: float, seed: int) -> Plan:
    """Copies, byte for byte, of the images below `folder` in train/, val/ and test/, with their subfolders below these.

    val, test: shares of all images, each at least 0 and together below 1; the rest is train. A hash of `seed` and the image's name, without
    folder and suffix, decides: adding files moves no other, and A/1.png gets the split of B/1.jpg.
    """
    found = ImageFolder.with_images(folder)
    tasks = [
        Task(split_of(file, val=val, test=test, seed=seed) / file, (folder / file,), partial(_read_bytes, folder / file))
        for file in found.images
    ]
    return Plan(tasks, _below(folder, found.unusable), found.counts)


def split_of(file: PurePosixPath, *, val: float, test: float, seed: int) -> PurePosixPath:
    """The split an image belongs to: `train`, `val` or `test`."""
    # hashing the seed too makes this split independent of the one that the stage prepare makes of train
    name = unicodedata.normalize("NFC", file.stem)
    share = int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode("utf-8", "surrogateescape")).digest()[:8], "big") / 2**64
    return PurePosixPath("test" if share < test else "val" if share < test + val else "train")


def plan_unpack(folder: Path, suffix: str) -> Plan:
    """Every prepared image in `folder`, at any depth, as a file with `suffix` (png or jpg), named as the image it was made from.

    Pairs are side by side, input left and target right; images of `kind: lab` are in colour.
    Raises UserError where nothing is prepared there, or it is damaged.
    """
    datasets = _prepared(folder)
    tasks = [
        Task(inside / f"{name}.{suffix}", (folder / inside / "meta.json",), partial(_unpacked, folder / inside, data.digest, index, suffix))
        for inside, data in datasets.items()
        for index, name in enumerate(data.names)
    ]
    # a digest, as times do not show every change: DVC may replace prepared images by links to older files
    digest = hashlib.sha256("".join(data.digest for data in datasets.values()).encode()).hexdigest()
    return Plan(tasks, seen={"packed": digest[:16]})


def _prepared(folder: Path) -> Mapping[PurePosixPath, "ImageDataset"]:
    """The prepared splits in `folder`, by their path relative to it; `.` where `folder` is a split itself."""
    from pix2pix.data.dataset import ImageDataset

    found = sorted(file.parent for file in folder.rglob("meta.json"))
    if not found:
        raise UserError(f"{folder} holds no packed images (no meta.json, at any depth): name a folder that the stage prepare wrote")
    datasets = {PurePosixPath(prepared.relative_to(folder).as_posix()): ImageDataset(prepared) for prepared in found}
    for inside, data in datasets.items():
        if odd := next((name for name in data.names if PurePosixPath(name).name != name), None):
            raise UserError(f"{folder / inside / 'names.json'}: {odd!r} is not the name of an image; run the stage prepare again")
    return datasets


@functools.lru_cache(maxsize=4)
def _opened(folder: Path, digest: str) -> "ImageDataset":
    """The dataset, opened once per process instead of once per image. `digest` is part of the cache's key: the folder may have changed."""
    from pix2pix.data.dataset import ImageDataset

    return ImageDataset(folder)


def _unpacked(folder: Path, digest: str, index: int, suffix: str, notes: Notes | None = None) -> bytes:
    data = _opened(folder, digest)
    real_a, real_b = data.planes.split(data.read([index]))
    sides = [data.planes.output_rgb(real_a, real_b)]
    if data.planes.input == "rgb":
        sides.insert(0, data.planes.input_rgb(real_a))
    return _encode(Image.fromarray(np.concatenate([side[0].numpy() for side in sides], axis=1)), suffix)


def _read_bytes(file: Path, notes: Notes | None = None) -> bytes:
    """The content of a source, of which there is nothing to note. Raises BadImage where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadImage(f"cannot be read: {error.strerror or error}") from None


def _read_image(file: Path, reading: Reading, notes: Notes | None = None) -> Image.Image:
    """The image as RGB, upright; adds to `notes`. Raises BadImage with the reason why it cannot be used."""
    content = _read_bytes(file)
    with decode_memory.taken([content]):
        return decode(content, reading, notes)


def _encode(image: Image.Image, suffix: str) -> bytes:
    """Encode as `png` (lossless) or `jpg` (quality 95, no chroma subsampling). Raises BadImage for an image that the format cannot hold."""
    content = io.BytesIO()
    try:
        if suffix == "jpg":
            image.save(content, "JPEG", quality=95, subsampling="4:4:4")
        else:
            image.save(content, "PNG")
    except (OSError, ValueError) as error:
        raise BadImage(f"{image.width}x{image.height} pixels, which a {suffix} cannot hold ({error})") from None
    return content.getvalue()
