"""Write what the report shows of one dataset into one file, and the gallery of its images with their metrics."""

from pix2pix.config.settings import Settings
from stages import paths, run


def summary(settings: Settings) -> None:
    """Write data/summaries/<dataset>.json and data/gallery/<dataset>.html.

    The gallery is written here, not in the folder of the predictions, because it shows what evaluate measured, and DVC lets no stage write
    into another's output.
    """
    from pix2pix.summary.chain import read_chain
    from pix2pix.summary.gallery import write_measured_gallery
    from pix2pix.summary.summary import write_summary

    dataset = settings.dataset
    chain = read_chain(
        dataset, settings.kind, settings.direction, model=paths.model(dataset), evaluation=paths.evaluation(dataset),
        history=paths.history(dataset), predictions=paths.predictions(dataset), samples=paths.samples(dataset),
    )  # fmt: skip
    write_summary(paths.summary(dataset), chain)
    write_measured_gallery(paths.gallery(dataset), chain)


if __name__ == "__main__":
    run(summary)
