"""The stages of the pipeline: dvc.yaml runs `python -m stages.<stage> <dataset>`.

Every stage starts here: this module validates the whole of params.yaml, sets determinism, and prints a user's mistake as one message
without a traceback.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

# Until `_run` handles signals, Ctrl-C ends a stage without a traceback, as SIGTERM does. In the background the shell may have it ignored.
if sys.argv[0] == "-m" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # -m: this is `python -m stages.…`
    signal.signal(signal.SIGINT, signal.SIG_DFL)

# Import the package beside this folder, not an installed one: `dvc exp run --temp` and the queue work in a copy of the repository, and
# must run the code of that copy.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from pix2pix.config.params import load_active, load_settings
from pix2pix.config.settings import Settings
from pix2pix.errors import UserError
from pix2pix.system.cache_rights import check_cache
from pix2pix.system.extras import extras_named
from pix2pix.system.interrupts import Stop, end_with_parent, raise_interrupts
from pix2pix.system.runtime import set_deterministic
from pix2pix.system.terminal import say_error
from stages import paths


def run(stage: Callable[[Settings], None]) -> None:
    """Run the stage of one dataset, named on the command line."""
    parser = _parser()
    parser.add_argument("dataset", help="a row of `datasets` in params.yaml")
    dataset = parser.parse_args().dataset

    def work() -> None:
        settings = load_settings(paths.PARAMS, dataset)
        set_deterministic(settings.runtime)
        stage(settings)

    _run(work)


def run_all(stage: Callable[[list[Settings]], None]) -> None:
    """Run a stage over all active datasets."""
    _parser().parse_args()

    def work() -> None:
        active = load_active(paths.PARAMS)
        for settings in active:
            set_deterministic(settings.runtime)
        stage(active)

    _run(work)


def _run(work: Callable[[], None]) -> None:
    """Run `work`; print a UserError or a signal as one message, and exit with 1 or 128 plus the signal's number."""
    raise_interrupts()
    name = _module_name().removeprefix("python -m stages.")
    is_rank0 = os.environ.get("RANK", "0") == "0"
    try:
        if "DVC_STAGE" in os.environ:
            end_with_parent()
            with suppress(ModuleNotFoundError):  # DVC may be installed elsewhere
                check_cache(Path())
        with extras_named():
            work()
    except UserError as error:
        if not is_rank0:
            time.sleep(2)  # rank 0 prints an error that all ranks have; torchrun then ends the others
        say_error(name, error)
        raise SystemExit(1) from None
    except KeyboardInterrupt as interrupt:
        if is_rank0:
            say_error(name, f"{str(interrupt) or 'stopped'}: run the same command again to go on")
        raise SystemExit(128 + Stop.by) from None


def _parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=_module_name(), description=sys.modules["__main__"].__doc__)


def _module_name() -> str:
    spec = sys.modules["__main__"].__spec__
    return f"python -m {spec.name}" if spec else "stage"
