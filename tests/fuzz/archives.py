"""Small archives with odd names, and mutations of their bytes."""

import gzip
import io
import tarfile
import warnings
import zipfile

from tests.fuzz.images import Draw, flip, insert, overwrite, remove, sound
from tests.fuzz.images import cut as cut_short

_NAMES = (
    "train/1.png", "val/2.jpg", "train/ü 名.png", "../out.png", "/abs.png", "a/../../out.png", "C:/x.png", "x\\y.png", "A/1.png", "a/1.png",
    "n" * 260 + ".png", "d/" * 600 + "x.png", "line\nbreak.png", "__MACOSX/._1.png", "Thumbs.db", "README.txt", "inner.zip", "dir/", "",
    ".", "train", "nul\0.png", "u\u0308.png",
)  # fmt: skip


def draw_archive(draw: Draw) -> tuple[bytes, str]:
    """A zip, tar or tar.gz with members of odd names; two of three are mutated. Returns it and what it is."""
    kind = str(draw.choice(["zip", "tar", "tar.gz"]))
    images = list(sound().values())
    members = [(str(_NAMES[draw.integers(len(_NAMES))]), images[draw.integers(len(images))]) for _ in range(draw.integers(0, 6))]
    plain = bool(draw.integers(2))  # else one odd name stops most of them
    members = [(f"train/{place}.png" if plain else name, content) for place, (name, content) in enumerate(members)]
    data = _zip(draw, members) if kind == "zip" else _tar(draw, members)
    data = gzip.compress(data, mtime=0) if kind == "tar.gz" else data
    done = []
    for _ in range(draw.choice([0, 0, 1, 2])):
        change = [flip, cut_short, overwrite, insert, remove][draw.integers(5)]
        data = change(draw, data or b"\0")
        done.append(change.__name__)
    return data, "+".join([kind, *done])


def _zip(draw: Draw, members: list[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name or "x")
            info.compress_type = int(draw.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]))
            info.external_attr = int(draw.choice([0, 0o100644] * 10 + [0o120777, 0o20644])) << 16
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of two members of one name
                archive.writestr(info, content)
    return file.getvalue()


def _tar(draw: Draw, members: list[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    form = int(draw.choice([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]))
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name or "x")
            info.type = draw.choice(
                [tarfile.REGTYPE] * 20 + [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]
            )
            info.linkname = "../../etc/passwd" if info.type in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            info.size = len(content) if info.type == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()
