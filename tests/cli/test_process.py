"""`pix2pix process` as a person types it."""

import hashlib
import re
import shlex
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from PIL import Image

from pix2pix.cli.main import main
from pix2pix.cli.process import EXAMPLES
from pix2pix.config.settings import Prepare
from pix2pix.data.dataset import ImageDataset
from pix2pix.data.fit import to_square
from pix2pix.prepare.prepare import prepare
from pix2pix.process.transforms import blank, edges
from tests.halves import halves

SIZES = {"1.png": (40, 30), "B b/2.JPG": (30, 40), "B b/ünï 3.webp": (36, 36), "B b/deep/4.tif": (50, 30)}


def shapes(width: int, height: int, seed: int) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a folder `my photos` of pictures of several sorts."""
    for seed, (name, size) in enumerate(SIZES.items()):
        file = tmp_path / "my photos" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shapes(*size, seed).save(file)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def process(*words: str) -> int:
    return main(["process", *words, "--workers", "1"])


def opened(folder: str) -> dict[str, Image.Image]:
    """Every picture of a folder by its path without ending."""
    return {
        str(PurePosixPath(file.relative_to(folder).as_posix()).with_suffix("")): Image.open(file)
        for file in sorted(Path(folder).rglob("*.*"))
        if not file.name.startswith(".")
    }


def digest(folder: str) -> str:
    """Of the names, contents and times of all files."""
    told = [(str(file), file.read_bytes(), file.stat().st_mtime_ns) for file in sorted(Path(folder).rglob("*")) if file.is_file()]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def same(a: Image.Image, b: Image.Image) -> bool:
    return a.size == b.size and np.array_equal(np.asarray(a), np.asarray(b.convert(a.mode)))


EACH = [
    "resize --size 16",
    "resize --size 16 --fit pad",
    "grayscale",
    "blank",
    "edges --sigma 1",
    "edges --pairs",
    "blank --pairs --size 0.5",
]


@pytest.mark.parametrize("call", EACH)
def test_every_picture_becomes_one_of_the_same_name_and_a_second_call_does_nothing(
    here: Path, capsys: pytest.CaptureFixture[str], call: str
) -> None:
    operation, *options = call.split()
    before = digest("my photos")
    assert process(operation, "--input", "my photos", "--output", "out put/new", *options) == 0
    assert capsys.readouterr().out == f"{operation}: 4 written, 0 already there, 0 could not be used\n4 files: 4 used\n"
    assert sorted(opened("out put/new")) == ["1", "B b/2", "B b/deep/4", "B b/ünï 3"]
    written = digest("out put")
    assert process(operation, "--input", "my photos", "--output", "out put/new", *options) == 0
    assert capsys.readouterr().out == f"{operation}: 0 written, 4 already there, 0 could not be used\n4 files: 4 used\n"
    assert digest("out put") == written and digest("my photos") == before


@pytest.mark.parametrize("fit", ["crop", "pad", "squash"])
def test_resize_is_what_the_stage_prepare_does(here: Path, fit: str) -> None:
    assert process("resize", "--input", "my photos", "--output", "out", "--size", "24", "--fit", fit, "--resize", "area") == 0
    photos = opened("my photos")
    for name, picture in opened("out").items():
        assert same(picture, to_square(photos[name].convert("RGB"), 24, resize="area", fit=fit))


def test_blank_and_edges_hand_their_options_on(here: Path) -> None:
    assert process("blank", "--input", "my photos", "--output", "holes", "--size", "0.5") == 0
    assert process("edges", "--input", "my photos", "--output", "lines", "--sigma", "1", "--threshold", "0.05", "--shortest", "9") == 0
    photos, holes, lines = opened("my photos"), opened("holes"), opened("lines")
    for name, photo in photos.items():
        assert same(holes[name], blank(photo.convert("RGB"), share=0.5))
        assert same(lines[name], edges(photo.convert("RGB"), sigma=1, threshold=0.05, shortest=9))
    assert any((np.asarray(picture) == 0).any() for picture in lines.values())


def test_combined_pictures_come_apart_as_they_were(here: Path) -> None:
    assert process("grayscale", "--input", "my photos", "--output", "grey", "--format", "jpg") == 0
    assert process("combine", "--input", "grey", "--b", "my photos", "--output", "pairs") == 0
    grey, photos = opened("grey"), opened("my photos")
    for name, pair in opened("pairs").items():
        a, b = halves(pair)
        assert same(a, grey[name].convert("RGB")) and same(b, photos[name].convert("RGB"))


def test_combine_takes_the_folders_a_and_b_of_its_input_or_says_what_is_missing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert process("combine", "--input", "my photos", "--output", "pairs") == 1
    assert "my photos has no two folders A and B: make them, or name the folder of B with --b" in capsys.readouterr().err
    for side in "AB":
        Path("both").mkdir(exist_ok=True)
        Path("my photos").rename("both/A") if side == "A" else Path("both/B").symlink_to("A")
    assert process("combine", "--input", "both", "--output", "pairs") == 0
    assert len(opened("pairs")) == 4


def test_split_copies_every_picture_once_and_can_be_trained_on(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(30):
        shapes(20, 16, number).save(f"my photos/more {number}.png")
    assert process("split", "--input", "my photos", "--output", "mine", "--val", "0.3", "--test", "0.2") == 0
    assert "split: 34 written, 0 already there" in capsys.readouterr().out
    copies = [file.relative_to("mine") for file in Path("mine").rglob("*.*") if not file.name.startswith(".")]
    assert {copy.parts[0] for copy in copies} == {"train", "val", "test"}
    assert sorted(Path(*copy.parts[1:]) for copy in copies) == sorted(
        file.relative_to("my photos") for file in Path("my photos").rglob("*.*")
    )
    assert all(Path("mine", copy).read_bytes() == Path("my photos", *copy.parts[1:]).read_bytes() for copy in copies)
    assert process("split", "--input", "my photos", "--output", "other", "--val", "0.6", "--test", "0.4") == 1
    assert "together they must be below 1" in capsys.readouterr().err


def test_photos_become_a_dataset_for_prepare_and_unpack_shows_what_is_in_it(here: Path) -> None:
    assert process("resize", "--input", "my photos", "--output", "small", "--size", "32") == 0
    assert process("edges", "--input", "small", "--output", "edges2photos", "--pairs") == 0
    files = [PurePosixPath(file.relative_to("edges2photos").as_posix()) for file in sorted(Path("edges2photos").rglob("*.png"))]
    prepare(
        Path("edges2photos"), files, Path("prepared"), Prepare(load_size=32, crop_size=32, val_fraction=0.6, workers=1), kind="pairs",
        direction="AtoB", eval_split="val",
    )  # fmt: skip
    assert sum(len(ImageDataset(Path("prepared") / split)) for split in ("train", "val")) == 4
    assert process("unpack", "--input", "prepared", "--output", "look") == 0
    pairs = {PurePosixPath(name).name: picture for name, picture in opened("edges2photos").items()}
    for name, picture in opened("look").items():
        assert same(picture, pairs[PurePosixPath(name).name])


def test_bad_pictures_are_listed_with_reasons_the_rest_is_done_and_the_exit_code_says_so(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("my photos/empty.png").touch()
    Path("my photos/torn.jpg").write_bytes(Path("my photos/B b/2.JPG").read_bytes()[:300])
    assert process("grayscale", "--input", "my photos", "--output", "grey") == 1
    told = capsys.readouterr()
    assert told.out == "grayscale: 4 written, 0 already there, 2 could not be used\n"
    assert "pix2pix: 2 could not be used:\n  - my photos/empty.png: an empty file\n  - my photos/torn.jpg: damaged: " in told.err
    assert told.err.endswith("\n6 files: 4 used, 1 .jpg and 1 .png not usable (listed above)\n")
    Path("my photos/empty.png").unlink()
    shapes(20, 20, 9).save("my photos/torn.jpg")
    assert process("grayscale", "--input", "my photos", "--output", "grey") == 0
    assert capsys.readouterr().out == "grayscale: 1 written, 4 already there, 0 could not be used\n5 files: 5 used\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("resize --input photos --output out", "photos cannot be read as a folder: No such file"),
        ("resize --input 'my photos' --output 'my photos'", "is the input folder itself"),
        ("edges --input 'my photos' --output 'my photos/lines'", "lies inside my photos"),
        ("combine --input 'my photos/B b' --b 'my photos' --output 'my photos/out'", "lies inside my photos"),
        ("grayscale --input 'my photos' --output full", "holds files that pix2pix process did not make"),
        ("unpack --input 'my photos' --output out", "holds no packed images"),
    ],
)
def test_mistakes_are_told_in_one_message_and_nothing_is_written(
    here: Path, capsys: pytest.CaptureFixture[str], words: str, message: str
) -> None:
    Path("full").mkdir()
    Path("full/mine.txt").touch()
    before = digest(".")
    assert process(*shlex.split(words)) == 1
    said = capsys.readouterr().err
    assert said.startswith("pix2pix: ") and message in said
    assert digest(".") == before and not Path("out").exists()


@pytest.mark.parametrize(
    "words",
    ["resize --size 0", "resize --size many", "blank --size 1", "edges --sigma 0", "edges --sigma nan", "split --val 1", "split --seed -1"],
)
def test_values_out_of_range_are_told_with_what_they_must_be(here: Path, capsys: pytest.CaptureFixture[str], words: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        process(*words.split(), "--input", "my photos", "--output", "out")
    assert stopped.value.code == 2 and "must be a" in capsys.readouterr().err


@pytest.mark.parametrize("operation", EXAMPLES)
def test_the_help_of_each_operation_has_an_example_that_can_be_given(
    operation: str, capsys: pytest.CaptureFixture[str], here: Path
) -> None:
    with pytest.raises(SystemExit):
        main(["process", operation, "--help"])
    assert EXAMPLES[operation] in capsys.readouterr().out
    program, *words = shlex.split(EXAMPLES[operation])
    assert program == "pix2pix" and main(words) == 1  # its folders are not here
    assert "cannot be read" in (told := capsys.readouterr().err) or "holds no packed images" in told


def test_what_the_guide_shows_can_be_given(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    guide = Path(__file__).resolve().parents[2] / "docs/guide/own-data.md"
    shown = re.findall(r"^(?:\$ )?pix2pix (process [^-].+)$", guide.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(shown) >= 3
    Path("my photos").rename("photos")
    for words in shown:
        packed = " unpack " in words  # which needs what prepare writes
        assert main(shlex.split(words)) == (1 if packed else 0), words
    assert {"train", "val", "test"} >= {path.name for path in Path("mine").iterdir() if path.is_dir()} != set()


def test_nearest_keeps_the_colours_of_a_label_map(here: Path) -> None:
    colours = np.array([(0, 0, 223), (255, 0, 0), (0, 128, 255)], np.uint8)
    labels = colours[np.random.default_rng(0).integers(0, 3, (40, 60))]
    (here / "labels").mkdir()
    Image.fromarray(labels).save("labels/a.png")
    assert process("resize", "--input", "labels", "--output", "out", "--size", "25", "--fit", "squash", "--filter", "nearest") == 0
    found = np.asarray(opened("out")["a"]).reshape(-1, 3)
    assert {tuple(colour) for colour in found} == {tuple(colour) for colour in colours}


def test_levels_are_named_and_a_mask_of_class_numbers_is_doubted_without(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    classes = np.random.default_rng(0).integers(0, 4, (40, 40), dtype=np.uint8)
    (here / "masks").mkdir()
    Image.fromarray(classes).save("masks/a.png")
    assert process("grayscale", "--input", "masks", "--output", "stored") == 0
    assert "1 of 1 image uses a small part of their range" in capsys.readouterr().out
    assert process("grayscale", "--input", "masks", "--output", "named", "--levels=0-3") == 0
    assert "small part" not in capsys.readouterr().out
    assert np.array_equal(opened("named")["a"], classes * 85)


def test_no_profile_goes_into_the_files_written(here: Path) -> None:
    from PIL import ImageCms

    (here / "tagged").mkdir()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    shapes(20, 20, 0).save("tagged/a.png", icc_profile=profile)
    assert process("grayscale", "--input", "tagged", "--output", "out") == 0
    assert "icc_profile" not in opened("out")["a"].info


@pytest.mark.parametrize("levels", ["dark", "3", "0-", "1-2-3"])
def test_levels_that_are_none_are_refused(here: Path, capsys: pytest.CaptureFixture[str], levels: str) -> None:
    with pytest.raises(SystemExit):
        process("grayscale", "--input", "my photos", "--output", "out", f"--levels={levels}")
    assert "must be stored, stretch" in capsys.readouterr().err
