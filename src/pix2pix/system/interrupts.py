"""Handle SIGINT (Ctrl-C) and SIGTERM."""

import signal
from types import FrameType
from typing import ClassVar


class Stop:
    """Records SIGINT or SIGTERM, so that a loop can stop between two steps: calling the object says whether one arrived."""

    by: ClassVar[int] = signal.SIGINT  # the last signal recorded; the exit code is 128 plus its number, as in shells

    def __init__(self) -> None:
        self.signal: int | None = None

    def catch(self) -> None:
        """Record Ctrl-C and SIGTERM from now on; a second one ends the process at once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._record)

    def _record(self, number: int, frame: FrameType | None) -> None:
        self.signal = Stop.by = number
        signal.signal(number, signal.SIG_DFL)

    def __call__(self) -> bool:
        return self.signal is not None
