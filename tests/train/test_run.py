"""The stage train, called as the stage calls it, on prepared images."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pix2pix.config.params import load_settings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.dataset import write_dataset
from pix2pix.data.palettes import FACADES
from pix2pix.models.files import load_model
from pix2pix.train.callbacks import Callback
from pix2pix.train.run import TrainPaths, train
from tests.params import default_params, write_params


class Silent(Callback):
    """Records nothing."""


TINY = {"epochs": 1, "batch_size": 2, "load_size": 32, "crop_size": 32, "ngf": 2, "ndf": 2}


def label_maps(count: int) -> NDArray[np.uint8]:
    """(count, 3, 32, 32) of squares in the twelve colours."""
    classes = np.random.default_rng(0).integers(0, 12, (count, 4, 4)).repeat(8, axis=1).repeat(8, axis=2)
    return np.array(list(FACADES.values()), np.uint8)[classes].transpose(0, 3, 1, 2)


@pytest.mark.parametrize("are_labels", [True, False], ids=["label maps", "photos"])
def test_the_model_says_the_palette_of_its_inputs_whatever_the_dataset_is_called(tmp_path: Path, are_labels: bool) -> None:
    photos = np.random.default_rng(1).integers(64, 192, (4, 3, 32, 32), dtype=np.uint8)
    for split in ("train", "val"):
        pairs = np.concatenate([label_maps(4) if are_labels else photos, photos], axis=1)
        write_dataset(tmp_path / "prepared" / split, [pairs], list("1234"), ColourPlanes("rgb", "rgb"), 32)
    params = default_params()
    params["scales"]["sample"]["facades"] |= TINY
    paths = TrainPaths(tmp_path / "prepared", tmp_path / "model", tmp_path / "history.csv", tmp_path / "samples", tmp_path / "resume")

    @contextlib.contextmanager
    def record(folder: Path, tags: object) -> Iterator[Callback]:
        yield Silent()

    train(load_settings(write_params(tmp_path / "params.yaml", params), "facades"), paths, record, program=[])
    assert load_model(tmp_path / "model").palette == (FACADES if are_labels else {})
