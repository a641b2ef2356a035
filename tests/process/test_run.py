"""A plan carried out: what is missing or out of date and nothing else, each file whole or not at all."""

import os
import resource
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath

import pytest
from PIL import Image

from pix2pix.data.bad_image import BadImage
from pix2pix.data.pixels import Notes
from pix2pix.errors import UserError
from pix2pix.process.operations import plan_each
from pix2pix.process.plan import Plan, Task
from pix2pix.process.run import Outcome, run
from pix2pix.process.transforms import grayscale

Draw = Callable[..., Path]


def upper(file: Path, notes: Notes) -> bytes:
    if "bad" in file.name:
        raise BadImage("for no reason")
    return file.read_text().upper().encode()


def plan_of(folder: Path) -> Plan:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return Plan([Task(PurePosixPath(file.relative_to(folder).as_posix()), (file,), partial(upper, file)) for file in files])


def make(tmp_path: Path, workers: int = 1) -> Outcome:
    return run(plan_of(tmp_path / "in"), tmp_path / "out", label="upper", workers=workers)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder `in` with a file a and a file b in a subfolder; the output goes to `out` beside it."""
    (tmp_path / "in/sub é").mkdir(parents=True)
    (tmp_path / "in/a").write_text("one")
    (tmp_path / "in/sub é/b").write_text("two")
    return tmp_path / "in"


def made(tmp_path: Path) -> dict[str, tuple[str, int]]:
    """What lies below `out`, with the times of writing."""
    return {
        file.relative_to(tmp_path / "out").as_posix(): (file.read_text(), file.stat().st_mtime_ns)
        for file in (tmp_path / "out").rglob("*")
        if file.is_file()
    }


def test_the_first_call_makes_every_file_and_the_second_none(tmp_path: Path, texts: Path) -> None:
    assert make(tmp_path) == Outcome(2, 0)
    first = made(tmp_path)
    assert {name: text for name, (text, _) in first.items()} == {"a": "ONE", "sub é/b": "TWO"}
    assert make(tmp_path) == Outcome(0, 2)
    assert made(tmp_path) == first


def test_a_changed_a_new_and_a_removed_file_are_made_again_and_no_other(tmp_path: Path, texts: Path) -> None:
    (texts / "c").write_text("three")
    make(tmp_path)
    first = made(tmp_path)
    (texts / "a").write_text("four")
    (texts / "d").write_text("five")
    (tmp_path / "out/c").unlink()
    assert make(tmp_path) == Outcome(3, 1)
    assert {name: text for name, (text, _) in made(tmp_path).items()} == {"a": "FOUR", "c": "THREE", "d": "FIVE", "sub é/b": "TWO"}
    assert made(tmp_path)["sub é/b"] == first["sub é/b"]


def test_a_source_replaced_by_an_older_file_is_seen(tmp_path: Path, texts: Path) -> None:
    (tmp_path / "older").write_text("long ago")
    os.utime(tmp_path / "older", (1, 1))
    make(tmp_path)
    (tmp_path / "older").replace(texts / "a")
    assert make(tmp_path).written == 1
    assert made(tmp_path)["a"][0] == "LONG AGO"


def test_what_was_retouched_by_hand_is_not_made_again(tmp_path: Path, texts: Path) -> None:
    make(tmp_path)
    (tmp_path / "out/a").write_text("mine")
    assert make(tmp_path) == Outcome(0, 2)
    assert made(tmp_path)["a"][0] == "mine"


def test_what_cannot_be_used_is_listed_and_the_rest_is_done(tmp_path: Path, texts: Path) -> None:
    (texts / "bad").write_text("")
    for _ in range(2):
        outcome = make(tmp_path)
        assert outcome.unusable == ((texts / "bad", "for no reason"),)
    assert (outcome.written, outcome.already) == (0, 2)
    assert sorted(made(tmp_path)) == ["a", "sub é/b"]


def test_what_the_plan_found_unusable_is_listed_first(tmp_path: Path, texts: Path) -> None:
    plan = Plan(plan_of(texts).tasks, [(tmp_path / "x", "alone")])
    assert run(plan, tmp_path / "out", label="upper", workers=1).unusable == ((tmp_path / "x", "alone"),)


def test_every_file_is_listed_of_a_source_that_several_are_made_of(tmp_path: Path, texts: Path) -> None:
    """As of a packed split, whose names the output's file system may refuse."""
    tasks = [Task(PurePosixPath(letter * 300), (texts / "a",), partial(upper, texts / "a")) for letter in "xyz"]
    outcome = run(Plan(tasks), tmp_path / "out", label="upper", workers=1)
    assert [reason.partition(":")[0][-1] for _, reason in outcome.unusable] == ["x", "y", "z"]
    assert (outcome.written, outcome.counts.not_usable.total()) == (0, 3)


def test_many_processes_make_the_same_files_as_one(tmp_path: Path, draw: Draw) -> None:
    for number in range(40):
        draw(f"in/{number}.png", seed=number)
    (tmp_path / "in/7.png").write_bytes(b"no picture")
    plan = plan_each(tmp_path / "in", grayscale, "png")
    found = []
    for workers in (1, 2):
        outcome = run(plan, tmp_path / f"out{workers}", label="grey", workers=workers)
        assert (outcome.written, [file.name for file, _ in outcome.unusable]) == (39, ["7.png"])
        found.append({file.name: file.read_bytes() for file in (tmp_path / f"out{workers}").iterdir()})
    assert found[0] == found[1] and len(found[0]) == 39


def test_a_disk_that_is_full_is_told_nothing_half_made_stays_and_the_same_call_succeeds_later(tmp_path: Path, texts: Path) -> None:
    (texts / "large").write_text("x" * 5000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(UserError, match=r"large: no room left to write it .* run the same command again"):
            make(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert sorted(made(tmp_path)) == ["a"]
    assert make(tmp_path) == Outcome(2, 1)


def test_pictures_made_from_sources_that_are_gone_are_counted_and_left(tmp_path: Path, draw: Draw) -> None:
    draw("in/x.png"), draw("in/deep/y.png")
    for orphans in (0, 1):
        outcome = run(plan_each(tmp_path / "in", grayscale, "png"), tmp_path / "out", label="grey", workers=1)
        assert outcome.orphans == orphans
        (tmp_path / "in/deep/y.png").unlink(missing_ok=True)
    assert (tmp_path / "out/deep/y.png").exists()


def test_two_sources_of_one_output_are_told_before_anything_is_done(tmp_path: Path, draw: Draw) -> None:
    draw("in/x.png"), draw("in/x.jpg")
    with pytest.raises(UserError, match=r"in/x\.jpg and .*in/x\.png would both become x\.png: rename one"):
        plan_each(tmp_path / "in", grayscale, "png").check_targets()
    draw("in2/y.png"), draw("in2/Y.png")
    with pytest.raises(UserError, match="would both become"):
        plan_each(tmp_path / "in2", grayscale, "png").check_targets()
    draw("in3/x.png"), draw("in3/deep/x.png")
    plan_each(tmp_path / "in3", grayscale, "png").check_targets()


@pytest.mark.parametrize(("ending", "format"), [("png", "PNG"), ("jpg", "JPEG")])
def test_files_are_of_the_format_asked_for_under_the_same_stem(tmp_path: Path, draw: Draw, ending: str, format: str) -> None:
    draw("in/a.b c é.bmp")
    run(plan_each(tmp_path / "in", grayscale, ending), tmp_path / "out", label="grey", workers=1)
    with Image.open(tmp_path / f"out/a.b c é.{ending}") as picture:
        assert picture.format == format and picture.mode == "L"
