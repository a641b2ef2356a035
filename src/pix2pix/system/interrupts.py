"""Signals that ask a process to end: Ctrl-C and SIGTERM."""

import signal
from types import FrameType
from typing import ClassVar


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
