"""Check all of params.yaml before anything else runs."""

from pix2pix.config.settings import Settings
from pix2pix.system.atomic_write import write_text
from stages import paths, run_all


def check(active: list[Settings]) -> None:
    """Write data/.checked, on which every download depends. Its content is constant, so it makes no download run again."""
    write_text(paths.CHECKED, "ok\n")


if __name__ == "__main__":
    run_all(check)
