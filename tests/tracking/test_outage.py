"""MLflow servers that are not there, say nothing, or die."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun
from PIL import Image

from pix2pix.config.settings import Tracking
from pix2pix.errors import UserError
from pix2pix.tracking import Run, deliver, reopen_for_model, sender, tracking_uri
from pix2pix.tracking.journal import outbox
from pix2pix.tracking.matching_run import find_or_create
from tests.pipeline.services import FileServer, free_port, slowed

Train = Callable[..., Run]
Recorded = Callable[..., list[MlflowRun]]


@pytest.fixture
def closed_port(root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    uri = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    return uri


@pytest.fixture
def silent_server(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        uri = f"http://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        yield uri


@pytest.fixture
def server(root: Path) -> Iterator[FileServer]:
    server = FileServer(root)
    server.start()
    yield server
    server.kill()


@pytest.mark.parametrize("address", ["closed_port", "silent_server"])
def test_required_tracking_stops_before_any_training_and_names_the_way_out(
    address: str, train: Train, root: Path, request: pytest.FixtureRequest
) -> None:
    uri = request.getfixturevalue(address)
    begin = time.monotonic()
    with pytest.raises(UserError, match=r"tracking\.required: false") as stopped:
        train(timeout=2.0)
    assert time.monotonic() - begin < 4
    assert uri in str(stopped.value)
    assert not list(outbox(root).iterdir())


def test_a_silent_server_holds_neither_start_nor_end_up_for_longer_than_the_timeout(silent_server: str, train: Train, root: Path) -> None:
    begin = time.monotonic()
    with train(required=False, timeout=1.0) as run:
        run.log_epoch(1, {"val_l1": 0.5})
    assert time.monotonic() - begin < 4
    assert len(list(outbox(root).iterdir())) == 1


def test_a_server_that_answers_slowly_is_waited_for(
    server: FileServer, train: Train, root: Path, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slowed(server.port, 0.2) as port:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
        with train(timeout=2.0) as run:
            run.log_epoch(1, {"val_l1": 0.5})
    [it] = recorded(uri=server.uri)
    assert (it.info.status, it.data.metrics) == ("FINISHED", {"val/L1_loss": 0.5})
    assert not list(outbox(root).iterdir())


def test_optional_tracking_trains_on_and_delivers_everything_once_later(
    closed_port: str, train: Train, root: Path, recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = tmp_path / "epoch.png"
    Image.new("RGB", (8, 8)).save(image)
    offline = {"required": False, "timeout": 1.0}
    begin = time.monotonic()
    run = train(**offline)
    for epoch in (1, 2, 3):
        run.log_epoch(epoch, {"val_l1": 1 / epoch})
    token = run.run_id
    run.finish("KILLED")
    with train(resume=token, **offline) as run:  # killed, gone on, and still no server
        assert run.run_id == token
        for epoch in (3, 4):
            run.log_epoch(epoch, {"val_l1": 1 / epoch})
            run.log_image(image, "samples", epoch)
        run.tag({"model.sha256": "ab" * 32})
    with reopen_for_model(
        "facades", "ab" * 32, root=root, settings=Tracking(required=False, timeout=1.0), params={}, predictions="1.dir"
    ) as run:
        run.log_metrics({"test.l1": 0.25})
    assert time.monotonic() - begin < 10
    assert deliver(root).waiting == 2

    monkeypatch.delenv("MLFLOW_TRACKING_URI")  # the file gets what could not be sent to a server
    delivered = deliver(root)
    assert (len(delivered.runs), delivered.waiting, delivered.reason) == (2, 0, None)
    assert deliver(root).runs == ()
    [it] = recorded()
    history = MlflowClient(tracking_uri(root)).get_metric_history(it.info.run_id, "val/L1_loss")
    assert [metric.step for metric in history] == [1, 2, 3, 4]
    assert (it.info.status, it.data.params, it.data.metrics["test.l1"]) == ("FINISHED", {"train.lr": "0.0002"}, 0.25)
    assert len(MlflowClient(tracking_uri(root)).list_artifacts(it.info.run_id, "images")) == 2 * 2


def test_what_version_0_1_could_not_send_is_delivered(
    closed_port: str, train: Train, root: Path, recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/l1.csv").write_text("l1\n")
    with train(required=False, timeout=1.0) as run:
        run.log_file(tmp_path / "tables", "tables")
    [events] = outbox(root).glob("*/events.jsonl")
    events.write_text(events.read_text().replace('"file"', '"folder"'))
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert deliver(root).waiting == 0
    [it] = recorded()
    assert [file.path for file in MlflowClient(tracking_uri(root)).list_artifacts(it.info.run_id, "tables")] == ["tables/l1.csv"]


def test_a_store_that_fails_after_its_first_answer_loses_nothing(root: Path, recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [OSError("gone"), None]

    def failing(*asked: Any) -> Any:
        if problem := answers.pop(0):
            raise problem
        return find_or_create(*asked)

    monkeypatch.setattr(sender, "find_or_create", failing)
    with reopen_for_model("facades", "ab" * 32, root=root, settings=Tracking(), params={}, predictions="1.dir") as run:
        run.log_metrics({"test.l1": 0.25})
    [it] = recorded()
    assert it.data.metrics == {"test.l1": 0.25}


def test_a_server_that_dies_and_comes_back_loses_nothing_and_holds_nothing_up(
    server: FileServer, train: Train, root: Path, recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
    note = tmp_path / "note.txt"
    note.write_text("kept")
    run = train(timeout=5.0)
    run_id = run.run_id
    run.log_epoch(1, {"val_l1": 0.5})
    run.log_file(note, "before")
    server.kill()
    begin = time.monotonic()
    for epoch in range(2, 101):
        run.log_epoch(epoch, {"val_l1": 1 / epoch})
    run.log_file(note, "after")
    assert time.monotonic() - begin < 2
    run.tag({"model.sha256": "ab" * 32})
    run.finish("FINISHED")
    assert time.monotonic() - begin < 10

    server.start()
    with reopen_for_model(
        "facades", "ab" * 32, root=root, settings=Tracking(), params={}, predictions="1.dir"
    ) as again:  # the next stage delivers the rest
        again.log_metrics({"test.l1": 0.25})
    assert not list(outbox(root).iterdir())
    [it] = recorded(uri=server.uri)
    assert (it.info.run_id, it.info.status, it.data.metrics["test.l1"]) == (run_id, "FINISHED", 0.25)
    client = MlflowClient(server.uri)
    assert [metric.step for metric in client.get_metric_history(run_id, "val/L1_loss")] == list(range(1, 101))
    assert [client.list_artifacts(run_id, folder)[0].path for folder in ("before", "after")] == ["before/note.txt", "after/note.txt"]
