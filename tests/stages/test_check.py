"""The output of `check`, which every download depends on."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pix2pix.config.train_settings import NOISE
from stages import paths
from stages.check import check

ROOT = Path(__file__).resolve().parents[2]


def test_its_content_is_constant_and_downloads_wait_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stages = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
    assert stages["check"]["outs"] == [str(paths.CHECKED), str(paths.NOISE)] and str(paths.NOISE) == NOISE
    assert str(paths.CHECKED) in stages["download"]["deps"]
    monkeypatch.chdir(tmp_path)
    check([])
    first = {path: path.read_text() for path in (tmp_path / "data").iterdir()}
    check([])
    assert {path.relative_to(tmp_path) for path in first} == {paths.CHECKED, paths.NOISE}
    assert {path: path.read_text() for path in (tmp_path / "data").iterdir()} == first
