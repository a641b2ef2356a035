"""Two people with one store: data in an S3 bucket, runs on an MLflow server with PostgreSQL behind it, and an account for each."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from mlflow import MlflowClient
from mlflow.entities import Run

from tests.pipeline.clone import Clone, every, executed, restored
from tests.pipeline.services import Bucket, add_user, mlflow_server, postgresql, postgresql_programs, s3_bucket

pytestmark = pytest.mark.pipeline

FACADES = ("facades",)
PASSWORDS = {"anna": "a-password-of-anna", "ben": "a-password-of-ben"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bucket, str]]:
    """The bucket, and the address of the MLflow server, which knows both people."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine (Debian: apt install postgresql)")
    folder = tmp_path_factory.mktemp("services")
    with postgresql(programs) as database, s3_bucket(folder) as bucket, mlflow_server(folder, database, bucket) as address:
        for name, password in PASSWORDS.items():
            add_user(address, name, password)
        yield bucket, address


@pytest.fixture(scope="module")
def bucket(services: tuple[Bucket, str]) -> Bucket:
    return services[0]


@pytest.fixture(scope="module")
def client(services: tuple[Bucket, str]) -> Iterator[MlflowClient]:
    """What Anna sees on the server."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in account("anna", services[1]).items():
            patch.setenv(name, value)
        yield MlflowClient(services[1])


@pytest.fixture(scope="module")
def anna(services: tuple[Bucket, str], clone: Clone) -> Clone:
    """She trained facades with a change, recorded on the server, and pushed what came out; food comes from before there was a server."""
    bucket, address = services
    clone.env |= account("anna", address)
    clone.set("tracking.enabled", True)
    clone.set("tracking.register_if", "ssim>=-1")
    clone.set("scales.sample.facades.epochs", 2)
    clone.dvc("remote", "add", "--default", "store", f"s3://{bucket.name}/dvc")
    clone.dvc("remote", "modify", "store", "endpointurl", bucket.endpoint)
    give_keys(clone, bucket)
    assert set(executed(clone.dvc("repro"))) == every("train", "infer", "evaluate", "export", "summary", chains=FACADES) | {"report"}
    clone.commit("Longer")
    clone.dvc("push")
    origin = clone.root.with_name("origin.git")
    clone.git("clone", "--quiet", "--bare", ".", str(origin))
    clone.git("remote", "add", "origin", str(origin))
    return clone


@pytest.fixture(scope="module")
def ben(anna: Clone, services: tuple[Bucket, str], tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """He has what Git and the two stores have, and nothing else of hers."""
    bucket, address = services
    root = Path(tmp_path_factory.mktemp("ben")) / "repo"
    anna.git("clone", "--quiet", str(anna.root.with_name("origin.git")), str(root))
    clone = Clone(root)
    clone.env |= account("ben", address)
    clone.git("config", "user.name", "Ben")
    clone.git("config", "user.email", "ben@example.org")
    give_keys(clone, bucket)
    clone.dvc("pull")
    return clone


@pytest.fixture(scope="module")
def synced(ben: Clone) -> str:
    """What Ben's first `sync` printed."""
    return ben.run("pix2pix", "runs", "sync", PYTHONPATH=str(ben.root / "src"))


@pytest.fixture(scope="module")
def variant(ben: Clone, synced: str) -> str:
    """Name of an experiment of Ben's, as far as its measurements, which he pushed."""
    ben.dvc("exp", "run", "--name", "longest", "-S", "scales.sample.facades.epochs=3", "evaluate@facades")
    ben.dvc("exp", "push", "origin", "longest")
    return "longest"


def account(name: str, address: str) -> dict[str, str]:
    """The environment of a person with an account of the server."""
    return {
        "MLFLOW_TRACKING_URI": address,
        "MLFLOW_TRACKING_USERNAME": name,
        "MLFLOW_TRACKING_PASSWORD": PASSWORDS[name],
        "USER": name,
        "LOGNAME": name,
    }


def give_keys(clone: Clone, bucket: Bucket) -> None:
    """The keys stay on this machine, out of Git."""
    for name, key in bucket.keys.items():
        clone.dvc("remote", "modify", "--local", "store", name.lower().removeprefix("aws_"), key)


def runs(client: MlflowClient, dataset: str) -> dict[str, Run]:
    """The runs that the server has of a data set, by name; each name once."""
    experiment = client.get_experiment_by_name(dataset)
    found = client.search_runs([experiment.experiment_id]) if experiment else []
    by_name = {run.info.run_name: run for run in found}
    assert len(by_name) == len(found)
    return by_name


def test_after_a_pull_the_other_person_has_everything_and_nothing_to_do(ben: Clone) -> None:
    output = ben.dvc("repro")
    assert (executed(output), restored(output)) == ([], [])
    assert ben.git("status", "--porcelain") == ""


def test_sync_finds_what_the_other_recorded_and_records_the_rest_once_for_both(
    anna: Clone, ben: Clone, synced: str, client: MlflowClient
) -> None:
    [trained] = [run for run in runs(client, "facades").values() if run.data.tags["mlflow.user"] == "anna"]
    assert synced.splitlines() == [
        f"facades: known as {trained.info.run_name} ({trained.info.run_id[:8]})",
        f"food: recorded as food-restored ({runs(client, 'food')['food-restored'].info.run_id[:8]})",
    ]
    assert re.findall(r"^(\w+): known as", anna.pix2pix("runs", "sync"), re.MULTILINE) == ["facades", "food"]
    assert list(runs(client, "food")) == ["food-restored"]


def test_the_runs_of_both_are_on_the_server_finished_and_measured(variant: str, anna: Clone, client: MlflowClient) -> None:
    found = runs(client, "facades")
    assert len(found) == 2 and found.pop(variant).data.tags["mlflow.user"] == "ben"
    for run in [*found.values(), *runs(client, "facades").values()]:
        assert run.info.status == "FINISHED"
        assert "test/SSIM" in run.data.metrics
    assert run.info.artifact_uri.startswith("mlflow-artifacts:/")
    versions = client.search_model_versions("name = 'pix2pix-facades'")
    assert {version.run_id for version in versions} == {run.info.run_id for run in runs(client, "facades").values()}
    listed = anna.pix2pix("runs", "list", "--dataset", "facades")
    assert variant in listed and "2 runs" in listed


def test_files_lie_in_the_bucket_alone(anna: Clone, ben: Clone, variant: str, bucket: Bucket) -> None:
    for clone in (anna, ben):
        assert not [name for name in ("mlflow.db", "mlruns") if (clone.root / name).exists()]
        assert bucket.keys["AWS_SECRET_ACCESS_KEY"] in (clone.root / ".dvc/config.local").read_text()
        assert clone.git("ls-files", ".dvc").split() == [".dvc/.gitignore", ".dvc/config", ".dvc/plots.html"]
    kept = requests.get(f"{bucket.endpoint}/{bucket.name}", params={"list-type": "2", "prefix": "mlflow/"}, timeout=10).text
    for artifact in ("model/MLmodel", "card/README.md", "chain.json"):
        assert kept.count(f"/artifacts/{artifact}<") >= 2, artifact


def test_an_experiment_that_one_pushed_the_other_applies_without_training(anna: Clone, variant: str) -> None:
    anna.dvc("exp", "pull", "origin", variant)
    anna.dvc("exp", "apply", variant)
    output = anna.dvc("repro", "evaluate@facades")
    assert (executed(output), restored(output)) == ([], [])


def test_nobody_without_a_password_is_let_in(services: tuple[Bucket, str], ben: Clone) -> None:
    answer = requests.post(f"{services[1]}/api/2.0/mlflow/experiments/search", json={"max_results": 1}, timeout=10)
    assert answer.status_code == 401
    assert ben.pix2pix("runs", "list", code=1, MLFLOW_TRACKING_PASSWORD="guessed") == (
        f"pix2pix: The MLflow store at {services[1]} cannot be used: "
        "it asks for an account. Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD\n"
    )
