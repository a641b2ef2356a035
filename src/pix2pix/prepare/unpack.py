"""Unpack an untrusted archive: no file outside the target, none beyond the limits, none left after a failure."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tqdm import tqdm

from pix2pix.data.file_counts import FileCounts
from pix2pix.data.file_names import BadName, UniqueNames, safe_parts
from pix2pix.data.image_files import LITTER, is_image, is_litter, why_passed_over
from pix2pix.data.natural_order import natural_key
from pix2pix.errors import UserError
from pix2pix.prepare.archive_entries import BROKEN, BadMember, Entry, entries, type_of
from pix2pix.prepare.split import is_list
from pix2pix.system.atomic_write import atomic_folder, write_errors
from pix2pix.system.terminal import byte_bar, human_bytes

_CHUNK = 1 << 20
_LINK = "a link"
_BAR_FROM_BYTES = 32 << 20  # packed; smaller archives are unpacked before a progress bar could be read


@dataclass(frozen=True)
class Limits:
    """What an archive may hold at most.

    max_bytes: of all files together, unpacked. max_files: members, folders included. max_ratio: unpacked over packed bytes, checked for
    archives that unpack to more than ratio_from_bytes. (Images reach about 1, uncompressed masks a few hundred; deflate's maximum, which
    decompression bombs approach, is 1032.)
    """

    max_bytes: int = 64 << 30
    max_files: int = 1_000_000
    max_ratio: int = 200
    ratio_from_bytes: int = 64 << 20


@dataclass(frozen=True)
class Unpacked:
    """files: those written, as paths below the target folder, in natural order of their names. passed_over: the others, counted.

    notes: what the user should know of how names were read.
    """

    files: list[PurePosixPath]
    passed_over: FileCounts
    notes: list[str]


def unpack(archive: Path, into: Path, *, limits: Limits, progress: bool = True) -> Unpacked:
    """Unpack a tar, tar.gz or zip, recognised by its content, into the folder `into`, which must not exist yet or be empty.

    Written are images and lists of splits (`is_list`). As in a folder, litter and what is no image is passed over. A link is passed over
    too, but refused where it is named like an image or a list.
    All names and sizes of a tar or zip are checked before the first byte is written; those of a tar.gz while it is unpacked.
    `into` is written atomically. Raises UserError with archive, member and reason where the archive is hostile, damaged, over the limits or
    without images, and for disk errors.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise UserError(f"{into}: is there already; {archive} is unpacked into a new folder only. Remove it, then run the command again.")
    with write_errors(into), atomic_folder(into) as temporary:
        unpacking = _Unpacking(archive, temporary, limits)
        try:
            return unpacking.all_files(progress=progress)
        except (BadMember, BadName) as error:
            member = error.member if isinstance(error, BadMember) else unpacking.member
            raise UserError(f"{archive}: {member!r}: {error}" if member else f"{archive}: {error}") from error


class _Unpacking:
    """One archive being unpacked: the bytes counted so far, and the current member, for messages."""

    def __init__(self, archive: Path, target: Path, limits: Limits) -> None:
        self.archive, self.target, self.limits = archive, target, limits
        self.member = ""
        self.packed = self.claimed = self.written = 0  # bytes
        self.passed_over = FileCounts()
        self.read_in: dict[str, str] = {}  # encoding -> the first name

    def all_files(self, *, progress: bool) -> Unpacked:
        """Check everything and write the images. Raises UserError, BadMember and BadName."""
        try:
            self.packed = self.archive.stat().st_size
            kind = type_of(self.archive)
        except OSError as error:
            raise UserError(f"{self.archive}: cannot be read ({error.strerror or error}).") from error
        if kind != "gzip":
            self._survey(entries(self.archive, kind))
        files, gate = [], UniqueNames()
        with byte_bar(f"unpack {self.archive.name}", None, show=progress and self.packed >= _BAR_FROM_BYTES) as bar:
            for number, entry in enumerate(entries(self.archive, kind), start=1):
                self._count(number, entry)
                name = self._admit(gate, entry)
                if name is not None:
                    self._write(entry, self.target / name, bar)
                    files.append(name)
        if not any(map(is_image, files)):
            raise BadMember("", f"it holds no images: {self.passed_over.line()}" if self.passed_over.total else "it holds no files")
        notes = [f"the names in {self.archive.name} are read as {encoding}, as {name}" for encoding, name in self.read_in.items()]
        return Unpacked(sorted(files, key=lambda file: natural_key(str(file))), self.passed_over, notes)

    def _admit(self, gate: UniqueNames, entry: Entry) -> PurePosixPath | None:
        """The path to write a member to; None for a folder, litter, and what is passed over. Raises BadName."""
        written = [part for part in entry.name.split("/") if part not in ("", ".")]
        if written and ".." not in written and is_litter(written):
            if not entry.folder:
                self.passed_over.pass_over(written[-1], LITTER)
            return None  # before its letters are looked at: macOS has files called Icon and a carriage return
        parts = safe_parts(entry.name)
        if not parts or entry.folder:
            return None
        file = PurePosixPath(*parts)
        if not (is_image(file) or is_list(file)):
            self.passed_over.pass_over(file, _LINK if entry.link else why_passed_over(file))
            return None
        if entry.link:
            raise BadMember(entry.name, entry.link)
        if entry.encoding:
            self.read_in.setdefault(entry.encoding, file.name)
        return gate.admit(entry.name)

    def _survey(self, members: Iterator[Entry]) -> None:
        """Check names and claimed sizes before anything is written."""
        gate = UniqueNames()
        for number, entry in enumerate(members, start=1):
            self._count(number, entry)
            self._admit(gate, entry)
        self.claimed, self.passed_over = 0, FileCounts()

    def _count(self, number: int, entry: Entry) -> None:
        self.member = entry.name
        self.claimed += entry.size
        if number > self.limits.max_files:
            raise BadMember("", f"it holds more than {self.limits.max_files} entries. If it is trusted, raise prepare.max_files")
        self._check_size(self.claimed)

    def _check_size(self, size: int) -> None:
        if size > self.limits.max_bytes:
            limit = human_bytes(self.limits.max_bytes)
            raise BadMember(
                self.member, f"with it the archive unpacks to more than {limit}. If it is trusted, raise prepare.max_unpacked_bytes"
            )
        if size > self.limits.ratio_from_bytes and size > self.limits.max_ratio * self.packed:
            much = f"over {self.limits.max_ratio} times its {human_bytes(self.packed)}, more than most images do"
            raise BadMember(self.member, f"with it the archive unpacks to {much}. If it is trusted, raise prepare.max_ratio")

    def _write(self, entry: Entry, path: Path, bar: "tqdm[Any]") -> None:
        """Write one file, counting the bytes that are read: the sizes in headers may be wrong."""
        with write_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                for chunk in _content(entry):
                    self.written += len(chunk)
                    self._check_size(self.written)
                    file.write(chunk)
                    bar.update(len(chunk))


def _content(entry: Entry) -> Iterator[bytes]:
    try:
        with entry.open() as source:
            while chunk := source.read(_CHUNK):
                yield chunk
    except BROKEN as error:
        raise BadMember(entry.name, f"it is damaged or cut short ({error or type(error).__name__}); fetch the archive again") from error
    except OSError as error:
        raise BadMember(entry.name, f"it cannot be read ({error.strerror or error})") from error
