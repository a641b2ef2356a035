"""Check all of params.yaml before anything else runs."""

from pix2pix.config.settings import Settings
from pix2pix.system.atomic_write import write_text
from stages import paths, run_all


def check(active: list[Settings]) -> None:
    """Write data/.checked, on which every download depends, and data/noise, on which a training from random weights depends.

    Their content is constant, so they make nothing run again."""
    write_text(paths.CHECKED, "ok\n")
    write_text(paths.NOISE, "No model: a training whose train.start_from is this file starts from random weights.\n")


if __name__ == "__main__":
    run_all(check)
