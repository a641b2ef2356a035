import fcntl
import hashlib
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from pix2pix.config.settings import Download
from pix2pix.data.natural_order import natural_key
from pix2pix.download import source as source_module
from pix2pix.download.catalogue import CATALOG
from pix2pix.download.source import fetch
from pix2pix.errors import UserError
from pix2pix.prepare.unpack import Limits, unpack

REAL = os.environ.get("PIX2PIX_REAL_DATA")
DRAWN = {"sample_seed": 3, "sample_size": 32, "sample_train": 2, "sample_val": 1}


def call(source: str, target: Path, *, dataset: str = "food", root: Path | None = None, **settings: object) -> dict[str, str | int]:
    how = {name: settings.pop(name) for name in [*settings] if name in Download.__dataclass_fields__}
    place = {"dataset": dataset, "root": root or target.parent, "key": f"scales.sample.{dataset}.source"}
    return fetch(source, target, Download(**(DRAWN | {"retries": 1} | how)), backoff=0.01, progress=False, **place | settings)  # type: ignore[arg-type]


def refusal(source: str, folder: Path, **settings: object) -> str:
    """The message of a source that must be refused, with the earlier archive still in its place."""
    target = folder / "raw" / "food"
    target.mkdir(parents=True, exist_ok=True)
    (target / "earlier.zip").write_bytes(b"earlier")
    with pytest.raises(UserError) as caught:
        call(source, target, root=folder, **settings)
    assert [path.name for path in target.iterdir()] == ["earlier.zip"] and list(target.parent.iterdir()) == [target]
    return str(caught.value)


def a_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("food_resized/train/1.jpg", b"1" * 1000)
    return path


def images(folder: Path) -> Path:
    """A folder of images as people have them, with things between that are none."""
    kept = ["train/10.jpg", "train/2.JPG", "val/mit Leerzeichen ä 名.PNG", "deep/er/x.jpeg"]
    for name in [*kept, "notes.txt", ".hidden/y.jpg", "train/._2.JPG"]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


def in_folder(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def checked(target: Path, note: dict[str, str | int]) -> bytes:
    """The one archive in `target`, after holding `source.json` against it."""
    names = sorted(path.name for path in target.iterdir())
    assert names == sorted([str(note["file"]), "source.json"])
    content = (target / str(note["file"])).read_bytes()
    assert note["bytes"] == len(content) and note["sha256"] == hashlib.sha256(content).hexdigest()
    text = (target / "source.json").read_text()
    assert json.loads(text) == note and text == json.dumps(note, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    return content


@pytest.mark.parametrize("dataset", ["facades", "food", "anime"])
def test_the_sample_is_drawn_into_the_published_archives_form(tmp_path: Path, dataset: str) -> None:
    note = call("sample", tmp_path / "a", dataset=dataset)
    first = checked(tmp_path / "a", note)
    assert note["file"] == CATALOG[dataset].archive and note["source"] == "sample" and "url" not in note
    call("sample", tmp_path / "b", dataset=dataset)
    assert in_folder(tmp_path / "a") == in_folder(tmp_path / "b")
    call("sample", tmp_path / "b", dataset=dataset, sample_seed=4)
    assert (tmp_path / "b" / str(note["file"])).read_bytes() != first


def test_an_archive_is_taken_over_as_it_is_by_any_name_for_it(tmp_path: Path, site) -> None:
    archive = a_zip(tmp_path / "my food.zip")
    site.serve("/sets/my%20food.zip?download=1", archive.read_bytes())
    for source in (str(archive), "my food.zip", archive.as_uri(), site.url("/sets/my%20food.zip?download=1")):
        note = call(source, tmp_path / "raw")
        assert checked(tmp_path / "raw", note) == archive.read_bytes() and note["file"] == "my food.zip"
        assert note["source"] == source.replace("download=1", "***") and (note.get("url") or note.get("path"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my food.zip", "raw"]


def test_a_folder_becomes_one_tar_that_only_pictures_and_names_decide(tmp_path: Path) -> None:
    one, other = images(tmp_path / "one" / "mine"), images(tmp_path / "other" / "mine")
    for number, path in enumerate(sorted(other.rglob("*"))):
        os.utime(path, (number, number))
        path.chmod(0o700)
    (other / "more notes.txt").write_text("are no images")
    note = call(str(one), tmp_path / "raw1")
    first = checked(tmp_path / "raw1", note)
    assert note["file"] == "mine.tar"
    assert checked(tmp_path / "raw2", call(other.as_uri(), tmp_path / "raw2")) == first
    with tarfile.open(tmp_path / "raw1" / "mine.tar") as tar:
        members = tar.getmembers()
    names = [member.name for member in members]
    assert names == sorted(names, key=natural_key)
    assert names == ["deep/er/x.jpeg", "train/2.JPG", "train/10.jpg", "val/mit Leerzeichen ä 名.PNG"]
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in members} == {(0, 0, 0, "", "", 0o644)}
    files = unpack(tmp_path / "raw1" / "mine.tar", tmp_path / "into", limits=Limits(), progress=False).files
    assert len(files) == 4 and all((tmp_path / "into" / file).read_bytes() == (one / file).read_bytes() for file in files)


def test_the_note_of_a_folder_counts_what_was_passed_over_and_knows_its_images(tmp_path: Path) -> None:
    folder = images(tmp_path / "mine")
    (folder / "a.PSD").write_bytes(b"x")
    notes = [call(str(folder), tmp_path / "raw")]
    rows = {(row["ending"], row["what"]): row["files"] for row in notes[0]["passed_over"]}
    litter = {(".JPG", "passed over"): 1, (".jpg", "passed over"): 1}  # of `images`
    assert rows == {(".txt", "passed over"): 1, (".PSD", "passed over"): 1} | litter
    for change in ("touch", "size", "name", "new"):
        image = folder / "train/10.jpg"
        if change == "touch":
            os.utime(image, (1, 1))
        elif change == "size":
            image.write_bytes(b"longer than before")
        elif change == "name":
            image.rename(folder / "train/11.jpg")
        else:
            (folder / "new.jpg").write_bytes(b"x")
        notes.append(call(str(folder), tmp_path / "raw"))
    prints = [note["fingerprint"] for note in notes]
    assert prints[0] == prints[1] and len(set(prints)) == 4


def test_what_links_lead_to_is_packed(tmp_path: Path) -> None:
    folder = images(tmp_path / "mine")
    (tmp_path / "store").mkdir()
    (tmp_path / "store/far.jpg").write_bytes(b"far")
    (folder / "near.jpg").symlink_to("train/10.jpg")
    (folder / "linked").symlink_to(tmp_path / "store")
    (folder / "far.jpg").symlink_to(tmp_path / "store/far.jpg")
    note = call(str(folder), tmp_path / "raw1")
    with tarfile.open(tmp_path / "raw1" / str(note["file"])) as tar:
        assert tar.getmember("near.jpg").isreg() and tar.extractfile("near.jpg").read() == b"train/10.jpg"
        assert tar.extractfile("far.jpg").read() == tar.extractfile("linked/far.jpg").read() == b"far"


def test_a_folder_that_cannot_be_packed_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("nothing to see")
    assert "at any depth): 1 file: 0 used, 1 .txt passed over (no image): check the path" in refusal(str(folder), tmp_path)
    (folder / "a.jpg").write_bytes(b"a" * 100)
    (folder / "A.jpg").write_bytes(b"A" * 100)
    (folder / "gone.jpg").symlink_to("nowhere.jpg")
    os.mkfifo(folder / "pipe.jpg")
    message = refusal(str(folder), tmp_path)
    assert (
        "cannot be used (3)" in message and "only by case" in message and "gone.jpg: no file" in message and "pipe.jpg: no file" in message
    )
    for name in ("A.jpg", "gone.jpg", "pipe.jpg"):
        (folder / name).unlink()
    assert "more than download.max_bytes" in refusal(str(folder), tmp_path, max_bytes=50)


def test_a_source_that_is_nothing_is_refused_with_the_choices(tmp_path: Path) -> None:
    for source in ("nosuch.zip", "/nosuch/folder", "publisched", "", "file:///nosuch.zip"):
        message = refusal(source, tmp_path, key="scales.paper.food.source")
        assert f"scales.paper.food.source={source}: there is no such file" in message and "sample (synthetic data), published" in message
    assert "s3:// is not among the sources" in refusal("s3://bucket/food.zip", tmp_path)
    assert "[::1" in refusal("http://[::1/food.zip", tmp_path)


def test_an_unknown_ending_is_refused_with_the_way_out(tmp_path: Path, site) -> None:
    (tmp_path / "food.rar").write_bytes(b"Rar!")
    assert "food.rar is no archive by its ending" in refusal("food.rar", tmp_path)
    for path in ("/download?id=7", "/", "/food.7z", "/.zip", "/a%2Fb.zip", "/%2e%2e"):
        assert ".tar.gz, .tgz, .tar, .zip" in refusal(site.url(path), tmp_path)
    assert site.requests == []


def test_an_ending_is_only_a_name_and_the_content_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "food.zip").write_bytes(b"")
    assert "an empty file" in refusal("food.zip", tmp_path)
    (tmp_path / "food.zip").write_text("<!doctype html><p>Sign in")
    assert "a web page" in refusal("food.zip", tmp_path)


def test_a_failed_source_replaces_nothing_and_a_good_one_everything(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "food.zip")
    assert "SHA-256" in refusal(f"food.zip#sha256={'0' * 64}", tmp_path)
    digits = hashlib.sha256(archive.read_bytes()).hexdigest()
    for fragment in (f"SHA256={digits}", f"sha-256={digits}", f"sha512={digits}", f"sha256={digits}0", "sha256=abc", f"sha256:{digits}"):
        for place in ("food.zip", "http://127.0.0.1:9/food.zip", f"file://{archive}"):
            assert "64 hexadecimal digits" in refusal(f"{place}#{fragment}", tmp_path)
    assert "token" not in refusal("https://host/food.zip#token", tmp_path)
    assert "is a folder" in refusal(f"{images(tmp_path / 'mine')}#sha256={'0' * 64}", tmp_path)
    call(f"food.zip#sha256={hashlib.sha256(archive.read_bytes()).hexdigest()}", tmp_path / "raw" / "food", root=tmp_path)
    assert sorted(in_folder(tmp_path / "raw" / "food")) == ["food.zip", "source.json"]
    assert (tmp_path / "raw" / "food" / "food.zip").read_bytes() == archive.read_bytes()
    assert sorted(path.name for path in (tmp_path / "raw").iterdir()) == ["food"]


@pytest.mark.parametrize("dataset", ["food", "anime"])
def test_published_food_and_anime_say_which_file_to_bring_and_how_to_name_it(tmp_path: Path, dataset: str) -> None:
    message = refusal("published", tmp_path, dataset=dataset, key=f"scales.paper.{dataset}.source")
    assert f"{dataset}_resized/{{train,val}}/*.jpg" in message
    assert f"-S scales.paper.{dataset}.source=/path/to/{dataset}_resized.zip" in message


def test_published_for_a_set_of_ones_own_is_refused(tmp_path: Path) -> None:
    assert "cats is not among the published datasets" in refusal("published", tmp_path, dataset="cats")


def with_mirrors(monkeypatch: pytest.MonkeyPatch, *mirrors: str, size: int | None = None) -> None:
    """The catalogue's facades, served by other mirrors."""
    import dataclasses

    entry = dataclasses.replace(CATALOG["facades"], mirrors=mirrors, bytes=size)
    monkeypatch.setattr(source_module, "CATALOG", {"facades": entry})


def test_published_tries_the_mirrors_in_turn_and_notes_the_one_that_had_it(tmp_path: Path, site, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = a_zip(tmp_path / "a.zip").read_bytes()
    site.serve("/wrong/facades.tar.gz", archive + b"more")
    site.serve("/right/facades.tar.gz", archive)
    with_mirrors(monkeypatch, *(site.url(f"/{place}/facades.tar.gz") for place in ("gone", "wrong", "right")), size=len(archive))
    note = call("published", tmp_path / "raw", dataset="facades")
    assert checked(tmp_path / "raw", note) == archive
    assert note["url"] == site.url("/right/facades.tar.gz") and note["source"] == "published" and note["file"] == "facades.tar.gz"


def test_published_without_a_mirror_that_answers_names_all_and_the_way_out(tmp_path: Path, site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.serve("/page/facades.tar.gz", b"<html>moved</html>")
    with_mirrors(monkeypatch, site.url("/gone/facades.tar.gz"), site.url("/page/facades.tar.gz"))
    message = refusal("published", tmp_path, dataset="facades", partial_dir=tmp_path / "kept")
    assert "404" in message and "a web page" in message and "=/path/to/facades.tar.gz" in message
    assert not (tmp_path / "kept").exists()


def test_a_cut_download_goes_on_in_the_next_call(tmp_path: Path, site) -> None:
    archive = a_zip(tmp_path / "a.zip").read_bytes()
    site.serve("/food.zip", archive, cut_first=0.6)
    with pytest.raises(UserError, match="cut"):
        call(site.url("/food.zip"), tmp_path / "raw", retries=0, partial_dir=tmp_path / "kept")
    assert not (tmp_path / "raw").exists() and list((tmp_path / "kept").iterdir())
    call(site.url("/food.zip"), tmp_path / "raw", retries=0, partial_dir=tmp_path / "kept")
    assert (tmp_path / "raw" / "food.zip").read_bytes() == archive
    assert site.requests[-1][1]["Range"] is not None
    assert not (tmp_path / "kept").exists()


def test_two_processes_at_the_same_download_do_not_share_their_partial_file(tmp_path: Path, site) -> None:
    archive = a_zip(tmp_path / "a.zip").read_bytes()
    site.serve("/food.zip", archive, cut_first=0.6)
    with pytest.raises(UserError, match="cut"):
        call(site.url("/food.zip"), tmp_path / "raw", retries=0, partial_dir=tmp_path / "kept")
    (kept,) = (path for path in (tmp_path / "kept").iterdir() if path.suffix != ".json")
    before = kept.read_bytes()
    with kept.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        call(site.url("/food.zip"), tmp_path / "raw", partial_dir=tmp_path / "kept")
        assert kept.read_bytes() == before
    assert (tmp_path / "raw" / "food.zip").read_bytes() == archive


def test_passwords_in_an_address_are_not_written_down(tmp_path: Path, site) -> None:
    site.serve("/food.zip", a_zip(tmp_path / "a.zip").read_bytes())
    site.serve("/food.zip?sig=secret", a_zip(tmp_path / "a.zip").read_bytes())
    for path in ("/food.zip", "/food.zip?sig=secret"):
        call(site.url(path).replace("http://", "http://me:secret@"), tmp_path / "raw")
        assert "secret" not in (tmp_path / "raw" / "source.json").read_text()


@pytest.mark.parametrize(
    "source",
    [
        "ftp://me:secret@host/a.zip",
        "file://me:secret@host/a.zip",
        "https:/me:secret@host/a.zip",
        "me:secret@host/a.zip",
        "http://me:secret@[",
    ],
)
def test_passwords_in_a_mistyped_address_are_not_printed(tmp_path: Path, source: str) -> None:
    assert "secret" not in refusal(source, tmp_path)
    assert "secret" not in refusal(f"{source}?sig=secret", tmp_path)


@pytest.mark.skipif(REAL is None, reason="PIX2PIX_REAL_DATA does not name a folder with the real archives")
def test_the_real_facades_give_the_same_bytes_over_http_as_by_path(tmp_path: Path, site) -> None:
    archive = Path(str(REAL)) / "facades.tar.gz"
    site.serve("/facades.tar.gz", archive.read_bytes(), cut_first=0.6)
    by_path = checked(tmp_path / "raw1", call(str(archive), tmp_path / "raw1", dataset="facades"))
    assert checked(tmp_path / "raw2", call(site.url("/facades.tar.gz"), tmp_path / "raw2", dataset="facades")) == by_path
    assert len(unpack(tmp_path / "raw2" / "facades.tar.gz", tmp_path / "into", limits=Limits(), progress=False).files) == 606
