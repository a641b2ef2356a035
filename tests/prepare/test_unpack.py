import gzip
import io
import os
import shutil
import stat
import struct
import subprocess
import sys
import tarfile
import textwrap
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pix2pix.errors import UserError
from pix2pix.prepare.unpack import Limits, Unpacked
from pix2pix.prepare.unpack import unpack as unpack_to

Files = Sequence[tuple[str, bytes]]
Writer = Callable[[Path, Files], Path]
PICTURES = [("set/train/10.jpg", b"ten" * 400), ("set/train/2.jpg", b"two" * 400), ("set/val/Bild ä ü 名.png", b"named")]


def unpack(archive: Path, into: Path, *, limits: Limits, progress: bool = True) -> list[Path]:
    return [into / file for file in unpacked(archive, into, limits=limits, progress=progress).files]


def unpacked(archive: Path, into: Path, *, limits: Limits = Limits(), progress: bool = False) -> Unpacked:  # noqa: B008
    return unpack_to(archive, into, limits=limits, progress=progress)


def tar_of(path: Path, files: Files, mode: str = "w") -> Path:
    with tarfile.open(path, mode) as tar:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            tar.addfile(info, io.BytesIO(content))
    return path


def tar_gz_of(path: Path, files: Files) -> Path:
    return tar_of(path, files, "w:gz")


def zip_of(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return path


every_format = pytest.mark.parametrize("write", [tar_of, tar_gz_of, zip_of])


def refusal(archive: Path, *, limits: Limits = Limits()) -> str:  # noqa: B008
    """The message for an archive that must be refused, with nothing written anywhere near it."""
    into = archive.parent / "deep" / "into"
    into.parent.mkdir(exist_ok=True)
    before = sorted(archive.parent.rglob("*"))
    with pytest.raises(UserError) as caught:
        unpack(archive, into, limits=limits, progress=False)
    assert sorted(archive.parent.rglob("*")) == before
    assert str(archive) in str(caught.value)
    return str(caught.value)


@every_format
def test_files_come_out_as_they_went_in_and_in_natural_order(tmp_path: Path, write: Writer) -> None:
    files = unpack(write(tmp_path / "any.name", PICTURES), tmp_path / "into", limits=Limits(), progress=False)
    assert [path.relative_to(tmp_path / "into").as_posix() for path in files] == [PICTURES[1][0], PICTURES[0][0], PICTURES[2][0]]
    assert {path.relative_to(tmp_path / "into").as_posix(): path.read_bytes() for path in files} == dict(PICTURES)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["any.name", "into"]


@every_format
def test_an_empty_folder_may_be_there_already_but_not_a_full_one(tmp_path: Path, write: Writer) -> None:
    into = tmp_path / "into"
    into.mkdir()
    unpack(write(tmp_path / "a", PICTURES), into, limits=Limits())
    with pytest.raises(UserError, match="is there already"):
        unpack(tmp_path / "a", into, limits=Limits())
    assert len(list(into.rglob("*.jpg"))) == 2


@every_format
def test_folders_and_desktop_litter_are_left_out_and_the_litter_is_counted(tmp_path: Path, write: Writer) -> None:
    litter = ["__MACOSX/set/._1.jpg", "set/.DS_Store", "set/Thumbs.db", "set/._1.jpg", "set/train/"]
    archive = write(tmp_path / "a", [(name, b"") for name in litter] + [("./set//1.jpg", b"1")])
    found = unpacked(archive, tmp_path / "into")
    assert list(map(str, found.files)) == ["set/1.jpg"] and found.passed_over.total == len(litter) - 1  # all but the folder
    assert list((tmp_path / "into").rglob("*.*")) == [tmp_path / "into" / "set" / "1.jpg"]


HOSTILE_NAMES = {
    "../evil.jpg": "..",
    "set/../../evil.jpg": "..",
    "/etc/evil.jpg": "absolute",
    "//evil.jpg": "absolute",
    "C:/evil.jpg": "drive letter",
    "set/new\nline.jpg": "control character",
    "set/" + "x" * 300 + ".jpg": "too long",
    "/".join(["deep"] * 400) + "/x.jpg": "too long",
}


@every_format
@pytest.mark.parametrize(("name", "reason"), HOSTILE_NAMES.items(), ids=range(len(HOSTILE_NAMES)))
def test_hostile_names_are_refused_with_member_and_reason(tmp_path: Path, write: Writer, name: str, reason: str) -> None:
    message = refusal(write(tmp_path / "a", [("set/1.jpg", b"1"), (name, b"evil")]))
    assert reason in message and repr(name) in message


@every_format
@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["a/1.jpg", "a/1.jpg"], "twice"),
        (["a/1.jpg", "a/./1.jpg"], "twice"),
        (["a/1.jpg", "a/1.JPG"], "only by case"),
        (["Train/1.jpg", "train/2.jpg"], "only by case"),
        (["stra\u00dfe.jpg", "STRASSE.jpg"], "only by case"),
        (["caf\u00e9.jpg", "cafe\u0301.jpg"], "only by case or Unicode form"),
        (["a.jpg", "a.jpg/1.jpg"], "a file and a folder"),
        (["a.jpg/1.jpg", "a.jpg"], "a file and a folder"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_fall_together_are_refused(tmp_path: Path, write: Writer, names: list[str], reason: str) -> None:
    assert reason in refusal(write(tmp_path / "a", [(name, b"x") for name in names]))


def test_backslashes_are_separators_in_a_zip_and_refused_in_a_tar(tmp_path: Path) -> None:
    assert "backslash" in refusal(tar_of(tmp_path / "a.tar", [("..\\evil.jpg", b"x")]))
    assert ".." in refusal(zip_of(tmp_path / "a.zip", [("..\\evil.jpg", b"x")]))
    files = unpack(zip_of(tmp_path / "b.zip", [("set\\1.jpg", b"x")]), tmp_path / "into", limits=Limits())
    assert files == [tmp_path / "into" / "set" / "1.jpg"]


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (tarfile.SYMTYPE, "link"),
        (tarfile.LNKTYPE, "link"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
        (tarfile.FIFOTYPE, "pipe"),
        (tarfile.GNUTYPE_SPARSE, "no plain file"),
        (b"V", "no plain file"),
    ],
)
def test_what_is_no_file_in_a_tar_is_refused(tmp_path: Path, mode: str, kind: bytes, reason: str) -> None:
    with tarfile.open(tmp_path / "a.tar", mode) as tar:
        tar.addfile(tarfile.TarInfo("set/1.jpg"))
        info = tarfile.TarInfo("set/evil.jpg")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    message = refusal(tmp_path / "a.tar")
    assert reason in message and "set/evil.jpg" in message


def test_a_link_of_another_name_is_passed_over_and_counted(tmp_path: Path) -> None:
    for mode, kind in (("w", tarfile.SYMTYPE), ("w:gz", tarfile.LNKTYPE)):
        with tarfile.open(tmp_path / "a.tar", mode) as tar:
            for name, type_ in (("set/1.jpg", tarfile.REGTYPE), ("set/README", kind), ("set/latest", kind), (".hidden", kind)):
                info = tarfile.TarInfo(name)
                info.type, info.linkname = type_, "/etc/passwd"
                tar.addfile(info)
        done = unpacked(tmp_path / "a.tar", tmp_path / kind.decode())
        assert [str(file) for file in done.files] == ["set/1.jpg"]
        assert done.passed_over.passed_over.total() == 3 and done.passed_over.passed_over["", "a link"] == 2
        assert not list((tmp_path / kind.decode()).rglob("README"))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("set/1.jpg", b"1")
        link = zipfile.ZipInfo("set/README")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert unpacked(tmp_path / "a.zip", tmp_path / "zip").passed_over.passed_over["", "a link"] == 1


@pytest.mark.parametrize(("kind", "reason"), [(stat.S_IFLNK, "link"), (stat.S_IFCHR, "device"), (stat.S_IFIFO, "pipe")])
def test_what_is_no_file_in_a_zip_is_refused(tmp_path: Path, kind: int, reason: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("set/1.jpg", b"1")
        info = zipfile.ZipInfo("set/evil.jpg")
        info.create_system, info.external_attr = 3, (kind | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    message = refusal(tmp_path / "a.zip")
    assert reason in message and "set/evil.jpg" in message


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    content = bytearray(zip_of(tmp_path / "a.zip", [("set/1.jpg", b"1" * 20)]).read_bytes())
    for signature, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags_at] |= 1
    (tmp_path / "a.zip").write_bytes(content)
    assert "encrypted" in refusal(tmp_path / "a.zip")


@pytest.mark.parametrize(("method", "words"), [(9, "by Deflate64"), (93, "by Zstandard"), (98, "by PPMd"), (77, "by method 77")])
def test_an_unknown_way_of_packing_is_named(tmp_path: Path, method: int, words: str) -> None:
    content = bytearray(zip_of(tmp_path / "a.zip", [("set/1.jpg", b"1" * 20)]).read_bytes())
    for signature, method_at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(signature) + method_at] = method
    (tmp_path / "a.zip").write_bytes(content)
    assert words in refusal(tmp_path / "a.zip")


@pytest.mark.parametrize("write", [tar_of, tar_gz_of])
def test_names_of_a_tar_that_are_not_utf8_are_refused(tmp_path: Path, write: Writer) -> None:
    assert "not UTF-8" in refusal(write(tmp_path / "a", [("set/1.jpg", b"1"), ("set/\udce9\udce8.jpg", b"x")]))


@pytest.mark.parametrize(
    ("name", "encoding", "words"),
    [
        ("Küche groß", "cp850", "code page 437"), ("été à la mer", "cp437", "code page 437"), ("Löwenbräu", "cp437", "code page 437"),
        ("照片一二", "gbk", "Chinese (GBK)"), ("我的 照片", "gbk", "Chinese (GBK)"), ("風景写真", "shift_jis", "Japanese (Shift-JIS)"),
        ("ソファのテスト", "shift_jis", "Japanese (Shift-JIS)"), ("кошка", "cp866", "code page 437"),
    ],
)  # fmt: skip
def test_names_of_a_zip_without_the_utf8_flag_are_read_and_it_is_said_how(tmp_path: Path, name: str, encoding: str, words: str) -> None:
    raw = [f"{name}{number}".encode(encoding) for number in range(9)]
    content = zip_of(tmp_path / "a", [(f"set/{'X' * (len(one) - 1)}{number}.jpg", b"x") for number, one in enumerate(raw)]).read_bytes()
    for number, one in enumerate(raw):
        content = content.replace(b"X" * (len(one) - 1) + str(number).encode(), one)
    (tmp_path / "a").write_bytes(content)
    found = unpacked(tmp_path / "a", tmp_path / "into")
    assert len({file.name for file in found.files}) == 9 and words in found.notes[0]
    if "437" not in words or encoding == "cp437":
        assert sorted(file.stem for file in found.files) == [f"{name}{number}" for number in range(9)]


def test_a_zip_that_lies_about_utf8_is_refused(tmp_path: Path) -> None:
    content = zip_of(tmp_path / "a", [("set/éX.jpg", b"x")]).read_bytes().replace("é".encode(), b"\xff\xfe")
    (tmp_path / "a").write_bytes(content)
    assert "not UTF-8" in refusal(tmp_path / "a")


def test_a_zip_that_forgot_the_utf8_flag_keeps_its_names(tmp_path: Path) -> None:
    content = zip_of(tmp_path / "a", [("set/1234.jpg", b"x")]).read_bytes().replace(b"1234", "éß".encode())
    (tmp_path / "a").write_bytes(content)
    assert [path.name for path in unpack(tmp_path / "a", tmp_path / "into", limits=Limits())] == ["éß.jpg"]


@every_format
def test_what_is_no_image_is_passed_over_and_counted(tmp_path: Path, write: Writer) -> None:
    others = ["README.txt", "set/labels.csv", "set/LICENSE", "set/.gitkeep", "ehthumbs.db", "Icon\r", "set/inner.zip", "set/labels.CSV"]
    found = unpacked(write(tmp_path / "a", [*PICTURES, *((name, b"x") for name in others)]), tmp_path / "into")
    assert [str(file) for file in found.files] == [PICTURES[1][0], PICTURES[0][0], PICTURES[2][0]] and not found.notes
    line = found.passed_over.line()
    assert line.startswith("8 files: 0 used, ") and "1 .zip passed over (an archive: unpack it)" in line and "1 .txt" in line


@every_format
def test_archives_in_an_archive_are_named(tmp_path: Path, write: Writer) -> None:
    message = refusal(write(tmp_path / "a", [("set/train.zip", b"PK"), ("set/test.tar.gz", b"x")]))
    assert "holds no images: 2 files: 0 used, 1 .gz and 1 .zip passed over (an archive: unpack it)" in message


@every_format
def test_limits_are_held_for_bytes_and_entries(tmp_path: Path, write: Writer) -> None:
    archive = write(tmp_path / "a", [(f"set/{n}.jpg", os.urandom(1000)) for n in range(10)])
    assert "more than 9.0 KiB" in refusal(archive, limits=Limits(max_bytes=9216))
    assert "more than 9 entries" in refusal(archive, limits=Limits(max_files=9))
    assert len(unpack(archive, tmp_path / "into", limits=Limits(max_bytes=10_000, max_files=10))) == 10


@pytest.mark.parametrize("write", [tar_gz_of, zip_of])
def test_a_bomb_is_told_by_its_ratio(tmp_path: Path, write: Writer) -> None:
    archive = write(tmp_path / "a", [("set/1.jpg", bytes(4 << 20))])
    assert "over 200 times" in refusal(archive, limits=Limits(ratio_from_bytes=1 << 20))


@every_format
def test_many_empty_folders_are_entries_too(tmp_path: Path, write: Writer) -> None:
    archive = write(tmp_path / "a", [(f"set/{n}/", b"") for n in range(20)])
    assert "more than 10 entries" in refusal(archive, limits=Limits(max_files=10))


def test_bytes_behind_the_end_of_a_tar_are_counted(tmp_path: Path) -> None:
    tar_of(tmp_path / "plain", PICTURES)
    (tmp_path / "a").write_bytes(gzip.compress((tmp_path / "plain").read_bytes() + bytes(17 << 20)))
    assert "follow its end mark" in refusal(tmp_path / "a")


def test_litter_cannot_hide_a_bomb(tmp_path: Path) -> None:
    tar_gz_of(tmp_path / "a", [("set/1.jpg", b"1"), ("set/._1.jpg", bytes(8 << 20))])
    assert "over 200 times" in refusal(tmp_path / "a", limits=Limits(ratio_from_bytes=1 << 20))


def test_a_zip_header_that_claims_too_little_brings_no_more_than_it_claims(tmp_path: Path) -> None:
    content = bytearray(zip_of(tmp_path / "a", [("set/1.jpg", bytes(1 << 20))]).read_bytes())
    for signature, size_at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(signature) + size_at
        content[at : at + 4] = struct.pack("<I", 10)
    (tmp_path / "a").write_bytes(content)
    assert "damaged" in refusal(tmp_path / "a", limits=Limits(max_bytes=1000))


def test_a_header_of_endless_metadata_is_not_read_into_memory(tmp_path: Path) -> None:
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, (1 << 33) - 1
    (tmp_path / "a").write_bytes(info.tobuf() + bytes(10240))
    assert "claims 8589934591 bytes" in refusal(tmp_path / "a")


def header(kind: bytes, content: bytes) -> bytes:
    info = tarfile.TarInfo("header")
    info.type, info.size = kind, len(content)
    return info.tobuf() + content + bytes(-len(content) % 512)


def pax(**records: str) -> bytes:
    lines = b""
    for key, value in records.items():
        line = f" {key}={value}\n".encode()
        length = next(n for n in range(len(line), len(line) + 9) if n == len(line) + len(str(n)))
        lines += str(length).encode() + line
    return lines


def packed(path: Path, *parts: bytes) -> Path:
    path.write_bytes(gzip.compress(b"".join(parts) + bytes(1024)))
    return path


def test_headers_count_against_a_limit_in_a_row_and_in_all(tmp_path: Path) -> None:
    comment = header(tarfile.XGLTYPE, pax(comment="x" * 200_000))
    one = tar_of(tmp_path / "one.tar", [("1.jpg", b"1")]).read_bytes()[:1024]
    assert "of which 1048576 are allowed" in refusal(packed(tmp_path / "a", *[comment] * 6, one))
    many = b"".join(comment + tar_of(tmp_path / "one.tar", [(f"{number}.jpg", b"1")]).read_bytes()[:1024] for number in range(20))
    (tmp_path / "one.tar").unlink()
    assert "over 200 times" in refusal(packed(tmp_path / "a", many), limits=Limits(ratio_from_bytes=1 << 20))
    assert len(unpack(packed(tmp_path / "b", many), tmp_path / "into", limits=Limits())) == 20


@pytest.mark.parametrize("size", ["-1536", "-1", "-67584", "1e9", "9" * 30, "99999999999", "700x"])
def test_a_size_in_a_pax_header_is_checked(tmp_path: Path, size: str) -> None:
    one = tar_of(tmp_path / "one.tar", [("1.jpg", b"1" * 700)]).read_bytes()[:1536]
    (tmp_path / "one.tar").unlink()
    began = time.monotonic()
    refusal(packed(tmp_path / "a", one.replace(b"1.jpg", b"0.jpg"), header(tarfile.XHDTYPE, pax(size=size)), one))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "content", [b"1" * 500_000, b"0 path=x\n", b"9999 path=x\n", b"12 path=x\n", pax(**{"GNU.sparse.major": "1", "GNU.sparse.minor": "0"})]
)
def test_a_pax_header_that_is_none_is_refused_at_once(tmp_path: Path, content: bytes) -> None:
    one = tar_of(tmp_path / "one.tar", [("1.jpg", b"1" * 700)]).read_bytes()[:1536]
    (tmp_path / "one.tar").unlink()
    began = time.monotonic()
    refusal(packed(tmp_path / "a", header(tarfile.XHDTYPE, content), one))
    assert time.monotonic() - began < 5


def test_pax_headers_say_long_names_and_sizes(tmp_path: Path) -> None:
    name, content = "set/" + "ä" * 90 + ".jpg", b"1" * 700
    info = tarfile.TarInfo("short")
    one = info.tobuf()  # of size 0
    archive = packed(tmp_path / "a", header(tarfile.XHDTYPE, pax(path=name, size="700", mtime="1.5")), one, content, bytes(324))
    assert [path.read_bytes() for path in unpack(archive, tmp_path / "into", limits=Limits())] == [content]
    assert (tmp_path / "into" / name).exists()


@every_format
@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.5, 0.7])
def test_a_cut_archive_is_refused(tmp_path: Path, write: Writer, share: float) -> None:
    whole = write(tmp_path / "whole", [(f"set/{n}.jpg", os.urandom(3000)) for n in range(10)]).read_bytes()
    (tmp_path / "whole").unlink()
    (tmp_path / "a").write_bytes(whole[: int(len(whole) * share)])
    refusal(tmp_path / "a")


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_cut_between_two_members_does_not_pass_for_a_short_one(tmp_path: Path, mode: str) -> None:
    plain = tar_of(tmp_path / "a", [("set/1.jpg", b"1" * 512), ("set/2.jpg", b"2" * 512)]).read_bytes()[:1024]
    (tmp_path / "a").write_bytes(plain if mode == "w" else gzip.compress(plain))
    assert "damaged or cut short" in refusal(tmp_path / "a")


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_damaged_header_in_the_middle_does_not_pass_for_the_end(tmp_path: Path, mode: str) -> None:
    plain = bytearray(tar_of(tmp_path / "a", [("set/1.jpg", b"1" * 512), ("set/2.jpg", b"2" * 512)]).read_bytes())
    plain[1024 + 20] ^= 1
    (tmp_path / "a").write_bytes(plain if mode == "w" else gzip.compress(plain))
    assert "bad checksum" in refusal(tmp_path / "a")


@pytest.mark.parametrize("write", [tar_gz_of, zip_of])
def test_damaged_content_is_noticed(tmp_path: Path, write: Writer) -> None:
    content = bytearray(write(tmp_path / "a", [("set/1.jpg", os.urandom(5000)), ("set/2.jpg", os.urandom(5000))]).read_bytes())
    content[7000] ^= 0xFF
    (tmp_path / "a").write_bytes(content)
    assert "damaged or cut short" in refusal(tmp_path / "a")


@pytest.mark.parametrize("write", [tar_of, zip_of])
def test_names_are_all_checked_before_anything_is_written(tmp_path: Path, write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    plain_open = Path.open
    monkeypatch.setattr(Path, "open", lambda path, mode="r", *rest, **kw: (opened.append(mode), plain_open(path, mode, *rest, **kw))[1])
    refusal(write(tmp_path / "a", [*PICTURES, ("../evil.jpg", b"x")]))
    assert "xb" not in opened


@every_format
def test_an_archive_without_files_is_refused(tmp_path: Path, write: Writer) -> None:
    assert "holds no files" in refusal(write(tmp_path / "a", []))
    assert "holds no images: 1 file: 0 used" in refusal(write(tmp_path / "b", [("set/", b""), ("set/.DS_Store", b"x")]))
    assert "holds no images: 1 file: 0 used, 1 .txt passed over" in refusal(write(tmp_path / "c", [("a.txt", b"x")]))


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "an empty file"), (b"<html>", "a web page"), (b"7z\xbc\xaf\x27\x1c" + bytes(99), "a 7z archive"), (b"x" * 999, "unknown kind")],
)
def test_what_is_no_archive_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    assert words in refusal(tmp_path / "a.zip")


def test_a_packed_file_that_is_no_tar_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(b"just a text " * 100))
    assert "damaged or cut short" in refusal(tmp_path / "a.tar.gz")


def test_a_missing_archive_is_said(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "a.zip")


def test_a_full_disk_is_said_and_the_same_call_succeeds_with_room(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "a.zip", [("set/1.jpg", os.urandom(50_000)), ("set/2.jpg", os.urandom(200_000))])
    script = """
        import resource, sys
        from pathlib import Path
        from pix2pix.prepare.unpack import Limits, unpack
        from pix2pix.errors import UserError
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        try:
            unpack(Path(sys.argv[1]), Path(sys.argv[2]), limits=Limits())
        except UserError as error:
            print(error)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(archive), str(tmp_path / "into")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "set/2.jpg: no room left" in said
    assert list(tmp_path.iterdir()) == [archive]
    assert len(unpack(archive, tmp_path / "into", limits=Limits())) == 2


def seeds() -> list[bytes]:
    """Small archives of every format, for the fuzzer to damage."""
    plain, packed = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("set/1.jpg", b"1" * 600), ("set/ü.jpg", b"2")):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
            archive.writestr(name, content)
    tarred = plain.getvalue()[:5120]
    return [tarred, gzip.compress(tarred), packed.getvalue()]


damage = st.one_of(
    st.tuples(st.just("put"), st.floats(0, 1), st.binary(min_size=1, max_size=8)),
    st.tuples(st.just("cut"), st.floats(0, 1), st.just(b"")),
    st.tuples(st.just("insert"), st.floats(0, 1), st.binary(min_size=1, max_size=16)),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2), repack=st.booleans(), changes=st.lists(damage, max_size=4))
def test_damaged_bytes_give_files_below_the_target_or_one_message(
    tmp_path: Path, seed: int, repack: bool, changes: list[tuple[str, float, bytes]]
) -> None:
    content = seeds()[0 if repack else seed]
    for what, share, new in changes:
        at = int(share * len(content))
        rest = {"put": content[at + len(new) :], "cut": b"", "insert": content[at:]}[what]
        content = content[:at] + new + rest
    folder = tmp_path / "fuzz"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "a").write_bytes(gzip.compress(content) if repack else content)
    try:
        files = unpack(folder / "a", folder / "into", limits=Limits(max_bytes=1 << 20, max_files=100), progress=False)
    except UserError:
        assert sorted(folder.rglob("*")) == [folder / "a"]
    else:
        assert sorted(files) == sorted(path for path in (folder / "into").rglob("*") if not path.is_dir())
        assert sorted(path.name for path in folder.iterdir()) == ["a", "into"]


odd_names = st.text(alphabet=st.sampled_from("aAbé/.\\:\x00 0"), max_size=12)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(odd_names, max_size=5), write=st.sampled_from([tar_of, tar_gz_of, zip_of]))
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_no_name_leads_out_of_the_target(tmp_path: Path, names: list[str], write: Writer) -> None:
    folder = tmp_path / "fuzz"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        write(folder / "a", [(name, b"x") for name in names])
    except (ValueError, IndexError):
        return  # the writer itself does not take such a name
    try:
        unpack(folder / "a", folder / "into", limits=Limits(), progress=False)
    except UserError:
        assert sorted(folder.rglob("*")) == [folder / "a"]
    else:
        assert sorted(path.name for path in folder.iterdir()) == ["a", "into"]


@pytest.mark.parametrize("write", [tar_of, tar_gz_of])
def test_tars_that_are_joined_are_refused_and_not_taken_for_the_first(tmp_path: Path, write: Writer) -> None:
    parts = [write(tmp_path / f"{name}.tar", [(f"{name}.png", b"x")]) for name in "ab"]
    (tmp_path / "joined.tar").write_bytes(b"".join(part.read_bytes() for part in parts))
    assert "goes on with another tar after its end mark" in refusal(tmp_path / "joined.tar")


def test_what_gzip_packs_is_named_where_it_is_no_tar(tmp_path: Path) -> None:
    for content, words in (
        (b"\x89PNG\r\n\x1a\n" + bytes(900), "a PNG image, not a tar"),
        (b"PK\3\4" + bytes(900), "a zip archive, not a tar"),
    ):
        (tmp_path / "a.tar.gz").write_bytes(gzip.compress(content))
        assert words in refusal(tmp_path / "a.tar.gz")
    named = tar_gz_of(tmp_path / "b.tar.gz", [("BZh.png", b"x")])  # the first bytes of a tar are a name
    assert unpacked(named, tmp_path / "b").files == [PurePosixPath("BZh.png")]
