"""Train generator and discriminator of one dataset."""

import csv
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pix2pix import runtime
from pix2pix.settings.chain import Settings
from stages import entry, paths

if TYPE_CHECKING:
    from torch import nn

    from pix2pix.report.samples.sheets import SampleSheets
    from pix2pix.tracking import Run
    from pix2pix.tracking.progress import ProgressBar


class Watch:
    """Shows a training to a person, and records it."""

    def __init__(self, bar: "ProgressBar", run: "Run", sheets: "SampleSheets") -> None:
        self.bar, self.run, self.sheets = bar, run, sheets
        self.started = bar.started

    def stepped(self, images: int, losses: Callable[[], list[float]]) -> None:
        """A batch is done."""
        self.bar.stepped(images, losses)

    def sampled(self, epoch: int, generator: "nn.Module") -> None:
        """Sample pictures are due."""
        self.run.log_picture(self.sheets.write(epoch, generator), "samples", epoch)

    def epoch_ended(self, row: dict[str, float | int], seconds: float, images: int) -> None:
        """A row of the history is complete."""
        figures = {key: value for key, value in row.items() if key != "epoch"}
        self.run.log_epoch(int(row["epoch"]), {**figures, "images_per_second": images / seconds})


def train(settings: Settings) -> None:
    """Fill data/models, data/history and data/samples of the dataset; a killed training goes on where it was."""
    from pix2pix import tracking
    from pix2pix.data.store import ImageStore
    from pix2pix.models.files import SavedModel, save_model
    from pix2pix.report.samples.sheets import SampleSheets, publish
    from pix2pix.tracking.progress import ProgressBar
    from pix2pix.training.loop import Training, inference_norm
    from pix2pix.training.state import ResumableState, code_digest, fingerprint

    dataset, stop = settings.dataset, entry.Stop()
    device = runtime.set_up(settings.runtime)
    stores = {split: ImageStore(paths.prepared(dataset) / split) for split in ("train", "val")}
    decides = [asdict(settings.train), asdict(settings.model), asdict(settings.runtime), settings.seed, code_digest()]
    key = f"{dataset}-{fingerprint({'settings': decides, 'data': {split: store.digest for split, store in stores.items()}})}"
    print(f"{dataset}: {settings.train.epochs} epochs of {len(stores['train'])} images on {device}", flush=True)
    with ResumableState(paths.resume(), key) as state:
        note = state.folder / "run_id"
        run = tracking.open_run(
            dataset,
            root=paths.root(),
            settings=tracking.TrackingSettings(**asdict(settings.tracking)),
            params={**settings.flat(), "source": tracking.shown(settings.source)},
            tags={"device": str(device)},
            data_digest=tracking.data_digest(paths.LOCK, dataset),
            resume_run_id=note.read_text() if note.exists() else None,
        )
        sheets = SampleSheets(stores["val"], state.folder / "samples", device)
        bar = ProgressBar(f"train {dataset}")
        with run:
            note.write_text(run.run_id)
            stop.catch()
            training = Training(
                stores["train"], stores["val"], settings.model, settings.train,
                seed=settings.seed, device=device, state=state, observer=Watch(bar, run, sheets), stop=stop,
            )  # fmt: skip
            try:
                trained = training.run()
            finally:
                bar.close()
            norm = inference_norm(settings.train)
            layout, epochs = stores["train"].layout, settings.train.epochs
            model = SavedModel(trained.generator, dataset, settings.kind, settings.direction, layout, settings.model, norm, epochs)
            save_model(paths.model(dataset), model)
            _write_history(dataset, trained.rows)
            publish(sheets.folder, paths.samples(dataset))
            run.tag({"model.sha256": tracking.model_sha256(paths.model(dataset))})
            run.log_folder(paths.model(dataset), "model")
            run.log_file(paths.prepared(dataset) / "skipped.json", "data")
        state.clear()


def _write_history(dataset: str, rows: list[dict[str, Any]]) -> None:
    path = paths.history(dataset)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    entry.run(train)
