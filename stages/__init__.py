"""The programs of the pipeline: `python -m stages.<stage> <dataset>` is what dvc.yaml runs.

Every stage begins and ends here: the whole of params.yaml is checked, determinism is set, and a user's mistake is one message.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

# The package beside this folder, not an installed copy: `dvc exp run --temp` and the queue work in a copy of the repository,
# and what they run must be the code of that copy.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from pix2pix.config.params import load_active, load_settings
from pix2pix.config.settings import Settings
from pix2pix.errors import UserError
from pix2pix.system import runtime
from pix2pix.system.interrupts import Stop
from stages import paths


def run(stage: Callable[[Settings], None]) -> None:
    """Run the stage of one dataset, named on the command line."""
    parser = argparse.ArgumentParser(prog=_module(), description=sys.modules["__main__"].__doc__)
    parser.add_argument("dataset", help="a row of `datasets` in params.yaml")
    dataset = parser.parse_args().dataset
    _guard(lambda: stage(_pinned(load_settings(paths.PARAMS, dataset))))


def run_all(stage: Callable[[list[Settings]], None]) -> None:
    """Run a stage over all active datasets."""
    argparse.ArgumentParser(prog=_module(), description=sys.modules["__main__"].__doc__).parse_args()
    _guard(lambda: stage([_pinned(settings) for settings in load_active(paths.PARAMS)]))


def _pinned(settings: Settings) -> Settings:
    runtime.pin(settings.runtime)
    return settings


def _module() -> str:
    spec = sys.modules["__main__"].__spec__
    return f"python -m {spec.name}" if spec else "stage"


def _terminated(number: int, frame: FrameType | None) -> None:
    Stop.by = number
    raise KeyboardInterrupt


def _guard(work: Callable[[], None]) -> None:
    signal.signal(signal.SIGTERM, _terminated)  # its default ends Python on the spot, with half-made files left and a run for ever RUNNING
    name = _module().removeprefix("python -m stages.")
    try:
        work()
    except UserError as error:
        if not _first():
            time.sleep(2)  # process 0 says the same of what concerns all, and then the launcher ends the others
        print(f"{name}: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt as stopped:
        if _first():
            print(f"{name}: {str(stopped) or 'stopped'}: run the same command again to go on", file=sys.stderr)
        raise SystemExit(128 + Stop.by) from None


def _first() -> bool:
    """Whether this process is alone, or number 0 of those that torchrun started."""
    return os.environ.get("RANK", "0") == "0"
