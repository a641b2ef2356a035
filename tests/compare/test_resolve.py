"""Folders, DVC experiments, MLflow runs and revisions, found in a real repository with a real store."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pix2pix.compare.resolve import find_source, find_sources
from pix2pix.config.settings import Tracking
from pix2pix.errors import UserError
from pix2pix.tracking import PREDICTIONS, folder_digest, open_run
from tests.compare.conftest import Fill

MAKE = """
import sys
from pathlib import Path
from PIL import Image
name, shade = sys.argv[1], int(sys.argv[2])
for part, value in (("", shade), ("inputs", 7), ("targets", 200)):
    folder = Path("data/predictions", name, part)
    folder.mkdir(parents=True, exist_ok=True)
    for stem in ("1", "2"):
        Image.new("RGB", (16, 16), (value, int(stem), 0)).save(folder / f"{stem}.png")
Path("data/predictions", name, "index.html").write_text(name)
"""
PIPELINE = """
stages:
  infer:
    matrix: {name: "${active}"}
    cmd: python make.py ${item.name} ${shade}
    deps: [make.py]
    params: [shade]
    outs: ["data/predictions/${item.name}"]
"""


@dataclass
class Repository:
    """A repository whose pipeline draws flat images in the shade that params.yaml says."""

    root: Path

    def __call__(self, *command: str) -> str:
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def record(self, dataset: str, model: str, tags: dict[str, str]) -> str:
        """An MLflow run of this data set with this model; returns its id."""
        settings = Tracking()
        opened = open_run(dataset, root=self.root, settings=settings, params={"n": model}, tags={}, data_digest=None, resume_run_id=None)
        with opened as run:
            run.tag({"model.sha256": model, **tags})
            return run.run_id


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """Shade 10 is committed, shade 90 is the experiment `brighter`; the workspace holds the committed one."""
    base = tmp_path_factory.mktemp("resolve")
    repo = Repository(base / "repo")
    repo.root.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
        for kind in ("SITE_CACHE", "GLOBAL_CONFIG", "SYSTEM_CONFIG"):
            patch.setenv(f"DVC_{kind}_DIR", str(base / kind))
        repo("git", "init", "-q")
        repo("git", "config", "user.name", "A Test")
        repo("git", "config", "user.email", "test@example.org")
        repo("dvc", "init", "-q")
        repo("dvc", "config", "core.analytics", "false")
        (repo.root / "make.py").write_text(MAKE)
        (repo.root / "dvc.yaml").write_text(PIPELINE)
        (repo.root / "params.yaml").write_text("active: [toy, other]\nshade: 10\n")
        (repo.root / ".gitignore").write_text("/mlflow.db*\n/mlruns\n/.resume\n")
        repo("dvc", "repro", "-q")
        repo("git", "add", "--all")
        repo("git", "commit", "-q", "-m", "Shade 10")
        repo("git", "tag", "dark")
        repo("dvc", "exp", "run", "-q", "-n", "brighter", "-S", "shade=90")
        repo("git", "checkout", "-q", ".")
        repo("dvc", "checkout", "-q")
        yield repo


def shade(path: Path) -> int:
    with Image.open(path) as image:
        return int(np.asarray(image)[0, 0, 0])


@pytest.mark.pipeline
def test_a_dvc_experiment_gives_the_images_of_its_revision_and_leaves_the_workspace_alone(repository: Repository) -> None:
    source = find_source("brighter", repository.root, "toy")
    assert {
        part: {stem: shade(file) for stem, file in files.items()} for part, files in vars(source).items() if isinstance(files, dict)
    } == {
        "outputs": {"1": 90, "2": 90},
        "targets": {"1": 200, "2": 200},
        "inputs": {"1": 7, "2": 7},
    }
    assert source.origin.startswith("DVC experiment brighter (toy, ")
    assert repository("git", "status", "--porcelain") == ""
    assert shade(repository.root / "data/predictions/toy/1.png") == 10


@pytest.mark.pipeline
@pytest.mark.parametrize("revision", ["HEAD", "dark", "main"])
def test_a_revision_of_git_gives_its_images(repository: Repository, revision: str) -> None:
    repository("git", "branch", "-f", "-M", "main")
    source = find_source(revision, repository.root, "other")
    assert {stem: shade(file) for stem, file in source.outputs.items()} == {"1": 10, "2": 10}


@pytest.mark.pipeline
def test_of_several_datasets_one_must_be_chosen(repository: Repository) -> None:
    with pytest.raises(UserError, match=r"has predictions of toy, other: choose one with --dataset"):
        find_source("HEAD", repository.root, None)
    with pytest.raises(UserError, match=r"has no predictions of maps in its dvc\.lock"):
        find_source("HEAD", repository.root, "maps")


@pytest.mark.pipeline
def test_the_digest_of_a_folder_is_dvcs_own(repository: Repository) -> None:
    lock = (repository.root / "dvc.lock").read_text()
    assert f"md5: {folder_digest(repository.root / 'data/predictions/toy')}" in lock
    assert folder_digest(repository.root / "data/predictions/toy") != folder_digest(repository.root / "data/predictions/other")


@pytest.mark.pipeline
def test_an_mlflow_run_gives_the_images_it_was_measured_on_by_id_and_by_name(repository: Repository) -> None:
    digest = folder_digest(repository.root / "data/predictions/toy")
    measured = repository.record("toy", "first", {PREDICTIONS: digest})
    source = find_source(measured, repository.root, None)
    assert {stem: shade(file) for stem, file in source.outputs.items()} == {"1": 10, "2": 10}
    assert find_source(source.name, repository.root, None) == source
    same_model = repository.record("toy", "first", {})  # DVC did not measure the same model again
    assert shade(find_source(same_model, repository.root, "toy").outputs["1"]) == 10


@pytest.mark.pipeline
def test_a_run_that_was_not_measured_says_how_to(repository: Repository) -> None:
    run = repository.record("toy", "never measured", {})
    with pytest.raises(UserError, match=rf"{run}, FINISHED\) has no record of its predictions: .*dvc repro --force evaluate@"):
        find_source(run, repository.root, None)


@pytest.mark.pipeline
def test_several_runs_of_one_name_are_listed_unless_their_images_are_the_same(repository: Repository) -> None:
    toy, other = (folder_digest(repository.root / "data/predictions" / name) for name in ("toy", "other"))
    one, two = repository.record("toy", "again", {PREDICTIONS: toy}), repository.record("toy", "again", {PREDICTIONS: toy})
    name = find_source(one, repository.root, None).name
    assert find_source(name, repository.root, None).origin == f"MLflow run {name} ({two})"  # the newest
    three = repository.record("toy", "again", {PREDICTIONS: other})
    with pytest.raises(UserError, match=rf"several runs are called {name}: {three} \(toy\), {two} \(toy\); name one by its id"):
        find_source(name, repository.root, None)


@pytest.mark.pipeline
def test_images_that_left_the_cache_come_from_the_remote_or_are_missed_with_the_way_out(repository: Repository, tmp_path: Path) -> None:
    copy = Repository(tmp_path / "copy")
    shutil.copytree(repository.root, copy.root, symlinks=True)
    copy("dvc", "remote", "add", "-d", "shelf", str(tmp_path / "shelf"))
    copy("dvc", "push", "-q")
    shutil.rmtree(copy.root / ".dvc/cache/files")
    assert shade(find_source("HEAD", copy.root, "toy").outputs["1"]) == 10
    with pytest.raises(
        UserError, match=r"images of DVC experiment brighter .* are neither in DVC's cache nor in its remote .*dvc exp pull"
    ):
        find_source("brighter", copy.root, "toy")
    copy("dvc", "remote", "remove", "shelf")
    with pytest.raises(UserError, match=r"nor in its remote \(none is set up\)"):
        find_source("brighter", copy.root, "toy")


@pytest.mark.pipeline
def test_what_is_nothing_says_what_was_looked_for(repository: Repository) -> None:
    for text in ("nothing", "--upload-pack=x", 'a"b', "0" * 32):
        with pytest.raises(UserError, match=r"is no folder, and in .* there is no DVC experiment, no MLflow run and no Git revision"):
            find_source(text, repository.root, None)


def test_names_are_the_folders_and_what_was_typed_where_two_are_alike(fill: Fill, tmp_path: Path) -> None:
    a, b, c = (str(fill(folder, ["1"])) for folder in ("x/out", "y/out", "z"))
    assert [source.name for source in find_sources([a, b, c], tmp_path, None)] == [a, b, "z"]
    with pytest.raises(UserError, match="named twice"):
        find_sources([a, c, a], tmp_path, None)


def test_outside_any_repository_folders_still_work_and_nothing_is_made(fill: Fill, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert find_source(str(fill("a", ["1"])), elsewhere, None).name == "a"
    with pytest.raises(UserError, match="is no folder"):
        find_source("run-1", elsewhere, None)
    assert list(elsewhere.iterdir()) == []
