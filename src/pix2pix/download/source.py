"""Fetch the archive of a dataset from its `source` into a folder, with a note of where it came from; a folder of images becomes one tar."""

import hashlib
import io
import json
import re
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tqdm import tqdm

from pix2pix.config.settings import Download
from pix2pix.data.file_names import BadName, UniqueNames, safe_parts
from pix2pix.data.image_folder import ImageFolder
from pix2pix.data.source import NOTE
from pix2pix.download.catalogue import CATALOG
from pix2pix.download.fetch import download, download_first, local_path
from pix2pix.download.partial_download import Wanted
from pix2pix.errors import UserError
from pix2pix.synthetic.archive import archive_name, write_archive
from pix2pix.system.addresses import parse, redacted
from pix2pix.system.atomic_write import atomic_folder, write_errors
from pix2pix.system.terminal import human_bytes

SUFFIXES = (".tar.gz", ".tgz", ".tar", ".zip")
_SCHEME = re.compile("^([A-Za-z][A-Za-z0-9+.-]*)://")


def fetch(
    source: str,
    target_dir: Path,
    how: Download,
    *,
    dataset: str,
    root: Path,
    key: str,
    backoff: float = 1.0,
    partial_dir: Path | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Fill `target_dir` with one archive and `source.json`, atomically.

    source: `sample` (synthetic images), `published` (the catalogue's mirrors, in turn), an address http(s):// or file://, or a path,
    absolute or relative to `root`. An archive keeps its bytes and its name; a folder is packed into one tar, whose bytes depend only on its
    images and their names. `#sha256=<64 digits>` after an archive's address or path is the digest that it must have; `published` is checked
    against the catalogue, where this has a digest.
    key: the parameter that holds `source`, for messages. backoff: as in `Wanted`. partial_dir: folder of partial downloads, which
    the next call resumes.

    Returns the content of source.json: `source`; `url` or `path`, redacted, absent for synthetic images; `file`, `bytes`, `sha256`; for a
    folder also `fingerprint`, of its images, and `passed_over`, the rows of its other files. It has no time stamp: the same archive from
    the same place gives the same bytes.
    Raises UserError that says what to do; `target_dir` is then unchanged.
    """
    place, sha256 = _split_digest(source, key)
    wanted = Wanted(
        sha256=sha256, timeout=how.timeout, retries=how.retries, backoff=backoff, max_bytes=how.max_bytes, keep_in=partial_dir,
        progress=progress,
    )  # fmt: skip
    with write_errors(target_dir), atomic_folder(target_dir) as temporary:
        if source == "sample":
            counts = {"train": how.sample_train, "val": how.sample_val, "test": how.sample_test}
            write_archive(dataset, temporary / archive_name(dataset), seed=how.sample_seed, size=how.sample_size, counts=counts)
            origin: dict[str, Any] = {}
        else:
            origin = _Source(place, dataset, root, key, wanted).fetch(temporary)
        (archive,) = temporary.iterdir()
        with archive.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        note = {"source": redacted(source), **origin, "file": archive.name, "bytes": archive.stat().st_size, "sha256": digest}
        (temporary / NOTE).write_text(json.dumps(note, sort_keys=True, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return note


def _split_digest(source: str, key: str) -> tuple[str, str | None]:
    """Split `source` into the place and the SHA-256 after `#sha256=`; None where there is none.

    Raises UserError for anything else after a `#` of an address: a mistyped digest must not pass for a checked download.
    """
    if match := re.fullmatch("(.*)#sha256=([0-9a-fA-F]{64})", source, re.DOTALL):
        return match[1], match[2].lower()
    _, mark, fragment = source.partition("#")
    if mark and (_SCHEME.match(source) or re.match(r"sha-?[0-9]+\W", fragment, re.IGNORECASE)):
        way_out = "write #sha256= and 64 hexadecimal digits, which the archive is checked by; a # in a file's name is written %23"
        raise UserError(f"{key}={redacted(source)}: what follows the # is no checksum: {way_out}")
    return source, None


@dataclass(frozen=True)
class _Source:
    """A source that is not synthetic: `key` is the parameter that names it, for messages."""

    source: str
    dataset: str
    root: Path
    key: str
    wanted: Wanted

    def fetch(self, folder: Path) -> dict[str, Any]:
        """Put the archive into `folder`; returns what source.json says of where it came from."""
        if self.source == "published":
            return self._published(folder)
        if (path := local_path(self.source)) is not None:
            return self._local(path, str(path), folder)
        scheme = _SCHEME.match(self.source)
        if scheme is None:
            return self._local(self.root / Path(self.source).expanduser(), self.source, folder)
        if scheme[1].lower() not in ("http", "https"):
            raise UserError(f"{self.key}={redacted(self.source)}: {scheme[1]}:// is not among the sources. {self._choices()}")
        name = unquote(parse(self.source).path.rpartition("/")[2])
        if not name.lower().endswith(SUFFIXES) or not _is_plain(name):
            raise UserError(f"{self.key}={redacted(self.source)}: does not end in an archive's file name. {self._endings()}")
        way_out = f"Check the address and the network, or take the file from elsewhere and name it: -S {self.key}=/path/to/{name}"
        return {"url": download_first([self.source], folder / name, self.wanted, way_out=way_out)}

    def _published(self, folder: Path) -> dict[str, Any]:
        entry = CATALOG.get(self.dataset)
        if entry is None:
            raise UserError(f"{self.key}=published: {self.dataset} is not among the published datasets. {self._choices()}")
        if not entry.mirrors:
            raise UserError(f"{self.key}=published: {entry.by_hand.format(key=self.key)}")
        way_out = (
            f"Check the network and the proxy settings, or get {entry.archive} by other means (see {entry.homepage}) "
            f"and name it: -S {self.key}=/path/to/{entry.archive}"
        )
        wanted = replace(self.wanted, expected_bytes=entry.bytes, sha256=self.wanted.sha256 or entry.sha256)
        return {"url": download_first(entry.mirrors, folder / entry.archive, wanted, way_out=way_out)}

    def _local(self, path: Path, given: str, folder: Path) -> dict[str, Any]:
        if not self.source.strip() or not path.exists():
            raise UserError(f"{self.key}={redacted(self.source)}: there is no such file or folder. {self._choices()}")
        if path.is_dir():
            if self.wanted.sha256:
                raise UserError(f"{self.key}: {path} is a folder, which has no SHA-256; leave out #sha256=…, or name an archive")
            target = folder / f"{path.resolve().name or 'folder'}.tar"
            found = pack_folder(path, target, max_bytes=self.wanted.max_bytes, progress=self.wanted.progress)
            return {"path": given, "fingerprint": found.fingerprint(path), "passed_over": found.counts.as_rows()}
        if not path.name.lower().endswith(SUFFIXES):
            raise UserError(f"{self.key}={redacted(self.source)}: {path.name} is no archive by its ending. {self._endings()}")
        download(path.absolute().as_uri(), folder / path.name, replace(self.wanted, keep_in=None))
        return {"path": given}

    def _choices(self) -> str:
        return (
            "Set it to sample (synthetic data), published, an http://, https:// or file:// address, or the path "
            f"(absolute or from {self.root}) of a folder of images or an archive ({', '.join(SUFFIXES)})."
        )

    def _endings(self) -> str:
        return f"Name it as its content is ({', '.join(SUFFIXES)}), or give an unpacked folder: -S {self.key}=/path/to/folder"


def _is_plain(name: str) -> bool:
    """Whether a name from an address is one file name and no path."""
    try:
        return safe_parts(name) == (name,) and not name.startswith(".")
    except BadName:
        return False


def pack_folder(folder: Path, target: Path, *, max_bytes: int, progress: bool = True) -> ImageFolder:
    """Write the images below `folder` to the uncompressed tar `target`, by their paths below it, in natural order.

    Times, owners and modes are constants (0, 0, 644), so that the same images give the same bytes on any machine. A link is packed as the
    file it points to. Returns what was found, also the files that were passed over.
    Raises UserError for a folder without images, for files that cannot be packed, all in one message, the limit, and disk errors.
    """
    found = ImageFolder.with_images(folder)
    bad, gate = [f"{folder / file}: {reason}" for file, reason in found.unusable.items()], UniqueNames()
    for file in found.images:
        try:
            gate.admit(str(file))
        except BadName as error:
            bad.append(f"{folder / file}: {error}")
    if bad:
        listed = "\n".join(f"  - {line}" for line in bad)
        raise UserError(f"{folder} holds what cannot be used ({len(bad)}):\n{listed}\nmend or remove these")
    total = sum((folder / file).stat().st_size for file in found.images)
    if total > max_bytes:
        raise UserError(f"{folder}: holds {human_bytes(total)}, more than download.max_bytes ({human_bytes(max_bytes)}) allows")
    with write_errors(target), tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for file in tqdm(found.images, desc=f"pack {folder.name}", unit="file", disable=not progress):
            _add(tar, folder / file, str(file))
    return found


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    """Append one file with constant metadata. It is read before its header is written: a file that shrinks meanwhile damages no tar."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error}). Check the file's rights.") from error
    info = tarfile.TarInfo(name)
    info.mode, info.size = 0o644, len(content)
    tar.addfile(info, io.BytesIO(content))
