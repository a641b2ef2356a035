"""The members of a tar, tar.gz or zip, in order; plain files, folders and links are accepted.

Python's tarfile and zipfile read; this module checks what they accept. tarfile takes a damaged or missing header for the end, so that a
truncated archive looks like a short one, reads headers of any size into memory and believes them, and neither module rejects links,
devices or encrypted members.
"""

import gzip
import lzma
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from pix2pix.data.archive_type import HEAD_BYTES, UNKNOWN, ArchiveType, archive_type, describe
from pix2pix.prepare.member_names import decode_name
from pix2pix.system.terminal import human_bytes

# Everything the standard library raises on damaged bytes. RuntimeError covers zip passwords and endless chains of tar headers.
BROKEN = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError, IndexError, KeyError,
    NotImplementedError, RuntimeError, gzip.BadGzipFile, lzma.LZMAError,
)  # fmt: skip
_MAX_HEADERS = 1 << 20  # bytes of the pax and long-name headers of one member, which are read into memory
_MAX_PADDING = 16 << 20  # bytes after a tar's end mark; fewer than 10 KiB are usual
_HEADER_TYPES = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_ZIP_ENCRYPTED = 0x1 | 0x40 | 0x2000
_ZIP_UTF8 = 0x800
_ZIP_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_ZIP_OTHERS = {1: "Shrink", 6: "Implode", 9: "Deflate64", 93: "Zstandard", 95: "XZ", 96: "JPEG", 97: "WavPack", 98: "PPMd"}
_PAX_RECORD = re.compile(rb"([0-9]{1,7}) ([^=\n]{1,256})=")
_PAX_SIZE = re.compile(rb"[0-9]{1,19}")


class BadMember(Exception):
    """A member, or the archive as a whole where `member` is '', is not accepted, for `reason`."""

    def __init__(self, member: str, reason: str) -> None:
        super().__init__(reason)
        self.member, self.reason = member, reason


@dataclass(frozen=True)
class Entry:
    """One member.

    name: with forward slashes. encoding: what the name was read in, if not UTF-8. size: bytes that it claims, with those of its headers
    beyond the first. link: why it cannot be read, where it is a link, else "".
    """

    name: str
    folder: bool
    size: int
    open: Callable[[], IO[bytes]]
    encoding: str = ""
    link: str = ""


def type_of(archive: Path) -> ArchiveType:
    """tar, gzip or zip, by content. Raises BadMember for anything else."""
    with archive.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = archive_type(head)
    if kind is None:
        raise BadMember("", f"it is {describe(head)}, not a tar, tar.gz or zip archive")
    return kind


def entries(archive: Path, kind: ArchiveType) -> Iterator[Entry]:
    """Every member in the archive's own order; an entry can be read only until the next one is asked for.

    Raises BadMember for a member that is not a plain file, folder or link (a device, an encrypted file), and for a damaged or truncated
    archive.
    """
    try:
        yield from _zip_entries(archive) if kind == "zip" else _tar_entries(archive, packed=kind == "gzip")
    except UnicodeDecodeError as error:
        raise BadMember("", "a name in it is not UTF-8; pack the files again under UTF-8 names") from error
    except BROKEN as error:
        raise BadMember("", f"it is damaged or cut short ({error or type(error).__name__}); fetch it again") from error
    except OSError as error:
        raise BadMember("", f"it cannot be read ({error.strerror or error})") from error


class _StrictTarInfo(tarfile.TarInfo):
    """A tar header that raises BadMember where tarfile would take damage for the end of the archive, or read without bounds.

    tarfile chooses a method `_proc_…` by the header's type, which subclasses may replace.
    """

    @classmethod
    def fromtarfile(cls, tar: tarfile.TarFile) -> "_StrictTarInfo":
        try:  # not in frombuf, which newer versions of tarfile do not call
            return super().fromtarfile(tar)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined, unused-ignore]
            raise  # the end mark, as it should be
        except (tarfile.HeaderError, ValueError) as error:
            raise BadMember("", f"it is damaged or cut short ({error} where a member or the end mark should be); fetch it again") from error

    def _proc_member(self, tar: "_StrictTar") -> tarfile.TarInfo:
        if self.size < 0:
            raise BadMember(self.name, f"its header claims {self.size} bytes")
        if self.type in _HEADER_TYPES:
            tar.header_bytes += self.size
            if tar.header_bytes > _MAX_HEADERS:
                raise BadMember(self.name, f"its header claims {tar.header_bytes} bytes, of which {_MAX_HEADERS} are allowed")
        return super()._proc_member(tar)  # type: ignore[misc, no-any-return, unused-ignore]

    def _proc_pax(self, tar: "_StrictTar") -> tarfile.TarInfo:
        """Read a pax header (POSIX.1-2017, pax, "Extended Header"). Of its records, path and size matter here."""
        records = _pax_records(tar.fileobj.read(self._block(self.size))[: self.size])  # type: ignore[attr-defined, union-attr, unused-ignore]
        member: tarfile.TarInfo = self.fromtarfile(tar)
        if self.type == tarfile.XGLTYPE:
            return member  # for all members: a comment, as Git writes it
        if any(key.startswith(b"GNU.sparse.") for key in records):
            raise BadMember(member.name, "it is no plain file (sparse)")
        if b"path" in records:
            member.name = records[b"path"].decode("utf-8", "surrogateescape").rstrip("/")
        if b"size" in records:
            if not _PAX_SIZE.fullmatch(records[b"size"]):
                raise BadMember(member.name, f"its header claims {records[b'size'][:20]!r} bytes")
            member.size = int(records[b"size"])
            if member.isreg():
                tar.offset = member.offset_data + member._block(member.size)  # type: ignore[attr-defined, unused-ignore]
        return member

    def _proc_sparse(self, tar: "_StrictTar") -> tarfile.TarInfo:
        raise BadMember(self.name, "it is no plain file (sparse)")


class _StrictTar(tarfile.TarFile):
    """header_bytes: of the pax and long-name headers since the last member."""

    tarinfo = _StrictTarInfo
    header_bytes = 0


def _pax_records(content: bytes) -> dict[bytes, bytes]:
    """The records `<length> <key>=<value>` of a pax header."""
    found, position = {}, 0
    while position < len(content) and content[position]:
        record = _PAX_RECORD.match(content, position)
        end = position + int(record[1]) if record else 0
        if record is None or not record.end() < end <= len(content):
            raise BadMember("", "it is damaged (a pax header that cannot be read); fetch it again")
        found[record[2]] = content[record.end() : end - 1]
        position = end
    return found


def _tar_entries(archive: Path, *, packed: bool) -> Iterator[Entry]:
    with ExitStack() as stack:
        stream: BinaryIO = stack.enter_context(archive.open("rb"))
        if packed:
            stream = cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=stream, mode="rb")))
            head = stream.read(HEAD_BYTES)
            if archive_type(head) != "tar" and (found := describe(head)) != UNKNOWN:
                raise BadMember("", f"what gzip packs in it is {found}, not a tar")
            stream.seek(0)
        tar = stack.enter_context(_StrictTar(fileobj=stream, mode="r"))
        while (info := tar.next()) is not None:
            tar.members.clear()  # type: ignore[attr-defined, unused-ignore]  # tarfile would keep all of them in memory
            _check_tar_kind(info)
            folder = info.isdir() or (info.name.endswith("/") and not info.size)  # some writers mark folders by the slash alone
            link = f"it is a link (to {info.linkname!r}); pack the files themselves" if info.issym() or info.islnk() else ""
            yield Entry(info.name, folder, info.size + tar.header_bytes, lambda info=info: _tar_file(tar, info), link=link)  # type: ignore[misc]
            tar.header_bytes = 0
        rest = stream.read(_MAX_PADDING)  # reading to the end makes gzip check length and CRC
        if packed and len(rest) == _MAX_PADDING:
            raise BadMember("", f"more than {human_bytes(_MAX_PADDING)} follow its end mark")
        if archive_type(rest.lstrip(b"\0")[:HEAD_BYTES]) == "tar":
            raise BadMember("", "it goes on with another tar after its end mark: unpack both, and give the folder")


def _tar_file(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(info)
    if file is None:
        raise BadMember(info.name, "it is no plain file")
    return file


def _check_tar_kind(info: tarfile.TarInfo) -> None:
    if info.ischr() or info.isblk() or info.isfifo():
        raise BadMember(info.name, "it is a device or a pipe, not a file")
    if not (info.isdir() or info.issym() or info.islnk() or info.type in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)):
        raise BadMember(info.name, f"it is no plain file (tar type {info.type!r})")


def _zip_entries(archive: Path) -> Iterator[Entry]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            name, encoding = _zip_name(info)
            _check_zip_kind(info, name)
            link = "it is a link; pack the files themselves" if stat.S_ISLNK(info.external_attr >> 16) else ""
            yield Entry(name, name.endswith("/"), info.file_size, lambda info=info: opened.open(info), encoding, link)  # type: ignore[misc]


def _check_zip_kind(info: zipfile.ZipInfo, name: str) -> None:
    if info.flag_bits & _ZIP_ENCRYPTED:
        raise BadMember(name, "it is encrypted; pack the files again without a password")
    if info.compress_type not in _ZIP_METHODS:
        method = _ZIP_OTHERS.get(info.compress_type, f"method {info.compress_type}")
        raise BadMember(name, f"it is compressed by {method}, which this program does not read; pack the files again with Deflate")
    mode = info.external_attr >> 16  # the upper half holds Unix's st_mode where the archive was made on one, else 0
    if stat.S_IFMT(mode) and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
        raise BadMember(name, "it is a device or a pipe, not a file")


def _zip_name(info: zipfile.ZipInfo) -> tuple[str, str]:
    """The member's name with forward slashes (old Windows programs write backslashes), and what it was read in, as `decode_name`."""
    name, encoding = info.orig_filename, ""
    if not info.flag_bits & _ZIP_UTF8 and not name.isascii():
        name, encoding = decode_name(name.encode("cp437"))  # reverts without loss what zipfile did
    return name.replace("\\", "/"), encoding
