import datetime
import gzip
import hashlib
import io
import ipaddress
import os
import re
import ssl
import subprocess
import sys
import tarfile
import textwrap
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pix2pix.download import fetch, http
from pix2pix.download.partial_download import PartialDownload, Wanted
from pix2pix.errors import UserError
from pix2pix.system.addresses import is_local

QUICK: dict[str, Any] = {"backoff": 0.01, "progress": False}


def download(url: str, target: Path, **wanted: Any) -> None:
    fetch.download(url, target, Wanted(**wanted))


def download_first(urls: Sequence[str], target: Path, *, way_out: str, **wanted: Any) -> str:
    return fetch.download_first(urls, target, Wanted(**wanted), way_out=way_out)


def an_archive(size: int = 300_000) -> bytes:
    """A tar.gz that does not pack, so that it has about the size asked for."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        info = tarfile.TarInfo("set/train/1.jpg")
        info.size = size
        tar.addfile(info, io.BytesIO(os.urandom(size)))
    return gzip.compress(plain.getvalue(), mtime=0)


ARCHIVE = an_archive()


def failure(url: str, target: Path, **settings: object) -> str:
    """The message of a download that must fail and leave nothing behind."""
    before = sorted(target.parent.iterdir())
    with pytest.raises(UserError) as caught:
        download(url, target, **(QUICK | settings))
    assert sorted(target.parent.iterdir()) == before
    return str(caught.value)


def test_a_download_has_the_servers_bytes(site, tmp_path: Path) -> None:
    site.serve("/a.tar.gz", ARCHIVE)
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]


def test_a_missing_file_is_not_asked_for_twice(site, tmp_path: Path) -> None:
    message = failure(site.url("/gone.zip"), tmp_path / "gone.zip")
    assert "404" in message and site.url("/gone.zip") in message
    assert len(site.requests) == 1


@pytest.mark.parametrize("code", [401, 403, 410])
def test_a_refusal_is_not_asked_twice(site, tmp_path: Path, code: int) -> None:
    site.status("/a.zip", code)
    assert str(code) in failure(site.url("/a.zip"), tmp_path / "a.zip")
    assert len(site.requests) == 1


@pytest.mark.parametrize("code", [500, 502, 503, 429, 408])
def test_a_server_that_is_busy_at_first_is_asked_again(site, tmp_path: Path, code: int) -> None:
    site.status("/a.tar.gz", code, then=ARCHIVE)
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE


def test_a_server_that_stays_broken_is_asked_retries_times_more(site, tmp_path: Path) -> None:
    site.status("/a.zip", 500)
    assert "500" in failure(site.url("/a.zip"), tmp_path / "a.zip", retries=2)
    assert len(site.requests) == 3


def test_retry_after_is_honoured(site, tmp_path: Path) -> None:
    site.status("/a.tar.gz", 429, then=ARCHIVE, headers={"Retry-After": "1"})
    began = time.monotonic()
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", **QUICK)
    assert time.monotonic() - began >= 1


def test_a_redirect_is_followed(site, tmp_path: Path) -> None:
    site.serve("/real.tar.gz", ARCHIVE)
    site.status("/a.tar.gz", 302, headers={"Location": "/real.tar.gz"})
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE


def test_a_redirect_loop_ends(site, tmp_path: Path) -> None:
    site.status("/a.zip", 302, headers={"Location": "/b.zip"})
    site.status("/b.zip", 302, headers={"Location": "/a.zip"})
    assert "in circles" in failure(site.url("/a.zip"), tmp_path / "a.zip")


def test_a_redirect_cannot_lead_to_a_file_of_this_machine(site, tmp_path: Path) -> None:
    secret = tmp_path / "secret.tar"
    secret.write_bytes(ARCHIVE)
    site.status("/a.zip", 302, headers={"Location": secret.as_uri()})
    failure(site.url("/a.zip"), tmp_path / "a.zip")


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}/real.tar.gz", "http://2130706433:{port}/", "http://10.0.0.1/", "http://[::1]/"]
)
def test_a_redirect_leads_from_a_public_address_to_no_local_one(site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    """`localhost` stands for a public server, since tests reach no other machine."""
    monkeypatch.setattr(http, "is_local", lambda host: host != "localhost" and is_local(host))
    site.serve("/real.tar.gz", ARCHIVE)
    site.status("/a.tar.gz", 302, headers={"Location": target.format(port=site.server.server_port)})
    public = site.url("/a.tar.gz").replace("127.0.0.1", "localhost")
    assert "an address of this machine or its network" in failure(public, tmp_path / "a.tar.gz")
    assert [path for path, _ in site.requests] == ["/a.tar.gz"]


def test_a_reason_of_a_server_does_not_act_on_the_terminal(site, tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 404 \x1b[2J" + b"x" * 1000 + b"\r\nContent-Length: 0\r\n\r\n")

    site.routes["/a.zip"] = answer
    message = failure(site.url("/a.zip"), tmp_path / "a.zip")
    assert r"answered 404 \x1b[2Jx" in message and len(message) < 300


def test_a_server_that_stalls_is_given_up(site, tmp_path: Path) -> None:
    def stall(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(ARCHIVE)))
        handler.end_headers()
        handler.wfile.write(ARCHIVE[:1000])
        handler.wfile.flush()
        site.closing.wait(20)

    site.routes["/a.tar.gz"] = stall
    assert "stalls" in failure(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", timeout=0.3, retries=1)


def test_a_server_that_drips_counts_as_one_that_stalls(site, tmp_path: Path) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(ARCHIVE)))
        handler.end_headers()
        for at in range(60):
            handler.wfile.write(ARCHIVE[at : at + 1])
            handler.wfile.flush()
            if site.closing.wait(0.05):
                return

    site.routes["/a.tar.gz"] = drip
    assert "stalls" in failure(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", timeout=0.3, retries=0)


def test_a_body_shorter_than_announced_is_refused(site, tmp_path: Path) -> None:
    def short(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(ARCHIVE) + 100))
        handler.end_headers()
        handler.wfile.write(ARCHIVE)

    site.routes["/a.tar.gz"] = short
    assert "cut" in failure(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", retries=1)
    assert len(site.requests) == 2


def test_a_length_other_than_expected_is_refused_before_the_body_is_read(site, tmp_path: Path) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(10**12))
        handler.end_headers()
        handler.wfile.write(ARCHIVE)
        site.closing.wait(20)

    site.routes["/a.tar.gz"] = endless
    message = failure(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", expected_bytes=len(ARCHIVE))
    assert str(10**12) in message and str(len(ARCHIVE)) in message
    assert "limit" in failure(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", max_bytes=10**9)


def test_a_body_without_end_stops_at_the_limit(site, tmp_path: Path) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not site.closing.is_set():
            handler.wfile.write(ARCHIVE)

    site.routes["/a.tar.gz"] = endless
    assert "limit of 2.0 MiB" in failure(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", max_bytes=2 << 20)


@pytest.mark.parametrize("length", [20, 5000])
def test_a_web_page_is_no_archive(site, tmp_path: Path, length: int) -> None:
    site.serve("/a.tar.gz", b"\n<!DOCTYPE html><html>".ljust(length))
    message = failure(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", expected_bytes=len(ARCHIVE))
    assert "the server answered with a web page" in message
    assert len(site.requests) == 1


NO_ARCHIVES = {b"": "an empty file", b"Rar!\x1a\x07\x00" * 99: "a RAR archive", b"hello": "unknown kind", b"\xff\xd8\xff": "a JPEG image"}


@pytest.mark.parametrize(("body", "words"), NO_ARCHIVES.items())
def test_what_is_no_archive_is_named(site, tmp_path: Path, body: bytes, words: str) -> None:
    site.serve("/a.zip", body)
    assert words in failure(site.url("/a.zip"), tmp_path / "a.zip")


def test_other_files_can_be_had_without_the_archive_check(site, tmp_path: Path) -> None:
    site.serve("/weights.pth", b"\x80\x02 weights")
    download(site.url("/weights.pth"), tmp_path / "w", archive=False, **QUICK)
    assert (tmp_path / "w").read_bytes() == b"\x80\x02 weights"


def test_a_wrong_hash_is_refused_and_a_right_one_in_capitals_is_not(site, tmp_path: Path) -> None:
    site.serve("/a.tar.gz", ARCHIVE)
    digest = hashlib.sha256(ARCHIVE).hexdigest()
    assert digest in failure(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", sha256="0" * 64)
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", sha256=digest.upper(), **QUICK)


def test_a_failed_download_leaves_the_earlier_file_as_it_was(site, tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(b"earlier")
    site.serve("/a.tar.gz", ARCHIVE)
    failure(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", sha256="0" * 64)
    assert (tmp_path / "a.tar.gz").read_bytes() == b"earlier"


def test_a_cut_transfer_goes_on_where_it_stopped(site, tmp_path: Path) -> None:
    site.serve("/a.tar.gz", ARCHIVE, cut_first=0.6)
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE
    (_, first), (_, second) = site.requests
    assert first["Range"] is None
    assert second["Range"] == f"bytes={int(len(ARCHIVE) * 0.6)}-" and second["If-Range"] == '"v1"'


def test_a_cut_transfer_starts_again_when_the_server_knows_no_ranges(site, tmp_path: Path) -> None:
    site.serve("/a.tar.gz", ARCHIVE, cut_first=0.6, ranges=False)
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_a_strong_tag_nothing_is_spliced(site, tmp_path: Path, etag: str | None) -> None:
    site.serve("/a.tar.gz", ARCHIVE, cut_first=0.6, etag=etag)
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE
    assert [headers["Range"] for _, headers in site.requests] == [None, None]


def test_a_file_changed_between_two_tries_comes_whole_in_its_new_form(site, tmp_path: Path) -> None:
    newer = an_archive()
    site.serve("/a.tar.gz", ARCHIVE, cut_first=0.6)
    old = site.routes["/a.tar.gz"]

    def changing(handler: BaseHTTPRequestHandler) -> None:
        old(handler)
        site.serve("/a.tar.gz", newer, etag='"v2"')

    site.routes["/a.tar.gz"] = changing
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == newer


def test_a_range_other_than_asked_for_is_not_spliced_in(site, tmp_path: Path) -> None:
    site.serve("/a.tar.gz", ARCHIVE, cut_first=0.6)
    cut = site.routes["/a.tar.gz"]

    def confused(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("Range"):
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes 7-{len(ARCHIVE) - 1}/{len(ARCHIVE)}")
            handler.send_header("Content-Length", str(len(ARCHIVE) - 7))
            handler.end_headers()
            handler.wfile.write(ARCHIVE[7:])
        else:
            cut(handler)

    site.routes["/a.tar.gz"] = confused
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE


def test_a_range_shorter_than_asked_for_is_gone_on_with(site, tmp_path: Path) -> None:
    """The first answer does not say how large the file is; that of a range does, as Content-Range."""

    def by_pieces(handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range")
        start = int(asked[6:-1]) if asked else 0
        piece = ARCHIVE[start : start + 100_000]
        handler.send_response(206 if asked else 200)
        handler.send_header("ETag", '"v1"')
        if asked:
            handler.send_header("Content-Range", f"bytes {start}-{start + len(piece) - 1}/{len(ARCHIVE)}")
            handler.send_header("Content-Length", str(len(piece)))
        else:
            handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(piece if asked else b"%x\r\n%b\r\n" % (len(piece), piece))  # without the chunk that ends the body

    site.routes["/a.tar.gz"] = by_pieces
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE


def test_a_later_call_goes_on_from_what_was_kept(site, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    site.serve("/a.tar.gz", ARCHIVE, cut_first=0.6)
    with pytest.raises(UserError, match="cut"):
        download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", retries=0, keep_in=kept, **QUICK)
    assert int(len(ARCHIVE) * 0.6) in [path.stat().st_size for path in kept.iterdir()]
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", retries=0, keep_in=kept, **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE
    assert site.requests[-1][1]["Range"] is not None
    assert not kept.exists()


def test_a_folder_that_another_process_has_just_removed_fails_no_download(site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mkdir = Path.mkdir

    def made_and_removed(folder: Path, **how: Any) -> None:
        mkdir(folder, **how)
        folder.rmdir()

    monkeypatch.setattr(Path, "mkdir", made_and_removed)
    site.serve("/a.tar.gz", ARCHIVE)
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", keep_in=tmp_path / "kept", **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE


def test_what_was_kept_of_another_address_is_not_gone_on_with(site, tmp_path: Path) -> None:
    other = an_archive()
    site.serve("/a.tar.gz", ARCHIVE, cut_first=0.6)
    site.serve("/b.tar.gz", other)
    with pytest.raises(UserError):
        download(site.url("/a.tar.gz"), tmp_path / "x", retries=0, keep_in=tmp_path / "kept", **QUICK)
    download(site.url("/b.tar.gz"), tmp_path / "x", retries=0, keep_in=tmp_path / "kept", **QUICK)
    assert (tmp_path / "x").read_bytes() == other


def test_what_was_kept_and_is_no_part_of_the_servers_file_is_dropped(site, tmp_path: Path) -> None:
    """A server answers 416 where the file has become shorter than what was kept."""
    kept = tmp_path / "kept"
    site.serve("/a.tar.gz", ARCHIVE, cut_first=0.6)
    with pytest.raises(UserError, match="cut"):
        download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", retries=0, keep_in=kept, **QUICK)
    site.status("/a.tar.gz", 416, then=ARCHIVE)
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", keep_in=kept, **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE and site.requests[-1][1]["Range"] is None


def test_a_body_that_the_server_calls_encoded_is_kept_as_it_lies_there(site, tmp_path: Path) -> None:
    def encoded(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(ARCHIVE)))
        handler.end_headers()
        handler.wfile.write(ARCHIVE)

    site.routes["/a.tar.gz"] = encoded
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE


def test_a_chunked_body_is_read_and_a_cut_one_is_noticed(site, tmp_path: Path) -> None:
    def chunked(handler: BaseHTTPRequestHandler) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(ARCHIVE), ARCHIVE))
        if handler.path == "/a.tar.gz":
            handler.wfile.write(b"0\r\n\r\n")

    site.routes["/a.tar.gz"] = site.routes["/cut.tar.gz"] = chunked
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz", **QUICK)
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE
    assert "cut" in failure(site.url("/cut.tar.gz"), tmp_path / "cut.tar.gz", retries=0)


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_certificate_nobody_vouches_for_is_refused_at_once(site, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
    site.serve("/a.tar.gz", ARCHIVE)
    began = time.monotonic()
    message = failure(site.url("/a.tar.gz", "https"), tmp_path / "a.tar.gz", backoff=5)
    assert "certificate" in message and "self-signed" in message
    assert time.monotonic() - began < 4 and site.requests == []


def test_a_port_where_nobody_listens_is_given_up_within_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    began = time.monotonic()
    message = failure("http://127.0.0.1:1/a.zip", tmp_path / "a.zip", backoff=2.5, retries=10)
    assert "no connection to 127.0.0.1" in message
    assert time.monotonic() - began < 8


def test_an_unknown_host_is_not_waited_for(tmp_path: Path) -> None:
    began = time.monotonic()
    message = failure("http://nowhere.invalid/a.zip", tmp_path / "a.zip", backoff=30)
    assert "nowhere.invalid" in message
    assert time.monotonic() - began < 25


@pytest.mark.parametrize("url", ["http://[", "http://", "https:///a.zip", "http://exa mple/a.zip"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    failure(url, tmp_path / "a.zip")


def test_mirrors_are_tried_in_turn(site, tmp_path: Path) -> None:
    site.serve("/page/a.tar.gz", b"<html>moved</html>")
    site.serve("/good/a.tar.gz", ARCHIVE)
    urls = [site.url(f"/{place}/a.tar.gz") for place in ("gone", "page", "good", "never")]
    assert download_first(urls, tmp_path / "a.tar.gz", way_out="", **QUICK) == urls[2]
    assert [path for path, _ in site.requests] == ["/gone/a.tar.gz", "/page/a.tar.gz", "/good/a.tar.gz"]


def test_when_no_mirror_has_it_every_reason_is_listed_and_the_way_out(site, tmp_path: Path) -> None:
    site.serve("/page/a.tar.gz", b"<html>moved</html>")
    urls = [site.url("/gone/a.tar.gz"), site.url("/page/a.tar.gz"), "http://nowhere.invalid/a", "http://nowhere.invalid/b"]
    with pytest.raises(UserError) as caught:
        download_first(urls, tmp_path / "a.tar.gz", way_out="Do this.", **QUICK)
    lines = str(caught.value).splitlines()
    assert len(lines) == 6 and lines[-1] == "Do this."
    assert all(url in line for url, line in zip(urls, lines[1:5], strict=True))
    assert "404" in lines[1] and "web page" in lines[2] and "unknown host" in lines[4]
    assert list(tmp_path.iterdir()) == []


def test_what_one_mirror_began_survives_another_mirrors_refusal(site, tmp_path: Path) -> None:
    site.serve("/b.tar.gz", ARCHIVE, cut_first=0.6)
    urls, kept = [site.url("/gone.tar.gz"), site.url("/b.tar.gz")], tmp_path / "kept"
    for _ in range(2):
        try:
            download_first(urls, tmp_path / "a.tar.gz", way_out="", retries=0, keep_in=kept, **QUICK)
        except UserError:
            assert len(list(kept.iterdir())) == 2
    assert (tmp_path / "a.tar.gz").read_bytes() == ARCHIVE
    assert site.requests[-1][1]["Range"] is not None


def test_a_file_of_this_disk_is_copied_with_the_same_checks(tmp_path: Path) -> None:
    source = tmp_path / "mit Leerzeichen & ä.tar.gz"
    source.write_bytes(ARCHIVE)
    for url in (source.as_uri(), str(source)):
        download(url, tmp_path / "copy", sha256=hashlib.sha256(ARCHIVE).hexdigest(), **QUICK)
        assert (tmp_path / "copy").read_bytes() == ARCHIVE
        failure(url, tmp_path / "other", expected_bytes=1)
        failure(url, tmp_path / "other", sha256="0" * 64)
        failure(url, tmp_path / "other", max_bytes=1000)
    assert source.read_bytes() == ARCHIVE


def test_a_file_that_shrinks_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.tar.gz"
    source.write_bytes(ARCHIVE + bytes(8 << 20))
    write = PartialDownload._write

    def write_and_shrink(partial_download: PartialDownload, chunk: bytes) -> None:
        write(partial_download, chunk)
        os.truncate(source, len(ARCHIVE))

    monkeypatch.setattr(PartialDownload, "_write", write_and_shrink)
    assert "it changed its size while it was read" in failure(source.as_uri(), tmp_path / "x")


def test_a_folder_or_nothing_at_a_file_address_is_refused(tmp_path: Path) -> None:
    assert "folder" in failure(tmp_path.as_uri(), tmp_path / "x")
    assert "no such file" in failure((tmp_path / "nothing.zip").as_uri(), tmp_path / "x")
    assert "machine" in failure("file://elsewhere/a.zip", tmp_path / "x")


def test_passwords_do_not_reach_messages(site, tmp_path: Path) -> None:
    url = site.url("/gone.zip").replace("http://", "http://me:secret@")
    assert "secret" not in failure(url, tmp_path / "gone.zip")


def test_a_full_disk_is_said_and_the_same_call_succeeds_with_room(site, tmp_path: Path) -> None:
    site.serve("/a.tar.gz", ARCHIVE)
    script = """
        import resource, sys
        from pathlib import Path
        from pix2pix.download.fetch import download
        from pix2pix.errors import UserError
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        try:
            download(sys.argv[1], Path(sys.argv[2]))
        except UserError as error:
            print(error)
    """
    target = tmp_path / "a.tar.gz"
    command = [sys.executable, "-c", textwrap.dedent(script), site.url("/a.tar.gz"), str(target)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "no room left" in said and "Make room" in said
    assert list(tmp_path.iterdir()) == []
    download(site.url("/a.tar.gz"), target, **QUICK)


def test_the_progress_bar_goes_to_stderr(site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(ARCHIVE)))
        handler.end_headers()
        for at in range(0, len(ARCHIVE), 100_000):
            handler.wfile.write(ARCHIVE[at : at + 100_000])
            time.sleep(0.15)

    site.routes["/a.tar.gz"] = slow
    download(site.url("/a.tar.gz"), tmp_path / "a.tar.gz")
    out, err = capsys.readouterr()
    assert out == "" and re.search(r"a\.tar\.gz: +100%.*293k/293k", err.splitlines()[-1].split("\r")[-1])


@pytest.mark.parametrize("kept", [False, True])
def test_a_link_planted_under_the_name_of_the_partial_download_is_not_followed(tmp_path: Path, kept: bool) -> None:
    source, victim = tmp_path / "a.tar.gz", tmp_path / "victim"
    source.write_bytes(ARCHIVE)
    victim.write_bytes(b"precious")
    url = source.as_uri()
    if kept:
        kept_file = tmp_path / f"here-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
        kept_file.symlink_to(victim)
        with pytest.raises(UserError, match=f"{kept_file.name}: cannot be written"):
            download(url, tmp_path / "here", keep_in=tmp_path, progress=False)
    else:
        (tmp_path / "here.part").symlink_to(victim)
        download(url, tmp_path / "here", progress=False)
    assert victim.read_bytes() == b"precious"
