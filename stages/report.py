"""One page over all active datasets: metrics, example images, training curves."""

from pix2pix.config.settings import Settings
from pix2pix.system.terminal import say
from stages import paths, run_all


def report(active: list[Settings]) -> None:
    """Write data/report/index.html from data/summaries/<dataset>.json, and remove the summaries of datasets that are not active.

    DVC leaves the outputs of a dataset that is no longer active. The report depends on the whole folder data/summaries, and its hash must
    be that of a fresh clone, so their summaries are removed here. DVC's cache keeps them.
    """
    from pix2pix.report.page import read_summaries, write_report

    page = paths.REPORT / "index.html"
    write_report(page, read_summaries(paths.SUMMARIES, [settings.dataset for settings in active]))
    say(f"open {page}")


if __name__ == "__main__":
    run_all(report)
