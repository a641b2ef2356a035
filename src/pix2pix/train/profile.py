"""PyTorch profiler trace of some updates, for chrome://tracing or Perfetto."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

_WARM_UP = 3  # updates before the recording, which select kernels and capture the CUDA graph


class StepProfiler:
    """Records `steps` updates, after 3 warm-up updates of this process. 0 turns it off, at no cost."""

    def __init__(self, steps: int, device: torch.device, folder: Path, on_trace: Callable[[Path], None]) -> None:
        """on_trace: called with the trace's file when it is written."""
        self._left, self._warm_up, self._folder, self._on_trace = steps, _WARM_UP, folder, on_trace
        activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if device.type == "cuda" else [])]
        self._profile = profile(activities=activities) if steps else None

    def step(self) -> None:
        """Call after each update."""
        if self._profile is None:
            return
        if self._warm_up:
            self._warm_up -= 1
            if not self._warm_up:
                self._profile.start()
            return
        self._left -= 1
        if not self._left:
            self.finish()

    def finish(self) -> None:
        """Write the trace of what was recorded until now."""
        if self._profile is None or self._warm_up:
            return
        self._profile.stop()
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / "trace.json"
        self._profile.export_chrome_trace(str(path))
        self._profile = None
        self._on_trace(path)
