"""Run the trained generator on every image of the evaluation split."""

from pix2pix.config.settings import Settings
from pix2pix.system import gpus, runtime
from pix2pix.system.terminal import say
from stages import paths, run


def infer(settings: Settings) -> None:
    """Write data/predictions/<dataset>: the outputs as PNG, inputs/ and targets/ beside them, and index.html."""
    from pix2pix.data.dataset import ImageDataset
    from pix2pix.inference.predictions import predict_dataset
    from pix2pix.models.files import load_model
    from pix2pix.pages.gallery import write_gallery

    dataset, how = settings.dataset, settings.infer
    [device] = gpus.acquire(runtime.select_device(settings.runtime))
    images = ImageDataset(paths.prepared(dataset) / settings.eval_split)
    folder = paths.predictions(dataset)
    predict_dataset(load_model(paths.model(dataset)), images, folder, norm=how.norm, batch_size=how.batch_size, device=device)
    measured = f"../../{paths.gallery(dataset).relative_to(paths.DATA)}"
    write_gallery(folder / "index.html", title=f"{dataset}: {settings.eval_split}", names=images.names, measured=measured)
    say(f"{dataset}: {len(images)} images of {settings.eval_split}, see {folder / 'index.html'}")


if __name__ == "__main__":
    run(infer)
