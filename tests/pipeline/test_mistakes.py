"""Mistakes in `-S` in a fresh clone: one message that names the key and the way out, no traceback, before anything is done."""

import pytest

from tests.pipeline.clone import Clone, executed

pytestmark = pytest.mark.pipeline

ROW = "scales.sample.facades"

# of each `-S` of a run: the mistake, the key as it must be named, what must be said of the way out
RUNS = [
    [("train.epoch=3", "Could not override 'train.epoch'", "Key 'epoch' is not in struct")],  # DVC's own words
    [
        ("+train.epoch=3", "train.epoch: there is no such key", "did you mean train.epochs?"),
        ("train.epochs=abc", "train.epochs = 'abc'", "must be a whole number of at least 1, or null"),
        (f"{ROW}.crop_size=33", f"{ROW}.crop_size = 33", "must be a power of two from 32 to 1024"),
    ],
    [(f"{ROW}.crop_size=64", f"{ROW}.crop_size = 64 is above {ROW}.load_size = 36", "lower the one or raise the other")],
    [("scale=papr", "scale = 'papr'", "must be one of the scales in the file, sample or small or paper")],
    [("active=[]", "active = []", "must be a list of at least one dataset, such as [facades]")],
    [("active=[nosuch]", "active = ['nosuch']: there is no dataset 'nosuch'", "there are facades, cityscapes, maps, ")],
]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Nothing has run in it yet."""
    return Clone.make(tmp_path_factory.mktemp("mistakes") / "repo")


def test_data_that_dvc_imports_lies_where_the_rest_does(clone: Clone) -> None:
    archive = clone.root.parent / "mine.zip"
    archive.write_bytes(b"images")
    (clone.root / "data").mkdir(exist_ok=True)
    clone.dvc("import-url", str(archive), "data/mine.zip")
    assert "data/mine.zip.dvc" in clone.git("status", "--porcelain", "--untracked-files=all")
    clone.run("rm", "-f", "data/mine.zip", "data/mine.zip.dvc", "data/.gitignore")


@pytest.mark.parametrize("mistakes", RUNS, ids=lambda mistakes: mistakes[0][0])
def test_mistakes_are_told_in_one_message_before_anything_is_done(clone: Clone, mistakes: list[tuple[str, str, str]]) -> None:
    done = clone.forked("dvc", "exp", "run", *(word for mistake, _, _ in mistakes for word in ("-S", mistake)))
    clone.git("checkout", "--quiet", "params.yaml")
    assert done.returncode != 0
    for _, named, way_out in mistakes:
        assert named in done.stdout, done.stdout
        assert done.stdout.count(way_out) == 1, "told once"
    assert "Traceback" not in done.stdout
    assert executed(done.stdout) in (["check"], [])
    assert [path for path in (clone.root / "data").rglob("*") if path.is_file()] == []
    assert clone.git("status", "--porcelain") == ""
