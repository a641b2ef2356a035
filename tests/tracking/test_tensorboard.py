"""`tracking.tensorboard` writes what MLflow gets as event files, beside it and outside every hash."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pix2pix.config.params import load_settings
from pix2pix.config.settings import Tracking
from pix2pix.tracking.tensorboard import FOLDER
from pix2pix.tracking.train_callback import record_training
from tests.params import write_params

pytest.importorskip("tensorboard", reason="an extra")


def trained(root: Path, epochs: range) -> None:
    """Record the epochs of a training as the loop would, with a sheet after each; MLflow is off."""
    params = write_params(root / "params.yaml")
    settings = replace(load_settings(params, "facades"), tracking=Tracking(enabled=False, tensorboard=True))
    resume = root / "resume"
    resume.mkdir(exist_ok=True)
    sheet = root / "sheet.png"
    Image.new("RGB", (6, 4), (10, 20, 30)).save(sheet)
    with record_training(settings, root, params, root / "dvc.lock", {}, resume, {}) as callback:
        callback.on_train_start(4, 2, epochs.start, 0, [])
        for epoch in epochs:
            callback.on_epoch_end({"epoch": epoch, "loss_d_real": epoch / 4, "lr": 0.5}, seconds=2.0, images=8)
            callback.on_sample_sheet("samples", sheet, epoch)


def test_losses_rates_and_sheets_are_read_back_also_over_an_interruption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    monkeypatch.setenv("DVC_EXP_NAME", "tries-lr")
    trained(tmp_path, range(1, 4))
    trained(tmp_path, range(3, 5))  # resumed from the checkpoint of epoch 2: the third is written twice, and shown once
    (folder,) = (tmp_path / FOLDER / "facades").iterdir()
    assert folder.name.startswith("tries-lr-")
    events = EventAccumulator(str(folder))
    events.Reload()
    assert {tag: [(it.step, it.value) for it in events.Scalars(tag)] for tag in events.Tags()["scalars"]} == {
        "loss/D_real": [(1, 0.25), (2, 0.5), (3, 0.75), (4, 1.0)],
        "train/lr": [(epoch, 0.5) for epoch in range(1, 5)],
        "train/images_per_second": [(epoch, 4.0) for epoch in range(1, 5)],
    }
    sheets = events.Images("samples")
    assert [it.step for it in sheets] == [1, 2, 3, 4] and (sheets[0].width, sheets[0].height) == (6, 4)
