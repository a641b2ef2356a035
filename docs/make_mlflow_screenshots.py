"""Photograph MLflow's pages for the guide, as `make ui` shows them: python -m docs.make_mlflow_screenshots [name …]

Shows the three newest runs of facades: that of `make repro`, and then
    dvc exp run -n short -S 'active=[facades]' -S train.epochs=10
    dvc exp run -n wider -S 'active=[facades]' -S train.epochs=20 -S model.ngf=48
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Run
from playwright.sync_api import Browser, Page

from docs.photographs import HEIGHT, WIDTH, chromium, new_page, save
from pix2pix.tracking import tracking_uri

ROOT = Path(__file__).resolve().parents[1]
DATASET = "facades"
SHOTS = {name: Path(f"docs/mlflow-{name}.webp") for name in ("runs", "compare", "images", "model")}
_PATIENCE = 60_000  # milliseconds that the program or a page may take
_SETTLED = 5_000  # milliseconds until curves are drawn and images have faded in
_TRAINING = "workflowType=machine_learning"  # as in the address that `make ui` prints
# what a person does on the first visit: close the assistant, which opens by itself
_AT_HOME = """
localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true')
localStorage.setItem('mlflow.assistant.panelOpen_v1', 'false')
"""


def runs(client: MlflowClient) -> tuple[str, list[Run]]:
    """The dataset's experiment, by id, and its three newest finished runs. Ends with a message where there are fewer."""
    experiment = client.get_experiment_by_name(DATASET)
    found = client.search_runs([experiment.experiment_id], "attributes.status = 'FINISHED'", max_results=3) if experiment else []
    if experiment is None or len(found) < 3:
        raise SystemExit(f"{len(found)} finished runs of {DATASET} are recorded, and three are needed: see docs/guide/experiments.md")
    return experiment.experiment_id, list(found)


def curves(page: Page) -> None:
    """Three of the losses."""
    page.get_by_placeholder("Search metric charts").fill("loss/G|loss/D_real")


def compared(page: Page) -> None:
    """Of the parameters those that differ, and below them the metrics."""
    page.get_by_text("Show diff only").first.click()
    page.mouse.move(WIDTH * 0.6, HEIGHT * 0.6)
    page.mouse.wheel(0, 190)


def sample_steps(client: MlflowClient, run: Run) -> set[int]:
    """The steps at which a run has its samples."""
    names = [file.path for file in client.list_artifacts(run.info.run_id, "images")]
    return {int(found[1]) for name in names if (found := re.search(r"/samples\+step\+(\d+)\+", name))}


def image_grid(page: Page, step: int, last: int) -> None:
    """The samples of all runs at one step, side by side: a chart that a person adds, without the long list of parameters."""
    page.get_by_role("button", name="Add chart").first.click()
    page.get_by_role("menuitem", name="Image grid").click()
    form = page.get_by_role("dialog")
    form.get_by_role("combobox").last.click()
    page.get_by_role("option", name="samples").click()
    form.get_by_text("Show run parameters").click()
    page.wait_for_timeout(_SETTLED)
    form.get_by_role("button", name="Add chart").click()
    page.wait_for_timeout(_SETTLED)
    page.get_by_placeholder("Search metric charts").fill("samples")  # only the charts of images stay; the new one is the first
    page.wait_for_timeout(_SETTLED)
    page.locator("[data-component-id=fullscreen_button_chartcard]").first.click()
    page.wait_for_timeout(_SETTLED)
    whole = page.get_by_role("dialog")
    thumb, number = whole.get_by_role("slider").bounding_box(), whole.locator("input").last.bounding_box()
    assert thumb is not None and number is not None
    left, right = thumb["x"] + thumb["width"] / 2, number["x"] - 20  # the line, from step 0 to the last
    page.mouse.click(left + step / last * (right - left), thumb["y"] + thumb["height"] / 2)


def as_it_opens(page: Page) -> None:
    """Nothing to do."""


def pages(experiment: str, found: list[Run], steps: Sequence[set[int]]) -> dict[str, tuple[str, Callable[[Page], None]]]:
    """For each screenshot the part of the address after #, and what a person does there. steps: at which each run has samples."""
    images = partial(image_grid, step=max(set.intersection(*steps)), last=max(set.union(*steps)))
    ids = ",".join(f"%22{run.info.run_id}%22" for run in found)
    return {
        "runs": (f"/experiments/{experiment}/runs?{_TRAINING}&compareRunsMode=CHART", curves),
        "compare": (f"/compare-runs?runs=[{ids}]&experiments=[%22{experiment}%22]&{_TRAINING}", compared),
        "images": (f"/experiments/{experiment}/runs?{_TRAINING}&compareRunsMode=CHART", images),
        "model": (f"/models/pix2pix-{DATASET}?{_TRAINING}", as_it_opens),
    }


def photograph(browser: Browser, address: str, act: Callable[[Page], None], file: Path) -> None:
    """A page when everything on it is there."""
    page = new_page(browser)
    page.set_default_timeout(_PATIENCE)
    page.add_init_script(_AT_HOME)
    page.goto(address)
    page.get_by_text(DATASET).first.wait_for()
    page.wait_for_timeout(_SETTLED)
    act(page)
    page.wait_for_timeout(_SETTLED)
    save(page, file)
    page.close()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """`make ui` in `folder` on a free port, until the block is over; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, quiet = f"http://127.0.0.1:{port}", subprocess.DEVNULL
    process = subprocess.Popen(["make", "ui", f"PORT={port}"], cwd=folder, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        until = time.monotonic() + _PATIENCE / 1000
        while not _there(f"{address}/health"):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"make ui in {folder} {'ended' if process.poll() is not None else 'does not answer'}")
            time.sleep(0.05)
        yield address
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(_PATIENCE / 1000)


def _there(address: str) -> bool:
    try:
        return bool(urllib.request.urlopen(address, timeout=5).status == 200)
    except OSError:
        return False


def main(names: Sequence[str] = tuple(SHOTS)) -> None:
    """Make the screenshots of these names, one after another."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    client = MlflowClient(tracking_uri(ROOT))
    experiment, found = runs(client)
    todo = pages(experiment, found, [sample_steps(client, run) for run in found])
    with serving(ROOT) as address, chromium() as browser:
        for name in names:
            where, act = todo[name]
            photograph(browser, f"{address}/#{where}", act, ROOT / SHOTS[name])


if __name__ == "__main__":
    main(sys.argv[1:] or tuple(SHOTS))
