"""What a checkpoint's name follows: settings, data, and the code that training reads."""

import shutil
from pathlib import Path

import pytest

import pix2pix
from pix2pix.train import resume_key
from pix2pix.train.resume_key import code_digest, fingerprint, imported_modules

PACKAGE = Path(pix2pix.__file__).parent


def test_the_name_of_a_configuration_follows_its_parts_and_not_their_order() -> None:
    parts = {"settings": {"lr": 2e-4, "dropout_at": [4, 8]}, "data": "abc"}
    assert fingerprint(parts) == fingerprint({"data": "abc", "settings": {"dropout_at": [4, 8], "lr": 2e-4}})
    others = [{**parts, "data": "abd"}, {**parts, "more": None}, {"settings": parts["settings"]}]
    others += [{**parts, "settings": {"lr": 2e-4, "dropout_at": [8, 4]}}, {**parts, "settings": {"lr": 3e-4, "dropout_at": [4, 8]}}]
    assert len({fingerprint(other) for other in [parts, *others]}) == 6


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the program whose modules may be edited."""
    copy = tmp_path / "pix2pix"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_the_code_s_digest_follows_every_module_that_training_reads_and_no_other(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = code_digest(package)
    assert digest == code_digest()
    read = imported_modules(package)
    names = {file.relative_to(package).as_posix() for file in read}
    assert {"train/losses.py", "train/engine/im2col.py", "models/unet.py", "data/dataset.py", "data/lab.py", "errors.py"} <= names
    assert not any(name.startswith(("tracking/", "prepare/", "report/", "cli/", "inference/")) for name in names)
    for file in package.rglob("*.py"):
        if file not in read:
            file.write_text("# changed")
    assert code_digest(package) == digest
    monkeypatch.setattr(resume_key, "imported_modules", lambda _: read)  # a comment changes no import: parsed once is enough
    for file in read:
        text = file.read_text(encoding="utf-8")
        file.write_text(text + "# changed", encoding="utf-8")
        assert code_digest(package) != digest, file
        file.write_text(text, encoding="utf-8")


def test_every_form_of_import_is_followed(tmp_path: Path) -> None:
    package = tmp_path / "pix2pix"
    files = {
        "train/loop.py": "from pix2pix.data import one\nimport torch",
        "models/unet.py": "def f():\n    import pix2pix.data.two",
        "data/one.py": "from pix2pix.data.three import NAME",
        "data/two.py": "",
        "data/three.py": "",
        "data/__init__.py": "",
        "data/other.py": "",
    }
    for name, text in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    assert {file.relative_to(package).as_posix() for file in imported_modules(package)} == set(files) - {"data/other.py"}
