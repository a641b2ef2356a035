"""Real archives, where PIX2PIX_REAL_DATA names a folder with them: unpacked, prepared, trained on for a moment, inferred, measured."""

import os
from pathlib import Path

import pytest
import torch

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.settings import Prepare
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.dataset import ImageDataset
from pix2pix.data.natural_order import natural_key
from pix2pix.evaluate.evaluate import evaluate, image_metrics
from pix2pix.evaluate.evaluator import Evaluator
from pix2pix.inference.predictions import predict_dataset
from pix2pix.metrics.features.efficientnet_lite0 import EfficientNetLite0Features
from pix2pix.metrics.labels import MEAN, REFERENCE
from pix2pix.metrics.labels import MODEL as MODEL_ROW
from pix2pix.models.build import build_networks
from pix2pix.models.files import SavedModel
from pix2pix.prepare.prepare import prepare
from pix2pix.prepare.unpack import Limits, unpack
from pix2pix.train.step import TrainingStep

REAL = os.environ.get("PIX2PIX_REAL_DATA")
pytestmark = pytest.mark.skipif(
    not REAL, reason="PIX2PIX_REAL_DATA names no folder with facades.tar.gz, food_resized.zip, anime_resized.zip"
)
MODEL = ModelSettings(ngf=4, ndf=4, crop_size=32)


@pytest.mark.parametrize(
    ("archive", "kind", "direction", "counts"),
    [
        ("facades.tar.gz", "pairs", "BtoA", {"train": 400, "val": 100, "test": 106}),
        ("food_resized.zip", "lab", "AtoB", {"train": 1000, "val": 200}),
        ("anime_resized.zip", "lab", "AtoB", {"train": 1000, "val": 150}),
    ],
)
def test_an_archive_runs_to_the_end(archive: str, kind: str, direction: str, counts: dict[str, int], tmp_path: Path) -> None:
    unpacked, prepared = tmp_path / "unpacked", tmp_path / "prepared"
    files = unpack(Path(str(REAL)) / archive, unpacked, limits=Limits(), progress=False).files
    eval_split = list(counts)[-1]
    done = prepare(
        unpacked, files, prepared, Prepare(load_size=36, crop_size=32, workers=1), kind=kind, direction=direction, eval_split=eval_split
    )  # fmt: skip
    stores = {split: ImageDataset(prepared / split) for split in counts}
    assert not done.skipped and done.files.used == done.files.total and {split: len(store) for split, store in stores.items()} == counts
    assert stores["train"].names == sorted(stores["train"].names, key=natural_key), "1, 2, … 10, not 1, 10, 2"
    train, test = stores["train"], stores[eval_split]
    settings = TrainSettings(epochs=1, batch_size=8)
    networks = build_networks(train.planes.channels_in, train.planes.channels_out, MODEL, seed=0)
    step = TrainingStep(*networks, settings, train.planes, MODEL.crop_size, torch.device("cpu"))
    none = torch.zeros(8, dtype=torch.int64)
    assert all(step(train.read(range(i, i + 8)), none, none, none > 0).isfinite().all() for i in (0, 8))
    folder = tmp_path / "predictions"
    model = SavedModel(step.generator, "real", kind, direction, train.planes, MODEL, "running", 1)
    predict_dataset(model, test, folder, norm=None, batch_size=16, device=torch.device("cpu"))
    assert sorted(path.stem for path in folder.glob("*.png")) == sorted(test.names)
    few = test.names[:12]
    colouring = kind == "lab"
    evaluator = Evaluator(image_metrics({}, colouring=colouring), EfficientNetLite0Features(), torch.device("cpu"), batch_size=4)
    result = evaluate(folder, few, train, colouring=colouring, evaluator=evaluator)
    rows = {row["name"]: row for row in result.rows}
    assert len(result.images) == 12 and rows[MODEL_ROW]["l1"] is not None
    reference, mean = rows[REFERENCE]["fd_efficientnet_lite0"], rows[MEAN]["fd_efficientnet_lite0"]
    assert isinstance(reference, float) and isinstance(mean, float) and 0 < reference < mean, (
        "real photos are nearer to real ones than a blur is"
    )
