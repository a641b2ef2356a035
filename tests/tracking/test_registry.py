"""Models in MLflow's registry: which are registered, which is the champion, and that MLflow loads and serves them."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from mlflow import MlflowClient
from PIL import Image

from pix2pix.config.model_settings import ModelSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.models.build import build_networks
from pix2pix.models.files import SavedModel, save_model
from pix2pix.tracking import Run, deliver, tracking_uri
from pix2pix.tracking.registry import satisfies

Train = Callable[..., Run]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained generator as the stage train writes it."""
    settings = ModelSettings(ngf=4, ndf=4, crop_size=32)
    generator, _ = build_networks(3, 3, settings, seed=0)
    folder = Path(tmp_path_factory.mktemp("trained")) / "facades"
    save_model(folder, SavedModel(generator, "facades", "pairs", "BtoA", ColourPlanes("rgb", "rgb"), settings, "batch", 1))
    return folder


@pytest.mark.parametrize(
    ("rule", "passes"),
    [("ssim >= 0.5", True), ("ssim>=0.51", False), ("fd <= 80", True), ("fd <= 70", False), ("kid <= 1", False), (None, False)],
)
def test_a_rule_is_satisfied_by_the_figure_it_names_and_never_by_one_that_is_missing(rule: str | None, passes: bool) -> None:
    assert satisfies(rule, {"ssim": 0.5, "fd_efficientnet_lite0": 75.0}) == passes


def registered(train: Train, model: Path, ssim: float, measured_on: str, **change: object) -> str:
    with train(register_if="ssim >= 0.3", **change) as run:
        run.log_model(model)
        run.register(model, {"ssim": ssim, "fd": None, "kid": float("nan")}, measured_on)
        return run.run_id


def champion(root: Path) -> str:
    return str(MlflowClient(tracking_uri(root)).get_model_version_by_alias("pix2pix-facades", "champion").run_id)


def test_a_version_that_an_earlier_program_tagged_by_bare_keys_is_compared_too(train: Train, root: Path, model: Path) -> None:
    old, client = registered(train, model, 0.7, "sample"), MlflowClient(tracking_uri(root))
    client.delete_model_version_tag("pix2pix-facades", "1", "test/SSIM")
    client.set_model_version_tag("pix2pix-facades", "1", "ssim", "0.7")
    registered(train, model, 0.6, "sample")
    assert champion(root) == old


def test_the_champion_is_the_best_of_those_that_satisfy_the_rule_and_were_measured_on_the_same_targets(
    train: Train, root: Path, model: Path
) -> None:
    first = registered(train, model, 0.4, "sample")
    registered(train, model, 0.2, "sample")  # does not satisfy the rule
    assert champion(root) == first
    best = registered(train, model, 0.6, "sample")
    registered(train, model, 0.5, "sample")
    registered(train, model, 0.6, "sample")  # no better
    assert champion(root) == best
    client = MlflowClient(tracking_uri(root))
    assert len(client.search_model_versions("name = 'pix2pix-facades'")) == 4
    assert client.get_model_version_by_alias("pix2pix-facades", "champion").tags == {"test/SSIM": "0.6", "measured_on": "sample"}
    assert "champion" in (client.get_registered_model("pix2pix-facades").description or "")
    harder = registered(train, model, 0.35, "photographs")
    assert champion(root) == harder


def test_what_a_dead_server_could_not_register_is_registered_once_later(
    train: Train, root: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    registered(train, model, 0.4, "sample", required=False, timeout=0.5)
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    for _ in range(2):
        deliver(root)
        [version] = MlflowClient(tracking_uri(root)).search_model_versions("name = 'pix2pix-facades'")
        assert champion(root) == version.run_id


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 10)).save(file, "PNG")
    return file.getvalue()


LOAD = """
import base64, io, sys
import mlflow, numpy as np
from mlflow.exceptions import MlflowException
from PIL import Image
model = mlflow.pyfunc.load_model("models:/pix2pix-facades@champion")
for shape in ((1, 3, 64, 64), (2, 3, 32, 96)):
    answer = model.predict(np.zeros(shape, np.float32))
    assert answer.shape == shape and answer.dtype == np.float32 and abs(answer).max() <= 1
pictures = model.predict(np.array([base64.b64decode(sys.argv[1])] * 2, dtype=object))
assert [Image.open(io.BytesIO(picture)).size for picture in pictures] == [(50, 33)] * 2
for wrong in (np.zeros((1, 1, 64, 64), np.float32), np.zeros((1, 3, 60, 64), np.float32), np.array([b"no picture"], dtype=object)):
    try:
        model.predict(wrong)
    except MlflowException:
        continue
    raise AssertionError(wrong)
import pix2pix
for address in ("models:/pix2pix-facades@champion", f"runs:/{sys.argv[2]}/model", sys.argv[2]):
    output = pix2pix.load(address)(Image.open(io.BytesIO(base64.b64decode(sys.argv[1]))))
    assert output.tobytes() == Image.open(io.BytesIO(pictures[0])).tobytes()
"""


def environment(root: Path) -> dict[str, str]:
    source = Path(__file__).parents[2] / "src"
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    lean = {"MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONDONTWRITEBYTECODE": "1"}
    return {**known, **lean, "PYTHONPATH": str(source), "MLFLOW_TRACKING_URI": tracking_uri(root)}


def test_the_champion_is_loaded_where_there_is_only_the_package_and_takes_any_size(
    train: Train, root: Path, model: Path, tmp_path: Path
) -> None:
    run_id = registered(train, model, 0.4, "sample")
    given = base64.b64encode(png(50, 33)).decode()
    done = subprocess.run([sys.executable, "-c", LOAD, given, run_id], cwd=tmp_path, env=environment(root), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def served(train: Train, root: Path, model: Path) -> Iterator[str]:
    """The real `mlflow models serve` of the champion."""
    registered(train, model, 0.4, "sample")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    what = ["-m", "models:/pix2pix-facades@champion", "--env-manager", "local", "--host", "127.0.0.1", "--port", port, "--workers", "1"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # it starts uvicorn from there
    command = [sys.executable, "-m", "mlflow", "models", "serve", *what]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env={**environment(root), "PATH": path}, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        until = time.monotonic() + 90
        while True:
            try:
                requests.get(f"http://127.0.0.1:{port}/ping", timeout=1).raise_for_status()
                break
            except requests.RequestException:
                assert process.poll() is None and time.monotonic() < until, "the server did not start"
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_mlflow_serves_the_champion_and_answers_a_png_posted_to_it_with_one(served: str) -> None:
    answer = requests.post(served, json={"inputs": [base64.b64encode(png(50, 33)).decode()]}, timeout=30)
    assert answer.status_code == 200, answer.text
    with Image.open(io.BytesIO(base64.b64decode(answer.json()["predictions"][0]))) as picture:
        assert (picture.format, picture.size) == ("PNG", (50, 33))
    refused = requests.post(served, json={"inputs": ["bm8gcGljdHVyZQ=="]}, timeout=30)
    assert refused.status_code == 400
    assert "not an image" in json.loads(refused.text)["message"]
