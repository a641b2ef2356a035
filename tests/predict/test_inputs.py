"""Which files --input names, and what their outputs are called."""

import os
from pathlib import Path

import numpy as np
import pytest

from pix2pix.errors import UserError
from pix2pix.predict import inputs as module
from pix2pix.predict.files import ImageFile, ending, write
from pix2pix.predict.inputs import Inputs, find_inputs


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fill(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"")


def output(name: str, moving: str = "") -> None:
    """An output of an earlier call."""
    frame = np.zeros((2, 2, 3), np.uint8)
    image = ImageFile([frame], [], moving, [100] if moving else [], 0 if moving else None, [])
    write(Path(name + ending(image)), [frame], image, alpha=False)


def outputs(found: Inputs) -> dict[str, str]:
    """Input -> name of its output, without suffix."""
    return {str(image.file): str(image.name) for image in found.images}


def test_no_two_outputs_have_one_name_whatever_the_inputs_are_called(place: Path) -> None:
    fill("in/a.jpg", "in/a.png", "in/a.jpg.png", "in/A.jpg", "in/b.tif", "in/ü.png", "in/u\u0308.jpg", "in/deep/b.tif", "more/b.tif")
    names = outputs(find_inputs(["in", "more/b.tif"], Path("out")))
    assert len({name.casefold() for name in names.values()}) == len(names) == 9
    assert names["in/a.png"] == "a.png" and names["in/deep/b.tif"] == "deep/b"
    assert {names["in/b.tif"], names["more/b.tif"]} == {"in/b.tif", "more/b.tif"}
    alone = outputs(find_inputs(["in"], Path("out")))
    assert alone["in/b.tif"] == "b" and len({name.casefold() for name in alone.values()}) == 8


def test_several_patterns_and_a_file_named_twice_count_once(place: Path) -> None:
    fill("in/a.jpg", "in/b.png", "in/c.webp", "in/notes.txt", "in/clip.mpg")
    found = find_inputs(["in/*.jpg", "in/*.png", "in/a.jpg"], Path("out"))
    assert list(outputs(found)) == ["in/a.jpg", "in/b.png"] and found.counts.total == 0
    found = find_inputs(["in/*"], Path("out"))
    assert list(outputs(found)) == ["in/a.jpg", "in/b.png", "in/c.webp"]
    assert found.counts.line() == "2 files: 0 used, 1 .mpg and 1 .txt passed over (no image)"


@pytest.mark.parametrize("name", ["My Photos [2020]", "what?", "a*b", "[", "*"])
def test_a_name_that_exists_is_taken_as_it_is(place: Path, name: str) -> None:
    fill(f"{name}/a.jpg", f"{name}/[1].png", "2/x.png")
    assert outputs(find_inputs([name], Path("out"))) == {f"{name}/[1].png": "[1]", f"{name}/a.jpg": "a"}
    assert outputs(find_inputs([f"{name}/[1].png"], Path("out"))) == {f"{name}/[1].png": "[1]"}


def test_a_pattern_reaches_into_a_folder_whose_name_has_brackets(place: Path) -> None:
    fill("My Photos [2020]/a.jpg", "My Photos [2020]/deep/b.jpg", "My Photos 2/c.jpg")
    assert list(outputs(find_inputs(["My Photos [2020]/*.jpg"], Path("out")))) == ["My Photos [2020]/a.jpg"]
    assert len(find_inputs(["My Photos [2020]/**/*.jpg"], Path("out")).images) == 2


def test_links_to_folders_and_files_are_followed_each_folder_once(place: Path) -> None:
    fill("store/a.jpg", "in/b.jpg")
    Path("in/linked").symlink_to(place / "store")
    Path("in/c.jpg").symlink_to(place / "store/a.jpg")
    for name in ("round", "round-again"):
        Path("in", name).symlink_to(place / "in")
    for text in ("in", "in/**/*.jpg"):
        found = find_inputs([text], Path("out"))
        assert list(outputs(found)) == ["in/b.jpg", "in/c.jpg", "in/linked/a.jpg"] and not found.unusable
    fill("in/notes.txt")
    assert find_inputs(["in/**/*"], Path("out")).counts.line().startswith("1 file: 0 used, 1 .txt passed over")
    assert list(outputs(find_inputs(["in/linked"], Path("out")))) == ["in/linked/a.jpg"]


def test_outputs_of_earlier_calls_are_passed_over_and_counted(place: Path) -> None:
    fill("in/a.jpg", "in/b.jpg", "in/made/mine.png")
    output("in/a")
    output("in/made/b", "WEBP")
    found = find_inputs(["in"], Path("in"))
    assert outputs(found) == {"in/a.jpg": "a", "in/b.jpg": "b", "in/made/mine.png": "made/mine"}
    assert "1 .png and 1 .webp passed over (an output of pix2pix predict" in found.counts.line().replace(
        "1 .webp and 1 .png", "1 .png and 1 .webp"
    )
    assert "1 .png passed over (in the output folder)" in find_inputs(["in"], Path("in/made")).counts.line()
    assert list(outputs(find_inputs(["in/made/mine.png"], Path("in")))) == ["in/made/mine.png"]  # the output folder is above
    Path("in/a.jpg").unlink()
    Path("in/b.jpg").unlink()
    Path("in/made/mine.png").unlink()
    assert len(find_inputs(["in"], Path("second")).images) == 2  # a second model on what a first one made
    with pytest.raises(UserError, match=r"holds no images .* passed over"):
        find_inputs(["in"], Path("in"))


def test_an_input_without_images_is_told_with_what_it_holds(place: Path) -> None:
    fill("in/a.jpg", "docs/invoice.pdf")
    with pytest.raises(UserError, match=r"docs holds no images \(.*: 1 file: 0 used, 1 \.pdf passed over \(no image\)"):
        find_inputs(["in", "docs"], Path("out"))
    with pytest.raises(UserError, match="as a pattern it matches nothing"):
        find_inputs(["x" * 300], Path("out"))
    os.mkfifo("pipe.jpg")
    with pytest.raises(UserError, match="no file that can be read"):
        find_inputs(["pipe.jpg"], Path("out"))


def test_the_work_for_a_file_does_not_grow_with_their_number(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts the calls that are made for each file: of the names compared, and of the files opened."""
    calls = 0
    for name in ("_folded", "is_output", "natural_key"):
        real = getattr(module, name)

        def counted(*given: object, real: object = real) -> object:
            nonlocal calls
            calls += 1
            return real(*given)  # type: ignore[operator]

        monkeypatch.setattr(module, name, counted)
    per_file = []
    for count in (100, 800):
        fill(*(f"{count}/{number}.{'jpg' if number % 3 else 'png'}" for number in range(count)))
        calls = 0
        assert len(find_inputs([str(count)], Path("out")).images) == count
        per_file.append(calls / count)
    assert per_file[1] <= per_file[0] <= 6
