"""The published code is run as it is, with those options that its version knows."""

import json
from pathlib import Path

import pytest
import torch

from benchmarks import published_peer
from benchmarks.__main__ import main

CPU = torch.device("cpu")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A stand-in that notes what it was asked for."""
    files = {
        "train.py": "import json, sys\njson.dump(sys.argv[1:], open('asked.json', 'w'))",
        "models/pix2pix_model.py": "",
        "options/train_options.py": "parser.add_argument('--n_epochs')\nparser.add_argument('--print_freq')",
        "options/base_options.py": 'parser.add_argument("--dataroot")\nparser.add_argument("--gpu_ids")',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_only_options_that_are_known_are_given(checkout: Path, tmp_path: Path) -> None:
    published_peer.check(checkout)
    published_peer._train(checkout, tmp_path, 3, CPU)
    asked = json.loads((checkout / "asked.json").read_text())
    given = dict(zip(asked[1::2], asked[2::2], strict=True))
    assert asked[0] == "--no_html"
    assert given == {"--dataroot": str(tmp_path / "pairs"), "--n_epochs": "3", "--gpu_ids": "-1", "--print_freq": "1000000000"}


def test_its_failure_is_told(checkout: Path, tmp_path: Path) -> None:
    (checkout / "train.py").write_text("raise SystemExit('no such option')")
    with pytest.raises(SystemExit, match=r"train.py of .* failed:\nno such option"):
        published_peer._train(checkout, tmp_path, 1, CPU)


@pytest.mark.parametrize("path", ["tests", "nowhere"])
def test_a_folder_that_is_not_the_published_code_is_refused_with_the_way_out(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "training", "--peer", path])
    with pytest.raises(SystemExit, match=r"is no checkout of pytorch-CycleGAN-and-pix2pix: train\.py.*git clone"):
        main()
