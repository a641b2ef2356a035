"""The page of all runs brought up to date, where that can be done."""

from pathlib import Path

from filelock import FileLock

from pix2pix.errors import UserError
from pix2pix.runs.experiments import results
from pix2pix.runs.page import write_runs
from pix2pix.runs.table import groups

PICTURED = 50  # runs of a dataset, the newest ones, whose last sample is shown: each costs time whenever a report is made


def refresh_runs(page: Path, root: Path, *, recorded: bool, lock: Path) -> str | None:
    """Write the table of the runs and experiments of the repository at `root`.

    The table is worth no failure of what is made beside it. Without MLflow's records the page that was there stays, and where there was
    none it has DVC's experiments alone.

    Args:
        page: the HTML file; its folder is made.
        root: the repository's root.
        recorded: whether MLflow may be asked.
        lock: a file for experiments that run side by side, so that only one at a time writes the page.

    Returns:
        Why the page is not up to date, None where it is.
    """
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock):
            missing = _write_all(page, root) if recorded else "tracking.enabled is false, so MLflow was not asked for its runs"
            if missing and not page.exists():
                write_runs(page, groups([], results(root)), [], None, note=f"{missing}.")
    except OSError as problem:
        return f"{problem.filename} cannot be written: {problem.strerror}"
    return missing


def _write_all(page: Path, root: Path) -> str | None:
    from pix2pix.tracking.lookup import Records  # knows MLflow, which takes seconds to import

    try:
        records = Records(root)
        runs = records.all()
        write_runs(page, groups(runs, results(root)), runs, records, pictured=PICTURED)
    except UserError as problem:
        return str(problem)
    return None
