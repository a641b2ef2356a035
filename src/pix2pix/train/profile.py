"""PyTorch profiler trace of some updates, for chrome://tracing or Perfetto."""

from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

_WARM_UP = 3  # updates before the recording, which select kernels and capture the CUDA graph


class StepProfiler:
    """Records `steps` updates, after 3 warm-up updates of this process. 0 turns it off, at no cost."""

    def __init__(self, steps: int, device: torch.device, folder: Path) -> None:
        self._left, self._warm_up, self._folder = steps, _WARM_UP, folder
        activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if device.type == "cuda" else [])]
        self._profile = profile(activities=activities) if steps else None

    def step(self) -> Path | None:
        """Call after each update. Returns the trace's file after the last recorded update, else None."""
        if self._profile is None:
            return None
        if self._warm_up:
            self._warm_up -= 1
            if not self._warm_up:
                self._profile.start()
            return None
        self._left -= 1
        return None if self._left else self.finish()

    def finish(self) -> Path | None:
        """Stop early and return the trace's file. None if nothing is being recorded."""
        if self._profile is None or self._warm_up:
            return None
        self._profile.stop()
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / "trace.json"
        self._profile.export_chrome_trace(str(path))
        self._profile = None
        return path
