"""`pix2pix datasets` as a person types it, in a repository and elsewhere."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML

from pix2pix.cli.main import main
from pix2pix.config.settings import Download
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.dataset import write_dataset
from pix2pix.download.catalogue import CATALOG
from pix2pix.download.source import fetch
from stages import paths
from tests.params import write_params


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory that is in no repository, on a terminal of 100 columns."""
    (tmp_path / ".dvc").mkdir()  # an end to the search upward
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@pytest.fixture
def repository(elsewhere: Path) -> Path:
    """A repository with a params.yaml; facades is downloaded and prepared, and maps trained, as the stages do."""
    write_params(elsewhere / "params.yaml")
    paths.raw("facades").mkdir(parents=True)
    (paths.raw("facades") / "facades.tar.gz").write_bytes(b"x" * 3072)
    paths.model("maps").mkdir(parents=True)
    (paths.model("maps") / "generator.safetensors").write_bytes(b"x" * 5000)
    for split, count in (("train", 4), ("test", 2)):
        images = np.zeros((count, 6, 8, 8), dtype=np.uint8)
        write_dataset(paths.prepared("facades") / split, [images], [str(n) for n in range(count)], ColourPlanes("rgb", "rgb"), 8)
    return elsewhere


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["datasets", *words]) == 0
    return capsys.readouterr().out


def as_data(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return {row["name"]: row for row in json.loads(printed(capsys, "--json"))}


def add_row(params: Path, name: str, source: str) -> None:
    yaml = YAML()
    content = yaml.load(params.read_text())
    content["datasets"][name] = dict(content["datasets"]["food"], direction="BtoA")
    content["scales"]["sample"][name] = dict(content["scales"]["sample"]["food"], source=source)
    with params.open("w") as file:
        yaml.dump(content, file)


def test_outside_a_repository_the_catalogue_is_listed(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys)
    for published in CATALOG.values():
        assert f"\n{published.name} " in found
        assert " ".join(published.licence.split()) in " ".join(found.split())
    assert "downloaded" not in found


@pytest.mark.parametrize("columns", ["20", "80", "100", "120", "500"])
def test_no_line_is_longer_than_the_terminal_or_120_columns(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    add_row(repository / "params.yaml", "sketches", "https://example.org/a/very/long/address/of/an/archive/sketches.tar.gz")
    assert max(map(len, printed(capsys).splitlines())) <= min(max(int(columns), 100), 120)


def test_in_a_repository_it_says_what_is_here_and_where_it_comes_from(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = (line.split() for line in printed(capsys).splitlines() if line.startswith("facades *"))
    size = sum(file.stat().st_size for file in (repository / "data/prepared/facades").rglob("*") if file.is_file())
    assert line == ["facades", "*", "3.0", "KiB", f"{size / 1024:.1f}", "KiB", "-", "sample"]
    found = as_data(capsys)
    assert found["facades"]["here"] == {"downloaded": 3072, "prepared": size, "trained": None}
    assert found["maps"]["here"] == {"downloaded": None, "prepared": None, "trained": 5000}
    assert found["facades"]["prepared_images"] == {"train": 4, "test": 2}
    assert found["facades"]["sources"] == {"sample": "sample", "small": "published", "paper": "published"}
    assert [name for name, row in found.items() if row["active"]] == ["facades", "food", "anime"]


def test_data_holds_all_that_the_catalogue_knows(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = as_data(capsys)
    assert list(found) == list(CATALOG)
    for name, published in CATALOG.items():
        row = found[name]["published"]
        assert (found[name]["kind"], found[name]["direction"]) == (published.kind, published.direction)
        assert row["mirrors"] == list(published.mirrors) and row["splits"] == dict(published.splits)
        assert row["bytes"] == published.bytes and row["licence"] == published.licence and row["image_size"] == list(published.image_size)


def test_a_dataset_of_ones_own_is_listed_without_the_password_of_its_address(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add_row(repository / "params.yaml", "sketches", "https://me:secret@example.org/sketches.zip")
    assert "sketches" in printed(capsys)
    row = as_data(capsys)["sketches"]
    assert (row["kind"], row["direction"], row["published"]) == ("lab", "BtoA", None)
    assert row["sources"] == {"sample": "https://example.org/sketches.zip"}
    one = printed(capsys, "sketches")
    assert "https://example.org/sketches.zip" in one and "secret" not in one


def test_one_is_printed_in_full_with_its_addresses_whole(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = printed(capsys, "facades")
    facades = CATALOG["facades"]
    for address in (*facades.mirrors, facades.homepage):
        assert address in one.split()
    flat = " ".join(one.split())
    assert facades.citation in flat and facades.licence in flat and facades.title in flat
    assert "400 train, 100 val, 106 test" in flat and "4 train, 2 test" in flat
    assert "-S scales.sample.facades.source=/path/to/it" in flat
    assert json.loads(printed(capsys, "facades", "--json")) == as_data(capsys)["facades"]


def test_what_has_no_public_home_comes_with_the_way_to_get_it(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("food", "anime"):
        one = printed(capsys, name)
        assert f"{name}_resized.zip" in one and f"scales.sample.{name}.source=/path/to/" in " ".join(one.split())


def test_a_folder_that_has_changed_since_it_was_fetched_is_told(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add_row(repository / "params.yaml", "mine", "photos")
    for name in ("a", "b"):
        (repository / "photos").mkdir(exist_ok=True)
        Image.new("RGB", (8, 8)).save(repository / f"photos/{name}.png")
    fetch("photos", paths.raw("mine"), Download(), dataset="mine", root=repository, key="source", progress=False)
    assert "changed" not in printed(capsys) + printed(capsys, "mine") and not as_data(capsys)["mine"]["changed"]
    (repository / "photos/b.png").unlink()
    for words in ([], ["mine"]):
        told = " ".join(printed(capsys, *words).split())
        assert "the folder photos has changed since it was fetched: fetch it again with `dvc repro -f -s download@mine`" in told


@pytest.mark.parametrize("note", [{"path": 7}, {"path": ["a"]}, {"path": "a\0b"}, {"path": "~no-such-user/a"}, {}])
def test_a_note_of_the_source_without_a_path_that_can_be_read_is_passed_over(
    repository: Path, capsys: pytest.CaptureFixture[str], note: dict[str, object]
) -> None:
    (paths.raw("facades") / "source.json").write_text(json.dumps({"fingerprint": "0", **note}))
    assert as_data(capsys)["facades"]["changed"] == ""


def test_a_name_that_no_dataset_has_is_reported_with_the_nearest(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets", "facade"]) == 1
    assert "there is no dataset 'facade'; did you mean facades?" in capsys.readouterr().err


def test_a_params_yaml_that_is_not_sound_is_reported(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "params.yaml").write_text("scale: [")
    assert main(["datasets"]) == 1
    assert "params.yaml is not valid YAML" in capsys.readouterr().err
