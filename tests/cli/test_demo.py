import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from pix2pix.cli.main import main
from pix2pix.demo.runtime import DIST, FILES
from tests.demo.onnx_models import write_model

PAGE = Path(__file__).resolve().parents[2] / "demo"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The page's folder with stand-ins for what npm fetches."""
    folder = tmp_path / "page"
    for file in (*PAGE.glob("*.*"), *PAGE.glob("js/*"), *PAGE.glob("licences/*")):
        copied = folder / file.relative_to(PAGE)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_bytes(file.read_bytes())
    (folder / DIST).mkdir(parents=True)
    for name in FILES:
        (folder / DIST / name).write_text("")
    return folder


def test_the_page_is_served_until_it_is_stopped(tmp_path: Path, page: Path) -> None:
    write_model(tmp_path / "facades.onnx")
    command = [sys.executable, "-m", "pix2pix.cli.main", "demo", "--models", str(tmp_path), "--page", str(page), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().split()[1]
            with urllib.request.urlopen(address) as answer:
                assert b"pix2pix" in answer.read()
            assert "use-a-model.md#larger-pictures-to-draw" in process.stdout.readline(), "the model is one of small pictures"
        finally:
            process.terminate()


def test_one_file_is_written_and_its_place_is_told(tmp_path: Path, page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_model(tmp_path / "facades.onnx")
    assert main(["demo", "--models", str(tmp_path), "--page", str(page), "--single-file", str(tmp_path / "out.html")]) == 0
    assert "out.html" in capsys.readouterr().out
    assert (tmp_path / "out.html").read_text().startswith("<!doctype html>")


def test_mistakes_are_one_message_each(tmp_path: Path, page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--models", str(tmp_path / "none"), "--page", str(page)]) == 1
    assert main(["demo", "--models", str(tmp_path), "--page", str(tmp_path / "none")]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2 and "make repro" in told[0] and "--page" in told[1]
    with pytest.raises(SystemExit):
        main(["demo", "--port", "many"])
    assert "must be a number from 0 to 65535" in capsys.readouterr().err
