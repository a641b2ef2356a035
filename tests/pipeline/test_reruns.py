"""What runs again after a change, and what does not: asked of `dvc status`, and seen in real `dvc repro`s."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.pipeline.clone import CHAINS, STAGES, Clone, every, executed, restored
from tests.pipeline.conftest import Reproduced

pytestmark = pytest.mark.pipeline

FOOD = ("food",)
REPORT = {"report"}
FROM_EVALUATE = ("evaluate", "export", "summary")
FROM_TRAIN = ("train", "infer", *FROM_EVALUATE)
# Stands in for a true change of what the module computes, whatever the module looks like.
DOUBLED = "\n\n_once = {name}\n\n\ndef {name}(fake_b, real_b):\n    return 2 * _once(fake_b, real_b)\n"

Edit = Callable[[Clone], None]


def appended(name: str, text: str = "\n# a remark\n") -> Edit:
    """A change of bytes."""

    def edit(clone: Clone) -> None:
        with (clone.root / name).open("a") as file:
            file.write(text)

    return edit


def changed(key: str, value: object) -> Edit:
    """A change of a parameter."""
    return lambda clone: clone.set(key, value)


TABLE = [
    (appended("README.md"), set()),
    (appended("tests/conftest.py"), set()),
    (appended("src/pix2pix/tracking/run.py"), set()),
    (changed("train.epochs", 2), every(*FROM_TRAIN) | REPORT),
    (changed("scales.sample.food.epochs", 2), every(*FROM_TRAIN, chains=FOOD) | REPORT),
    (changed("recipe", "better"), every(*FROM_TRAIN) | REPORT),
    (changed("recipes.auto.sample.lr", 3e-4), every(*FROM_TRAIN) | REPORT),
    (changed("recipes.better.sample.lr", 3e-4), set()),  # not the recipe at work
    (changed("scales.sample.food.features", "inception_v3"), every(*FROM_EVALUATE, chains=FOOD) | REPORT),
    (changed("datasets.food.lambda_l1", 10.0), every(*FROM_TRAIN, chains=FOOD) | REPORT),
    (
        changed("scales.sample.food.load_size", 40),
        every("prepare", *FROM_TRAIN, chains=FOOD) | REPORT,
    ),
    (changed("scales.sample.food.source", "food.zip"), every(*STAGES, chains=FOOD) | REPORT),
    (changed("scales.sample.anime.epochs", 2), set()),  # not an active chain
    (changed("scales.paper.food.epochs", 2), set()),  # not the scale at work
    (changed("infer.batch_size", 2), every("infer", *FROM_EVALUATE) | REPORT),
    (changed("evaluate.batch_size", 2), every(*FROM_EVALUATE) | REPORT),
    (changed("tracking.timeout", 7.0), set()),
    (appended("src/pix2pix/metrics/ssim.py"), every(*FROM_EVALUATE) | REPORT),
    (appended("src/pix2pix/models/unet.py"), every(*FROM_TRAIN) | REPORT),
]


@pytest.fixture(scope="module")
def needed_by(clone: Clone) -> dict[str, set[str]]:
    """For each stage, the stages that need it, at once or in turn."""
    after: dict[str, set[str]] = {}
    for stage, later in clone.edges():
        after.setdefault(stage, set()).add(later)
    found: dict[str, set[str]] = {}

    def descend(stage: str) -> set[str]:
        if stage not in found:
            found[stage] = after.get(stage, set()).union(*map(descend, after.get(stage, set())))
        return found[stage]

    return {stage: descend(stage) for stage in {*after}.union(*after.values())}  # the last ones too, which none needs


def stale(clone: Clone, needed_by: dict[str, set[str]]) -> set[str]:
    """Stages that `dvc status` names, and all that come after them."""
    named = set(clone.changed())
    return named.union(*(needed_by[stage] for stage in named))


def test_the_first_repro_runs_every_stage_once_the_check_first_and_the_report_last(reproduced: Reproduced) -> None:
    ran = executed(reproduced.output)
    assert sorted(ran) == sorted({"check", "report"} | every(*STAGES))
    assert (ran[0], ran[-1]) == ("check", "report")


def test_git_is_left_with_nothing_but_the_lock_and_the_metrics_to_commit(reproduced: Reproduced) -> None:
    committed = reproduced.clone.git("show", "--name-only", "--format=").split()
    assert sorted(committed) == sorted(["dvc.lock", *(f"data/metrics/{chain}.json" for chain in CHAINS)])


def test_a_training_says_what_it_does_in_words_that_agree(reproduced: Reproduced) -> None:
    assert "facades: 1 epoch of 8 images on cpu" in reproduced.output


def test_a_second_repro_runs_nothing(clone: Clone) -> None:
    before = os.times()
    output = clone.dvc("repro")
    after = os.times()
    assert (executed(output), restored(output)) == ([], [])
    assert "Data and pipelines are up to date." in output
    assert after.children_user - before.children_user < 10  # seconds of work, whoever else is busy; under 2 where nobody is
    assert clone.git("status", "--porcelain") == ""


@pytest.mark.parametrize(("edit", "expected"), TABLE)
def test_a_change_makes_stale_what_depends_on_it_and_nothing_else(
    clone: Clone, needed_by: dict[str, set[str]], edit: Edit, expected: set[str]
) -> None:
    try:
        edit(clone)
        assert clone.git("status", "--porcelain"), "the edit is none"
        assert stale(clone, needed_by) == expected
    finally:
        clone.git("checkout", "--quiet", ".")
        clone.git("clean", "--quiet", "--force")


def test_another_start_model_makes_stale_the_trainings_and_what_follows(clone: Clone, needed_by: dict[str, set[str]]) -> None:
    model = clone.root / "models/start/model.json"
    model.parent.mkdir(parents=True)
    try:
        model.write_text("a model")
        clone.set("train.start_from", "models/start")
        clone.dvc("commit", "--force", *every("train"))
        assert stale(clone, needed_by) == set()
        model.write_text("another")
        assert stale(clone, needed_by) == every(*FROM_TRAIN) | REPORT
    finally:
        shutil.rmtree(clone.root / "models")
        clone.git("checkout", "--quiet", ".")


def test_a_change_taken_back_leaves_nothing_stale(clone: Clone, needed_by: dict[str, set[str]]) -> None:
    assert stale(clone, needed_by) == set()


@dataclass(frozen=True)
class Rerun:
    """A real `dvc repro` after a change, and what the chains measured then."""

    output: str
    metrics: dict[str, dict[str, float]]

    @classmethod
    def of(cls, clone: Clone, *targets: str) -> "Rerun":
        """Run it."""
        return cls(clone.dvc("repro", *targets), {chain: clone.metrics(chain) for chain in CHAINS})


MEASUREMENTS = sorted(every("evaluate"))  # what comes after them takes half of the time, and is told apart by the table above


@pytest.fixture(scope="module")
def longer(clone: Clone) -> Rerun:
    """Longer training of one chain."""
    clone.set("scales.sample.food.epochs", 2)
    return Rerun.of(clone, *MEASUREMENTS)


@pytest.fixture(scope="module")
def doubled(clone: Clone, longer: Rerun) -> Rerun:
    """Another SSIM on top of that."""
    appended("src/pix2pix/metrics/ssim.py", DOUBLED.format(name="ssim"))(clone)
    return Rerun.of(clone, *MEASUREMENTS)


@pytest.fixture(scope="module")
def back(clone: Clone, doubled: Rerun) -> Rerun:
    """Both taken back."""
    clone.git("checkout", "--quiet", "params.yaml", "src")
    return Rerun.of(clone)


def test_longer_training_of_one_chain_runs_that_chain_from_training_on(longer: Rerun) -> None:
    assert set(executed(longer.output)) == every("train", "infer", "evaluate", chains=FOOD)
    assert (longer.metrics["facades"]["epochs"], longer.metrics["food"]["epochs"]) == (1, 2)


def test_another_ssim_measures_all_chains_again_and_trains_none(longer: Rerun, doubled: Rerun) -> None:
    assert set(executed(doubled.output)) == every("evaluate")
    for chain in CHAINS:
        once, twice = longer.metrics[chain], doubled.metrics[chain]
        assert twice["ssim"] == pytest.approx(2 * once["ssim"], rel=1e-4)
        assert {**twice, "ssim": 0} == {**once, "ssim": 0}


def test_back_again_restores_everything_and_executes_nothing(clone: Clone, back: Rerun) -> None:
    assert executed(back.output) == []
    assert set(restored(back.output)) == every("train", "infer", chains=FOOD) | every("evaluate")
    assert clone.git("status", "--porcelain") == "", "the committed lock and metrics must come out again"


def test_lost_outputs_come_back_without_a_run(clone: Clone, back: Rerun) -> None:
    lost = [Path("data/models/food"), Path("data/report")]
    for path in lost:
        clone.run("rm", "-r", str(path))
    assert executed(clone.dvc("repro")) == []
    assert all((clone.root / path).is_dir() for path in lost)


def test_after_an_experiment_that_failed_git_checkout_and_repro_bring_everything_back_without_a_run(clone: Clone, back: Rerun) -> None:
    assert "train.epochs = -1" in clone.attempt("dvc", "exp", "run", "-S", "train.epochs=-1").stdout
    clone.git("checkout", "--quiet", "params.yaml")
    assert executed(clone.dvc("repro")) == []
    assert clone.git("status", "--porcelain") == ""
