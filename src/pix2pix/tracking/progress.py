"""Progress of a training: a bar on a terminal, else a line every 15 seconds."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from tqdm import tqdm

from pix2pix.metrics.labels import loss_label
from pix2pix.system.terminal import say

_LINE_SECONDS = 15.0  # between two lines, if there is no terminal


class ProgressBar:
    """Shows epoch, images per second, time left and losses of a training."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bar: tqdm[Any] | None = None
        self._epochs, self._steps, self._start, self._done, self._images = 0, 1, 0, 0, 0
        self._began = self._reported = time.monotonic()

    def started(self, epochs: int, steps: int, epoch: int, step: int) -> None:
        """Start the bar at `step` (from 0) of `epoch` (from 1), out of `epochs` epochs of `steps` batches."""
        self._epochs, self._steps, self._done = epochs, steps, (epoch - 1) * steps + step
        self._start = self._done
        self._began = self._reported = time.monotonic()
        self._bar = tqdm(total=epochs * steps, initial=self._done, desc=self._name, unit="step", disable=None, mininterval=0.5)
        if self._done:
            say(f"{self._name}: going on at epoch {epoch} of {epochs}, step {step}")

    def stepped(self, images: int, losses: Callable[[], Mapping[str, float]]) -> None:
        """A batch is done. The losses are read only when something is shown, as reading may make a GPU wait."""
        self._done += 1
        self._images += images
        assert self._bar is not None
        drawn = self._bar.update(1)
        now = time.monotonic()
        if drawn or (self._bar.disable and now - self._reported >= _LINE_SECONDS):
            self._reported = now
            text = self._text(now, losses())
            if self._bar.disable:
                left = (now - self._began) / max(self._done - self._start, 1) * (self._epochs * self._steps - self._done)
                say(f"{self._name}: {text}, {left:.0f} s left")
            else:
                self._bar.set_postfix_str(text, refresh=False)

    def close(self) -> None:
        """End the bar's line."""
        if self._bar is not None:
            self._bar.close()

    def _text(self, now: float, losses: Mapping[str, float]) -> str:
        epoch = min(self._done // self._steps + 1, self._epochs)
        rate = self._images / max(now - self._began, 1e-9)
        shown = ", ".join(f"{loss_label(name)} {value:.4f}" for name, value in losses.items())
        return f"epoch {epoch}/{self._epochs}, {rate:.0f} images/s, {shown}"
