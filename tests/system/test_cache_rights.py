"""Two users of one machine share DVC's cache."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from dvc.config import Config

from pix2pix.errors import UserError
from pix2pix.system.cache_rights import check_cache

USER, TEAM = 65534, 1  # nobody; the group daemon

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of root, with one file of DVC's; nobody may enter pytest's own folder."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", name)  # not root's own
        kept = Path(name) / "cache" / "files" / "md5" / "3f"
        kept.mkdir(parents=True)
        (kept / "0").touch()
        yield Path(name) / "cache"


def give(cache: Path, mode: int) -> None:
    for path in (cache, *cache.rglob("*")):
        os.chown(path, 0, TEAM)
        path.chmod(mode)


def complaint(cache: Path, groups: list[int], shared: str = "group") -> str:
    """What the other user is told, "" for nothing."""
    repo = cache.with_name("repo")
    (repo / ".dvc").mkdir(parents=True)
    (repo / ".dvc" / "config.local").write_text(f"[cache]\n    dir = {cache}\n" + (f"    shared = {shared}\n" if shared else ""))
    Config(str(repo / ".dvc"))  # imports DVC, whose files the other user may not be able to read
    before = os.getgroups()
    os.setgroups(groups)
    os.setresgid(USER, USER, 0)
    os.setresuid(USER, USER, 0)
    try:
        check_cache(repo)
    except UserError as error:
        return str(error)
    finally:
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)
        os.setgroups(before)
    return ""


def test_a_cache_whose_group_may_write_is_used(cache: Path) -> None:
    give(cache, 0o775)
    assert complaint(cache, [TEAM]) == ""


def test_a_folder_that_gives_the_group_no_right_is_named_with_its_owner_and_the_way_out(cache: Path) -> None:
    give(cache, 0o775)
    (cache / "files/md5/3f").chmod(0o755)
    said = complaint(cache, [TEAM])
    assert said.startswith(f"DVC cannot add to its cache: {cache}/files/md5/3f of root gives the group daemon no right to write.")
    assert (
        f"`find {cache} -type d -user root -exec chgrp daemon {{}} + -exec chmod g+rwxs {{}} +`" in said
        and "`dvc config --local cache.shared group`" in said
        and "\n" not in said
    )


def test_who_is_not_in_the_group_learns_its_name(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    give(cache, 0o770)
    said = complaint(cache, [])
    assert "it is for the group daemon, and ada is not in it. `sudo usermod -aG daemon ada`" in said and "\n" not in said


def test_the_first_person_already_learns_that_the_next_could_not_write(cache: Path) -> None:
    give(cache, 0o2775)
    said = complaint(cache, [TEAM], shared="")
    assert str(cache) in said and "`dvc config --local cache.shared group`" in said and "\n" not in said
    shutil.rmtree(cache.with_name("repo"))
    before = os.umask(0o002)
    try:
        assert complaint(cache, [TEAM], shared="") == "", "with this umask the group gets the right anyhow"
        os.umask(0o022)
        shutil.rmtree(cache.with_name("repo"))
        for path in (cache, *cache.rglob("*")):
            os.chown(path, USER, USER)
        assert complaint(cache, [TEAM], shared="") == "", "the group is this person's own"
    finally:
        os.umask(before)


def test_a_cache_of_root_in_ones_own_repository_is_taken_back(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `sudo dvc repro`."""
    monkeypatch.setenv("LOGNAME", "ada")
    give(cache, 0o755)
    said = complaint(cache, [], shared="")
    assert f"{cache} belongs to root. `sudo chown -R ada {cache}`" in said and "\n" not in said


@pytest.mark.parametrize("mode", [0o755, 0o775, 0o777])
def test_a_cache_for_one_person_is_used_whatever_an_earlier_umask_or_the_disk_gives_the_group(cache: Path, mode: int) -> None:
    """Also by root in a container, whose group is another than that of the host's folder."""
    give(cache, mode)
    (cache / "files/md5/.DS_Store").touch()  # of a Mac; no folder of DVC's
    (cache / "files/md5/.DS_Store").chmod(0o644)
    for path in (cache, *cache.rglob("*")):
        os.chown(path, USER, TEAM)
    assert complaint(cache, [], shared="") == ""


@pytest.mark.parametrize("name", ["files/md5/3f", "files/md5"])
def test_ones_own_folder_that_is_read_only_is_named(cache: Path, name: str) -> None:
    give(cache, 0o755)
    for path in (cache, *cache.rglob("*")):
        os.chown(path, USER, USER)
    (cache / name).chmod(0o444)
    assert f"`chmod u+rwx {cache / name}`" in complaint(cache, [], shared="")
