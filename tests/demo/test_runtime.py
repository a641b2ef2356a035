import shutil
from pathlib import Path

import pytest

from pix2pix.demo.runtime import DIST, FILES, runtime_files
from pix2pix.errors import UserError


def test_what_is_there_is_used_without_asking_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / DIST).mkdir(parents=True)
    for name in FILES:
        (tmp_path / DIST / name).write_text("")
    assert runtime_files(tmp_path) == {name: tmp_path / DIST / name for name in FILES}


def test_without_npm_the_message_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"npm is missing.*install"):
        runtime_files(tmp_path)


@pytest.mark.skipif(shutil.which("npm") is None, reason="no npm on this machine (Debian: apt install npm)")
def test_what_npm_says_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"npm could not fetch(.|\n)*package"):
        runtime_files(tmp_path)
