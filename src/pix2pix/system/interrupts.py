"""Handle SIGINT (Ctrl-C), SIGTERM, and SIGHUP (the terminal was closed)."""

import ctypes
import os
import signal
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import ClassVar


class Stop:
    """Records a signal, so that a loop can stop between two steps: calling the object says whether one arrived."""

    by: ClassVar[int] = signal.SIGINT  # the last signal recorded; the exit code is 128 plus its number, as in shells

    def __init__(self) -> None:
        self.signal: int | None = None

    def catch(self) -> None:
        """Record the signals from now on; a second one ends the process at once."""
        _handle((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), self._record)

    def _record(self, number: int, frame: FrameType | None) -> None:
        self.signal = Stop.by = number
        _leave_terminal(number)
        if number != signal.SIGHUP:
            signal.signal(number, signal.SIG_DFL)

    def __call__(self) -> bool:
        return self.signal is not None


def raise_interrupts() -> None:
    """From now on SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt; one that arrives during an import does so when that ends.

    By default the last two end Python at once: temporary files stay, and a run in MLflow stays RUNNING.
    """
    _handle((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), _interrupt)


def end_with_parent() -> None:
    """Send this process SIGTERM when its parent ends (Linux), so that killing DVC also ends the stage, which saves its state."""
    with suppress(AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _handle(numbers: tuple[int, ...], handler: Callable[[int, FrameType | None], object]) -> None:
    """Set the handler of all of these signals that are not ignored, as SIGHUP is under `nohup`."""
    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    Stop.by = number
    if _is_import(frame):  # where C code imports, as PyTorch does NumPy, an exception is printed or lost
        again = threading.Timer(0.05, os.kill, (os.getpid(), number))
        again.daemon = True
        again.start()
        return
    _leave_terminal(number)
    raise KeyboardInterrupt


def _is_import(frame: FrameType | None) -> bool:
    """Whether a module is being imported."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _leave_terminal(number: int) -> None:
    """After SIGHUP, print to nowhere, as writing to a closed terminal fails, and ignore the signal, which shell and kernel both send."""
    if number == signal.SIGHUP:
        signal.signal(number, signal.SIG_IGN)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):
            with suppress(OSError):  # it may be closed
                if stat.S_ISCHR(os.fstat(descriptor).st_mode):
                    os.dup2(nowhere, descriptor)
