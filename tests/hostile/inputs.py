"""Kinds of untrusted input. Each kind draws one input, writes it below `place.given`, and gives it to the program as a user would.

A kind returns what the program said, and raises UserError where the program refuses the input. Any other exception is a finding.
"""

import gzip
import io
import json
import os
import random
import struct
import tarfile
import tempfile
import threading
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from PIL import Image

from pix2pix.config.settings import Download
from pix2pix.demo.catalogue import read_model
from pix2pix.demo.site import assemble
from pix2pix.download.source import fetch
from pix2pix.errors import UserError
from pix2pix.inference.backends import OnnxBackend
from pix2pix.inference.pipeline import ImageToImage
from pix2pix.models.files import load_model
from pix2pix.prepare.unpack import Limits, unpack
from pix2pix.repository.chain import parse_hashes
from pix2pix.runs import show, table
from pix2pix.runs.page import write_runs
from pix2pix.system.addresses import redacted
from pix2pix.tracking.lookup import Records
from pix2pix.tracking.model_download import download_model
from tests.hostile.images import read_mutated
from tests.inference.models import folder, model

SECRET = "s3cr3t"
LIMITS = Limits(max_bytes=64 << 20, max_files=2000)


@dataclass(frozen=True)
class Place:
    """Where an input is tried. given: folder of the input. target: the only folder that the program may write to."""

    given: Path
    target: Path


def scalar(draw: random.Random) -> Any:
    """A value of a wrong type or range, or a right one by chance."""
    return draw.choice(
        [
            None, True, False, 0, 1, -1, 3, 400, 2**31, 2**63, -(2**70), 10**300, 0.0, -0.5, 1e308, float("nan"), float("inf"), "", "evil",
            "batch", "unet", "../..", "/etc/passwd", "a\0b", "\x1b[2J", "\u202etxt", "=1+1", "<script>", "{{ 7 * 7 }}", "a" * 3000,
            "\ud800", "0", "1e5", "٣", [], {}, [[]], [1] * 50, {"a": {"a": 1}},
        ]
    )  # fmt: skip


def mutated(draw: random.Random, value: Any) -> Any:
    """A copy of a JSON value in which one thing is replaced, missing, repeated or moved."""
    if isinstance(value, dict) and value and draw.random() < 0.9:
        key, copy = draw.choice(list(value)), dict(value)
        how = draw.randrange(6)
        if how == 0:
            del copy[key]
        elif how == 1:
            copy[str(scalar(draw))] = copy[key]
        else:
            copy[key] = mutated(draw, copy[key])
        return copy
    if isinstance(value, list) and value and draw.random() < 0.8:
        place, items = draw.randrange(len(value)), list(value)
        return [*items[:place], mutated(draw, items[place]), *items[place + draw.randrange(2) :]]
    return scalar(draw)


def damaged(draw: random.Random, data: bytes) -> bytes:
    """Bytes with some of them changed, cut off or repeated."""
    content = bytearray(data)
    for _ in range(draw.randrange(1, 8)):
        if not content:
            break
        at = draw.randrange(len(content))
        how = draw.randrange(5)
        if how == 0:
            del content[at : at + draw.randrange(1, 600)]
        elif how == 1:
            content[at:at] = content[at : at + draw.randrange(1, 600)]
        else:
            content[at] = draw.choice((0, 0xFF, 0x80, 0x30, draw.randrange(256)))
    return bytes(content)


@cache
def _whole_model() -> tuple[dict[str, Any], bytes]:
    with tempfile.TemporaryDirectory() as place:
        made = folder(Path(place) / "model", model())
        return json.loads((made / "model.json").read_text()), (made / "generator.safetensors").read_bytes()


def model_json(draw: random.Random, place: Place) -> str:
    """A model's folder, with a changed model.json or changed weights."""
    said, weights = _whole_model()
    for _ in range(draw.randrange(1, 4)):
        said = mutated(draw, said)
        if not isinstance(said, dict):
            break
    text = json.dumps(said).encode("utf-8", "replace")
    if draw.random() < 0.15:
        text = draw.choice((damaged(draw, text), b"[" * 100_000, b"9" * 6000, b"", b"\xff\xfe", b'{"a":' * 50_000))
    if draw.random() < 0.3:
        text, weights = json.dumps(_whole_model()[0]).encode(), _other_weights(draw, weights)
    (place.given / "model.json").write_bytes(text)
    (place.given / "generator.safetensors").write_bytes(weights)
    return str(ImageToImage(load_model(place.given)).description)


def _other_weights(draw: random.Random, weights: bytes) -> bytes:
    (length,) = struct.unpack("<Q", weights[:8])
    if draw.random() < 0.3:
        return draw.choice((damaged(draw, weights), struct.pack("<Q", 2**62) + weights[8:], weights[:9], b""))
    header = json.dumps(mutated(draw, json.loads(weights[8 : 8 + length]))).encode("utf-8", "replace")
    return struct.pack("<Q", len(header)) + header + weights[8 + length :]


@cache
def _metadata() -> dict[str, str]:
    return ImageToImage(model("pairs", "BtoA", "facades")).description.as_metadata()


def onnx_metadata(draw: random.Random, place: Place) -> str:
    """An ONNX file with changed metadata, as the demo lists it and `predict` runs it."""
    said = dict(_metadata())
    for _ in range(draw.randrange(4)):
        key = draw.choice(list(said))
        palette = json.dumps(mutated(draw, json.loads(_metadata()["pix2pix.palette"]))) if key == "pix2pix.palette" else ""
        said[key] = draw.choice([palette, str(scalar(draw)), said[key] + draw.choice("0- \n"), said[draw.choice(list(said))]])
        if draw.random() < 0.2:
            del said[key]
    said = {key: text.encode("utf-8", "replace").decode() for key, text in said.items()}
    of_image = [1, "height", "width", 3] if draw.random() < 0.8 else draw.choice(([1, 3], [2**40], ["a", "a", "a", "a"]))
    names = ["image", "seed", "output"] if draw.random() < 0.8 else draw.sample(["image", "seed", "output", "x"], 3)
    kind = TensorProto.UINT8 if draw.random() < 0.8 else TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("Identity", [names[0]], [names[2]])],
        "g",
        [helper.make_tensor_value_info(names[0], kind, of_image), helper.make_tensor_value_info(names[1], TensorProto.INT64, [1])],
        [helper.make_tensor_value_info(names[2], kind, of_image)],
    )
    built = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    helper.set_model_props(built, said)
    content = built.SerializeToString()
    file = place.given / "model.onnx"
    file.write_bytes(damaged(draw, content) if draw.random() < 0.15 else content)
    listed = read_model(file, place.given / "samples")
    assemble(place.given, {}, [listed])
    assert all((place.given / "samples") in path.parents for path in listed.samples)
    return str(OnnxBackend(file)(np.zeros((1, 32, 32, 3), np.uint8), -1).shape)


def _name(draw: random.Random, place: Place) -> str:
    outside = place.target.parent / "outside"
    return draw.choice(
        [
            "a.png", "train/1.png", "train/A/2.png", "../outside/x", str(outside / "x"), "a/../../outside/x", "C:\\x", "..\\x", "", ".",
            "a\0b", "\x1b[2J", "\u202egpj", "A.png", "a.PNG", "x" * 300, "a/" * 200 + "b", "caf\u00e9", "cafe\u0301", "__MACOSX/x", "~/x",
            "-rf", "a//b", "./c", "con", "link/x",
        ]
    )  # fmt: skip


def tar(draw: random.Random, place: Place) -> str:
    """A tar or tar.gz with odd names, types, sizes and pax headers, and with changed header bytes whose checksum fits."""
    plain = io.BytesIO()
    form = draw.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT))
    with tarfile.open(fileobj=plain, mode="w", format=form) as archive:
        for _ in range(draw.randrange(1, 6)):
            member = tarfile.TarInfo(_name(draw, place))
            member.type = draw.choice(
                (tarfile.REGTYPE,) * 6 + (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE)
            )
            member.linkname = draw.choice(("", "../outside", str(place.target.parent / "outside"), "a.png"))
            content = draw.randbytes(draw.choice((0, 1, 511, 512, 3000)))
            member.size = len(content) if member.type == tarfile.REGTYPE else 0
            if form == tarfile.PAX_FORMAT and draw.random() < 0.5:
                key = draw.choice(
                    ("size", "path", "linkpath", "mtime", "GNU.sparse.map", "GNU.sparse.realsize", "GNU.sparse.major", "hdrcharset")
                )
                value = draw.choice(("-1", "0", "999999999999", "1e9", "", "nan", "BINARY", "0,1,2", "x" * 5000, _name(draw, place)))
                member.pax_headers = {key: value.replace("\0", "")}
            try:
                archive.addfile(member, io.BytesIO(content))
            except (ValueError, UnicodeError):  # the format cannot hold such a name
                continue
    data = bytearray(plain.getvalue())
    for _ in range(draw.randrange(3)):
        block = 512 * draw.randrange(max(1, len(data) // 512))
        at, value = draw.choice(((100, 8), (124, 12), (156, 1), (0, 100), (345, 155), (257, 8), (157, 100))), draw.randbytes(12)
        value = draw.choice(
            (value, b"-0000000001\0", b"77777777777\0", b"\x80" + b"\0" * 10 + b"\xff", b"\xff" * 12, b"x", b"g", b"L", b"S", b"\0" * 12)
        )
        data[block + at[0] : block + at[0] + min(len(value), at[1])] = value[: at[1]]
        header = bytearray(data[block : block + 512])
        header[148:156] = b" " * 8
        data[block + 148 : block + 156] = b"%06o\0 " % sum(header)
    content = bytes(data) if draw.random() < 0.7 else damaged(draw, bytes(data))
    if draw.random() < 0.5:
        content = gzip.compress(content, 1)
        content = damaged(draw, content) if draw.random() < 0.3 else content
    return _unpacked(place, "a.tar", content)


def zip_(draw: random.Random, place: Place) -> str:
    """A zip with odd names, links and encrypted members, and with changed bytes."""
    plain = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(plain, "w") as archive:
        warnings.simplefilter("ignore")  # a name twice
        for _ in range(draw.randrange(1, 6)):
            member = zipfile.ZipInfo(_name(draw, place).replace("\0", "") or "x")
            member.external_attr = draw.choice((0, 0o100644, 0o120777, 0o040755, 0o020644, 0o010644)) << 16
            member.compress_type = draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2))
            if draw.random() < 0.02:
                member.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(member, "w") as bomb:
                    for _ in range(80):
                        bomb.write(bytes(1 << 20))
            else:
                archive.writestr(member, draw.randbytes(draw.choice((0, 1, 512, 3000))))
    content = bytearray(plain.getvalue())
    for _ in range(draw.randrange(4)):
        mark = draw.choice((b"PK\1\2", b"PK\3\4", b"PK\5\6"))
        start = content.find(mark)
        if start >= 0:
            at = start + draw.randrange(4, 46)
            content[at : at + draw.choice((1, 2, 4))] = draw.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\1\0\0\0", draw.randbytes(4)))
    return _unpacked(place, "a.zip", bytes(content) if draw.random() < 0.7 else damaged(draw, bytes(content)))


def _unpacked(place: Place, name: str, content: bytes) -> str:
    (place.given / name).write_bytes(content)
    into = place.target / "new"
    try:
        files = {into / file for file in unpack(place.given / name, into, limits=LIMITS, progress=False).files}
    except UserError:
        assert not any(place.target.iterdir()), "refused, but leaves files"
        raise
    found = {path for path in into.rglob("*") if path.is_symlink() or not path.is_dir()}
    assert found == files and not any(path.is_symlink() for path in found), "writes other files than it says"
    return " ".join(map(str, files))


def image(draw: random.Random, place: Place) -> str:
    """A mutated image, as `predict` and `prepare` read it."""
    return read_mutated(np.random.default_rng(draw.getrandbits(64)), place.given / "image")


def address(draw: random.Random, place: Place) -> str:
    """An address as `source`: mistyped, with a password, a query or a fragment. No message and no text of it may hold the secret."""
    scheme = draw.choice(
        ("http://", "https://", "ftp://", "file://", "http:/", "https:", "https//", "htps://", "", "s3://", "HTTP://", "file:///", "://")
    )
    user = draw.choice(
        ("", f"me:{SECRET}@", f"{SECRET}@", f"me:p@{SECRET}@", f"me:{SECRET}/x@", f"me:{SECRET}#x@", f"me:x?{SECRET}@", f"me:%40{SECRET}@")
    )
    if scheme in ("", "://") and ":" not in user:
        user = ""  # a word before an @ without a scheme is a file's name
    host = draw.choice(
        ("127.0.0.1:1", "[::1]:1", "localhost:1", "[", "127.0.0.1:99999", "127.0.0.1:x", "", "a..b:1", "\x1b[2J", "127.0.0.1:1\u202e")
    )
    path = draw.choice(
        ("/a.zip", "/a.tar.gz", "/../../outside/x.zip", "/%2e%2e%2fx.zip", "/a b.zip", "/.zip", "", "/a%00.zip", "/" + "x" * 300 + ".zip")
    )
    query = draw.choice(("", "", f"?sig={SECRET}", f"?a=1&b={SECRET}"))
    fragment = draw.choice(("", "", "#sha256=" + "0" * 64, "#SHA256=" + "0" * 64, "#sha-256=0", "#md5=1", f"#token={SECRET}"))
    source = scheme + user + host + path + query + fragment
    assert SECRET not in redacted(f"scales.sample.food.source={source}: no"), source
    try:
        note = fetch(
            source,
            place.target / "raw",
            Download(retries=0, timeout=1.0),
            dataset="food",
            root=place.given,
            key="scales.sample.food.source",
            progress=False,
        )
    except UserError as error:
        assert SECRET not in str(error), f"{source}: {error}"
        raise
    return json.dumps(note)


RUN = "0123456789abcdef0123456789abcdef"


class _Answers(BaseHTTPRequestHandler):
    """An MLflow server whose answers are changed at random. `draw` is of the input that is tried now."""

    draw = random.Random()
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        draw, path = self.draw, self.path
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = json.dumps(self._json(path)).encode("utf-8", "replace")
        if "/mlflow-artifacts/artifacts/" in path:
            answer = self._artifact(path)
        elif draw.random() < 0.3:
            answer = json.dumps(mutated(draw, json.loads(answer))).encode("utf-8", "replace")
        if draw.random() < 0.05:
            answer = draw.choice((damaged(draw, answer), b"", b"<html>", b"[" * 90_000, b"[" + b"1," * 3_000_000 + b"1]"))
        status = 200 if draw.random() < 0.95 else draw.choice((204, 302, 400, 401, 404, 500, 503))
        self.send_response(status, draw.choice(("OK", "\x1b[2J", "x" * 5000)))
        self.send_header("Content-Length", str(len(answer)))
        if draw.random() < 0.05:
            self.send_header("Content-Encoding", "gzip")
        if status == 302:
            self.send_header("Location", draw.choice((path, "file:///etc/passwd", "http://127.0.0.1:1/")))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET

    def _json(self, path: str) -> Any:
        draw = self.draw
        if "experiments/search" in path:
            return {
                "experiments": [
                    {"experiment_id": "1", "name": "facades", "lifecycle_stage": "active", "artifact_location": "mlflow-artifacts:/1"}
                ]
            }
        if "registered-models" in path:
            return {"registered_models": [{"name": draw.choice(("pix2pix-facades", "\x1b[2J"))}]}
        if "mlflow-artifacts" in path:
            names = [
                "chain.json",
                "params.yaml",
                "images",
                "images/samples+step+1.png",
                "model",
                "samples+step+1+1+x.png",
                "model.json",
                "generator.safetensors",
            ]
            odd = ["../../x", "/etc/passwd", "..%2fx", "a\0", "\x1b[2J", "samples+a+b.png", "x" * 500]
            listed = [*draw.sample(names, 4), *([draw.choice(odd)] if draw.random() < 0.3 else [])]
            return {"files": [{"path": name, "is_dir": "." not in name, "file_size": draw.choice((10, -1, 2**60))} for name in listed]}
        data = {
            "params": [{"key": "train.lr", "value": draw.choice(("0.1", "\x1b[2J", "=1", "a\nb"))}],
            "metrics": [{"key": "test.l1", "value": draw.choice((0.1, "NaN", "Infinity", 1e308)), "timestamp": 1, "step": 0}],
            "tags": [
                {"key": key, "value": draw.choice((RUN, "--output=x", "../x", "a\nb", ""))}
                for key in ("git.commit", "model.sha256", "dvc.predictions")
            ],
        }
        info = {
            "run_id": RUN, "run_uuid": RUN, "experiment_id": "1", "status": "FINISHED",
            "run_name": draw.choice(("apart", "\u202ex", "a\nb", "")),
            "start_time": draw.choice((1, 2**62, -5)), "end_time": draw.choice((2, 0)), "lifecycle_stage": "active",
            "artifact_uri": f"mlflow-artifacts:/1/{RUN}/artifacts",
        }  # fmt: skip
        run = {"info": info, "data": data}
        return {"runs": [run], "run": run, **({"next_page_token": "again"} if draw.random() < 0.02 else {})}

    def _artifact(self, path: str) -> bytes:
        if path.endswith("png"):
            sheet = io.BytesIO()
            Image.new("1", self.draw.choice(((64, 64), (12_000, 12_000) if self.draw.random() < 0.05 else (8, 8)))).save(sheet, "PNG")
            return sheet.getvalue()
        said, weights = _whole_model()
        content = {"model.json": json.dumps(said).encode(), "generator.safetensors": weights}
        chain = {"download": {"deps": {"src": "0" * 32}, "outs": {"data/raw/facades": f"{'0' * 32}.dir"}}}
        return content.get(path.rpartition("/")[2], json.dumps(mutated(self.draw, chain)).encode("utf-8", "replace"))

    def log_message(self, format: str, *args: object) -> None:
        pass


@cache
def _mlflow_server() -> str:
    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a client that hangs up

    server = Server(("127.0.0.1", 0), _Answers)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def mlflow_answers(draw: random.Random, place: Place) -> str:
    """Answers of an MLflow server, as `runs list`, `runs show`, `runs reproduce` and `predict` read them."""
    _Answers.draw = draw
    os.environ["MLFLOW_TRACKING_URI"] = _mlflow_server()
    try:
        records = Records(place.given)
        runs = records.all()
        groups = table.groups(runs)
        said = table.as_text(groups)
        write_runs(place.target / "runs.html", groups, runs, records)
        for run in runs:
            said += show.as_text(run, records)
            try:
                said += str(parse_hashes(records.text(run, "chain.json") or "{}"))
            except ValueError as problem:
                said += str(problem)
        found = download_model(RUN, place.given, place.target)
        return said if found is None else said + str(load_model(found).dataset)
    finally:
        del os.environ["MLFLOW_TRACKING_URI"]


Kind = Callable[[random.Random, Place], str]
KINDS: dict[str, Kind] = {
    "model.json": model_json, "ONNX metadata": onnx_metadata, "tar": tar, "zip": zip_, "MLflow answers": mlflow_answers,
    "addresses": address, "images": image,
}  # fmt: skip
