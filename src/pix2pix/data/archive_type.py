"""Detect the type of a file from its first bytes, as its name and a server's Content-Type may be wrong."""

import tarfile
from typing import Literal

HEAD_BYTES = 512
"""How many first bytes `archive_type` needs: one tar header."""

ArchiveType = Literal["gzip", "tar", "zip"]
UNKNOWN = "a file of unknown kind"

_OTHERS = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"BZh", "a bzip2 file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"PK\x07\x08", "a part of a split zip archive: join the parts"),
    (b"PK\x03\x04", "a zip archive"),
    (b"MZ", "a Windows program: if it unpacks itself, let it do so first"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"version https://git-lfs", "a Git LFS pointer instead of the file itself"),
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript file (EPS): convert it to PNG"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file (EPS): convert it to PNG"),
    (b"8BPS", "a Photoshop file (PSD): convert it to PNG"),
    (b"\xff\x0a", "a JPEG XL image: convert it to PNG"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL image: convert it to PNG"),
    (b"FUJIFILMCCD-RAW", "a camera's raw file: convert it to JPEG"),
    (b"\0\0\1\0", "an icon (ICO): convert it to PNG"),
    (b"icns", "an icon (ICNS): convert it to PNG"),
    (b"v/1\1", "an OpenEXR image: convert it to PNG"),
    (b"P7\n", "a PAM image: convert it to PNG"),
)


def archive_type(head: bytes) -> ArchiveType | None:
    """The type of the archive that begins with `head` (the first HEAD_BYTES bytes, or all of a shorter file); None if it is no archive.

    gzip is recognised by its magic number and the deflate method (RFC 1952, 2.3.1), zip by its local-file or end-of-directory signature
    (APPNOTE 4.3), tar by its header checksum, which archives older than the `ustar` magic have too.
    """
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if len(head) >= HEAD_BYTES and _is_tar_header(head[:HEAD_BYTES]):
        return "tar"
    return None


def describe(head: bytes) -> str:
    """What a file that is no supported archive seems to be, as words for a message: 'a web page', 'a 7z archive', 'an empty file', ..."""
    if not head:
        return "an empty file"
    if head[4:8] == b"ftyp":
        kind = {b"avif": "a damaged AVIF image", b"crx ": "a camera's raw file: convert it to JPEG"}
        return kind.get(head[8:12], "a video, or an image of a format that is not read")
    if head[128:132] == b"DICM":
        return "a medical image (DICOM): convert it to PNG"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<!--", b"<script", b"<meta", b"<title")):
        return "a web page"
    for magic, words in _OTHERS:
        if head.startswith(magic):
            return words
    if b"<svg" in text:
        return "a drawing (SVG): convert it to PNG"
    if text.startswith((b"<?xml", b"<error", b"{")):
        return "a text message"
    return UNKNOWN


def _is_tar_header(block: bytes) -> bool:
    if not any(block):
        return True  # only the end-of-archive marker: an empty tar
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True
