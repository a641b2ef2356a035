"""How every stage begins and ends: the whole of params.yaml checked, the runtime fixed, a user's mistake told in one message."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import ClassVar

from pix2pix.config.params import load_active, load_settings
from pix2pix.config.settings import Settings
from pix2pix.errors import UserError
from pix2pix.system import runtime
from stages import paths


class Stop:
    """Remembers the signal that asked this process to end, so that work can stop at a good moment."""

    by: ClassVar[int] = signal.SIGINT  # which signal ended the work; decides the exit code, as shells count it

    def __init__(self) -> None:
        self.signal: int | None = None

    def catch(self) -> None:
        """From now on Ctrl-C and SIGTERM are remembered; a second one ends the process at once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._asked)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        self.signal = Stop.by = number
        signal.signal(number, signal.SIG_DFL)

    def __call__(self) -> bool:
        return self.signal is not None


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
