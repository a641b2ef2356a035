"""Write what the report shows of one dataset into one file."""

from pix2pix.config.settings import Settings
from stages import paths, run


def summary(settings: Settings) -> None:
    """Write data/summaries/<dataset>.json."""
    from pix2pix.summary.chain import read_chain
    from pix2pix.summary.summary import write_summary

    dataset = settings.dataset
    chain = read_chain(
        dataset, settings.kind, settings.direction, model=paths.model(dataset), evaluation=paths.evaluation(dataset),
        history=paths.history(dataset), predictions=paths.predictions(dataset), samples=paths.samples(dataset),
    )  # fmt: skip
    write_summary(paths.summary(dataset), chain)


if __name__ == "__main__":
    run(summary)
